# Scheduled queries of BigQuery: one of the same name that is there already is left alone, so it can be run again.
EXECUTE=0 MODE=create MISSING=0 LISTED="" NAME=""
HERE="$(cd "$(dirname "$0")" && pwd)"

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

usage() {
  say "usage: $(basename "$0") [--execute] [--verify | --remove]"
  say ""
  say "Without --execute it prints each command and changes nothing (nor reads anything)."
  say "--verify reads what is there and changes nothing; --remove deletes the queries of these names, and nothing else."
  say "Exit: 0 done, 1 a command failed, 2 usage, 3 a query is missing (--verify)."
}

parse_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --execute) EXECUTE=1 && shift ;;
      --verify) MODE=verify EXECUTE=1 && shift ;;
      --remove) MODE=remove && shift ;;
      --help | -h) usage && exit 0 ;;
      *) fail 2 "$(printf '%q' "$1") is not an option of this script; --help lists them." ;;
    esac
  done
  [ "$EXECUTE" -eq 0 ] || command -v bq >/dev/null || fail 2 "bq is not installed; install Google Cloud's SDK and try again."
  [ "$EXECUTE" -eq 1 ] || say "Dry run: nothing is changed. Add --execute to run these commands."
}

# run COMMAND…: print a command, its query cut, and run it when executing.
run() {
  local text
  text=$(printf '%q ' "${@:1:$#-1}")
  say "  ${text}$(printf '%q' "${!#}" | cut -c 1-60)…"
  [ "$EXECUTE" -eq 0 ] || "$@" </dev/null
}

# standing PROJECT LOCATION TITLE: the transfer configuration of that title in NAME; '' in a dry run or without one.
standing() {
  NAME=""
  [ "$EXECUTE" -eq 1 ] || return 0
  [ -n "$LISTED" ] || LISTED=$(bq "--project_id=$1" --format=sparse ls --transfer_config "--transfer_location=$2" \
    --max_results=1000 </dev/null)
  NAME=$(awk -v title=" $3 " 'index($0, title) { print $1; exit }' <<<"$LISTED")
}

# schedule PROJECT LOCATION DATASET TITLE SCHEDULE FILE: one scheduled query, its parameters from a file.
schedule() {
  standing "$1" "$2" "$4"
  say "$4 in $1, $5 (UTC)"
  case "$MODE" in
    create)
      if [ -n "$NAME" ]; then say "  there already: $NAME" && return; fi
      run bq "--project_id=$1" "--location=$2" mk --transfer_config --data_source=scheduled_query "--target_dataset=$3" \
        "--display_name=$4" "--schedule=$5" "--params=$(cat "$HERE/$6")"
      ;;
    verify)
      if [ -n "$NAME" ]; then say "  there: $NAME"; else MISSING=$((MISSING + 1)) && say "  missing"; fi
      ;;
    remove)
      if [ "$EXECUTE" -eq 1 ] && [ -z "$NAME" ]; then say "  not there" && return; fi
      run bq "--project_id=$1" "--location=$2" rm -f --transfer_config "${NAME:-NAME}"
      ;;
  esac
}

finish() { [ "$MISSING" -eq 0 ] || exit 3; }
