# Buying commitments: prints each purchase; with --execute it makes the one that --only names, once its words were typed.
PROJECT="PROJECT_NEEDED" REGION="REGION_NEEDED" EDITION="EDITION_NEEDED" ONLY="" EXECUTE=0
FOUND=0 OFFERED=0 BOUGHT=0

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

shown() { printf '%q' "$1"; }

usage() {
  say "usage: $(basename "$0") [--execute --only NAME] [--project P] [--region R] [--edition E]"
  say ""
  say "Without --execute it prints what would be bought and buys nothing."
  say "--only NAME   the one purchase to make; 1 and 3 years are two ways to cover the same usage, so never both"
  say "--project P   where the commitment is made (slots: the administration project of the reservations)"
  say "--region R    where the bill names no region"
  say "--edition E   slots only: ENTERPRISE or ENTERPRISE_PLUS, whichever the reservations have"
  say "Exit: 0 done, 1 the command failed, 2 usage or something needed is missing, 3 not bought."
}

parse_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --project | --region | --edition | --only)
        [ $# -ge 2 ] && [ -n "$2" ] || fail 2 "$1 needs a value, for example $1 NAME."
        case "$1" in
          --project) PROJECT="$2" ;;
          --region) REGION="$2" ;;
          --edition) EDITION="$2" ;;
          *) ONLY="$2" ;;
        esac
        shift 2
        ;;
      --execute) EXECUTE=1 && shift ;;
      --help | -h) usage && exit 0 ;;
      *) fail 2 "$(shown "$1") is not an option of this script; --help lists them." ;;
    esac
  done
}

start() {
  if [ "$EXECUTE" -eq 0 ]; then
    say "Dry run: nothing is bought. Read the decision memo first: no commitment can be cancelled."
    return
  fi
  [ -n "$ONLY" ] || fail 2 "--execute needs --only NAME: one purchase at a time. Nothing was bought."
}

# in_console NAME STEP…: what no command buys, with the numbers to enter.
in_console() {
  local name="$1" number=0 step
  shift
  [ "$ONLY" != "$name" ] || fail 2 "$(shown "$name") is bought in the console; no command buys it. Nothing was bought."
  [ "$EXECUTE" -eq 0 ] && [ -z "$ONLY" ] || return 0
  say ""
  say "in the console  $(shown "$name")"
  for step in "$@"; do
    number=$((number + 1))
    say "  $number. $step"
  done
}

# purchase NAME WHAT TYPED COMMAND…: print one command, or run it after TYPED was typed.
purchase() {
  local name="$1" what="$2" typed="$3" word text answer=""
  shift 3
  OFFERED=$((OFFERED + 1))
  [ -z "$ONLY" ] || [ "$ONLY" = "$name" ] || return 0
  FOUND=1
  text=$(printf '%q ' "$@")
  say ""
  say "$name: $what"
  say "  one way: ${text% }"
  [ "$EXECUTE" -eq 1 ] || return 0
  for word in "$@"; do
    case "$word" in
      *PROJECT_NEEDED*) fail 2 "Give the project with --project P. Nothing was bought." ;;
      *REGION_NEEDED*) fail 2 "Give the region with --region R. Nothing was bought." ;;
      *EDITION_NEEDED*) fail 2 "Give the edition with --edition ENTERPRISE or ENTERPRISE_PLUS. Nothing was bought." ;;
    esac
  done
  command -v "$1" >/dev/null || fail 2 "$1 is not installed; install the Google Cloud SDK and try again. Nothing was bought."
  printf '  The fee runs for the whole term, used or not, and cannot be cancelled. Type "%s" to buy: ' "$typed"
  IFS= read -r answer || answer=""
  if [ "$answer" != "$typed" ]; then
    say ""
    say "  not bought"
    return 0
  fi
  # The answers on standard input are for the question here, not for the command.
  "$@" </dev/null
  BOUGHT=1
}

finish() {
  [ -z "$ONLY" ] || [ "$FOUND" -eq 1 ] || fail 2 "--only $(shown "$ONLY") names no purchase of this script."
  say ""
  if [ "$EXECUTE" -eq 0 ]; then
    say "Dry run: $OFFERED purchase(s) by command; nothing was bought."
    return
  fi
  [ "$BOUGHT" -eq 1 ] || exit 3
  say "Bought. The next bills must show it: see the checklist in the decision memo."
}
