# A cap on what a project's queries may scan in a day. It stops queries, so it lies well above what is usual.
EXECUTE=0 MODE=set MISSING=0
SERVICE=bigquery.googleapis.com METRIC=bigquery.googleapis.com/quota/query/usage UNIT='1/d/{project}'

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

usage() {
  say "usage: $(basename "$0") [--execute] [--verify | --remove]"
  say ""
  say "Without --execute it prints each command and changes nothing (nor reads anything). A cap that is there already"
  say "is left alone, whatever it is. --remove takes away the cap of this plan, and no other."
  say "Exit: 0 done, 1 a command failed, 2 usage, 3 a cap is missing (--verify)."
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
  [ "$EXECUTE" -eq 0 ] || command -v gcloud >/dev/null || fail 2 "gcloud is not installed; install it and try again."
  [ "$EXECUTE" -eq 1 ] || say "Dry run: nothing is changed. Add --execute to run these commands."
}

run() {
  local text
  text=$(printf '%q ' "$@")
  say "  ${text% }"
  [ "$EXECUTE" -eq 0 ] || "$@" </dev/null
}

# standing PROJECT: name and value of the cap that is there, separated by a bar; nothing where there is none.
standing() {
  local override='consumerQuotaLimits.quotaBuckets[0].consumerOverride'
  gcloud alpha services quota list "--service=$SERVICE" "--consumer=projects/$1" '--flatten=consumerQuotaLimits[]' \
    "--filter=metric=$METRIC AND consumerQuotaLimits.unit=\"$UNIT\"" "--format=csv[no-heading,separator='|']($override.name,$override.overrideValue)" </dev/null
}

# guard PROJECT MEBIBYTES: the cap of one project.
guard() {
  local found="" override="" value="" place=("--service=$SERVICE" "--consumer=projects/$1" "--metric=$METRIC" "--unit=$UNIT")
  say "BigQuery of $(printf '%q' "$1"): $2 MiB a day"
  if [ "$EXECUTE" -eq 1 ]; then found="$(standing "$1")"; fi
  case "$found" in *'|'*) override="${found%%|*}" override="${override##*/}" value="${found#*|}" ;; esac
  case "$MODE" in
    set)
      if [ -n "$value" ]; then
        say "  left alone: a cap of $value MiB is there already"
        return
      fi
      run gcloud alpha services quota update "${place[@]}" "--value=$2" --force --quiet
      ;;
    verify)
      if [ -n "$value" ] && [ "$value" -ge 0 ] && [ "$value" -le "$2" ]; then say "  set: $value MiB"; else
        MISSING=$((MISSING + 1))
        say "  missing${value:+: it is $value MiB}"
      fi
      ;;
    remove)
      if [ "$EXECUTE" -eq 1 ] && [ "$value" != "$2" ]; then
        say "  not this plan's: left alone"
        return
      fi
      run gcloud alpha services quota delete "${place[@]}" "--override-id=${override:-OVERRIDE_ID}" --force --quiet
      ;;
  esac
}

finish() { [ "$MISSING" -eq 0 ] || exit 3; }
