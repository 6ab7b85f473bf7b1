# Alerts, dashboards and a budget: what is there already (by the plan's label) is left alone, so it can be run again.
EXECUTE=0 MODE=create EMAIL="" ACCOUNT="" CREATED=0 FOUND=0 REMOVED=0 MISSING=0 CHANNEL=""
HERE="$(cd "$(dirname "$0")" && pwd)"

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

usage() {
  say "usage: $(basename "$0") [--execute] [--verify | --remove] [--email ADDRESS] [--billing-account ID]"
  say ""
  say "Without --execute it prints each command and changes nothing (nor reads anything)."
  say "--verify reads what is there and changes nothing; --remove deletes what this plan made, and nothing else."
  say "--email ADDRESS       who is told (a channel is made for it, in each project); without it nobody is"
  say "--billing-account ID  where the budget goes, where the bill does not name it"
  say "Exit: 0 done, 1 a command failed, 2 usage, 3 something is missing (--verify)."
}

parse_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --execute) EXECUTE=1 && shift ;;
      --verify) MODE=verify EXECUTE=1 && shift ;;
      --remove) MODE=remove && shift ;;
      --email | --billing-account)
        [ $# -ge 2 ] && [ -n "$2" ] || fail 2 "$1 needs a value, for example $1 NAME."
        if [ "$1" = --email ]; then EMAIL="$2"; else ACCOUNT="$2"; fi
        shift 2
        ;;
      --help | -h) usage && exit 0 ;;
      *) fail 2 "$(printf '%q' "$1") is not an option of this script; --help lists them." ;;
    esac
  done
  [ "$EXECUTE" -eq 0 ] || command -v gcloud >/dev/null || fail 2 "gcloud is not installed; install it and try again."
  [ "$EXECUTE" -eq 1 ] || say "Dry run: nothing is changed. Add --execute to run these commands."
}

# run COMMAND…: print a command, and run it when executing.
run() {
  local text
  text=$(printf '%q ' "$@")
  say "  ${text% }"
  [ "$EXECUTE" -eq 0 ] || "$@" </dev/null
}

# names COMMAND…: the first name that a listing finds; nothing in a dry run. (--limit would cut before it filters.)
names() { if [ "$EXECUTE" -eq 1 ]; then "$@" </dev/null | sed -n 1p; fi; }

# channel PROJECT: the notification channel of this plan in CHANNEL, made where an address was given.
channel() {
  CHANNEL=""
  [ -n "$EMAIL" ] || [ "$MODE" != create ] || return 0
  local filter="userLabels.cloudlever=\"$FINGERPRINT\""
  CHANNEL=$(names gcloud beta monitoring channels list "--project=$1" "--filter=$filter" '--format=value(name)')
  [ -z "$CHANNEL" ] && [ "$MODE" = create ] || return 0
  say "channel for $EMAIL in $1"
  run gcloud beta monitoring channels create "--project=$1" --type=email "--channel-labels=email_address=$EMAIL" \
    "--display-name=Cloudlever $FINGERPRINT" "--user-labels=cloudlever=$FINGERPRINT" --quiet
  CREATED=$((CREATED + 1))
  CHANNEL=$(names gcloud beta monitoring channels list "--project=$1" "--filter=$filter" '--format=value(name)')
  [ "$EXECUTE" -eq 1 ] || CHANNEL=CHANNEL
}

# settle WHAT NAME CREATE… -- DELETE…: create what is missing, or verify, or delete what is there.
settle() {
  local what="$1" name="$2" words=()
  shift 2
  while [ "$1" != -- ]; do words+=("$1") && shift; done
  shift
  say "$what"
  case "$MODE" in
    create)
      if [ -n "$name" ]; then FOUND=$((FOUND + 1)) && say "  there already: $name" && return 0; fi
      run "${words[@]}"
      CREATED=$((CREATED + 1))
      ;;
    verify)
      if [ -n "$name" ]; then FOUND=$((FOUND + 1)) && say "  there: $name"; else MISSING=$((MISSING + 1)) && say "  missing"; fi
      ;;
    remove)
      if [ "$EXECUTE" -eq 1 ] && [ -z "$name" ]; then say "  not there" && return 0; fi
      run "$@" "${name:-NAME}" --quiet
      REMOVED=$((REMOVED + 1))
      ;;
  esac
}

# policy PROJECT SLUG: an alert policy, from its file.
policy() {
  local name words=(gcloud alpha monitoring policies create "--project=$1" "--policy-from-file=$HERE/policies/$2.json")
  name=$(names gcloud alpha monitoring policies list "--project=$1" '--format=value(name)' \
    "--filter=userLabels.cloudlever=\"$FINGERPRINT\" AND userLabels.alert=\"$2\"")
  [ -z "$CHANNEL" ] || words+=("--notification-channels=$CHANNEL")
  settle "alert $2 in $1" "$name" "${words[@]}" --quiet -- gcloud alpha monitoring policies delete "--project=$1"
}

# dashboard PROJECT FILE: a dashboard, from its file.
dashboard() {
  local name
  name=$(names gcloud monitoring dashboards list "--project=$1" "--filter=displayName=\"Cloudlever $FINGERPRINT\"" \
    '--format=value(name)')
  settle "dashboard in $1" "$name" gcloud monitoring dashboards create "--project=$1" "--config-from-file=$HERE/$2" \
    --quiet -- gcloud monitoring dashboards delete "--project=$1"
}

# budget ACCOUNT TITLE AMOUNT_AND_CURRENCY: the budget of the plan's month; it tells, it does not cap.
budget() {
  local account="${ACCOUNT:-$1}" name
  if [ -z "$account" ]; then
    [ "$EXECUTE" -eq 0 ] || [ "$MODE" != create ] || say "no budget: give --billing-account ID"
    [ "$EXECUTE" -eq 0 ] || return 0
    account=BILLING_ACCOUNT_NEEDED
  fi
  name=$(names gcloud billing budgets list "--billing-account=$account" "--filter=displayName=\"$2\"" \
    '--format=value(name)')
  local words=(gcloud billing budgets create "--billing-account=$account" "--display-name=$2" "--budget-amount=$3"
    --calendar-period=month --credit-types-treatment=include-all-credits --threshold-rule=percent=0.8
    --threshold-rule=percent=1.0 "--threshold-rule=percent=1.0,basis=forecasted-spend")
  [ -z "$CHANNEL" ] || words+=("--notifications-rule-monitoring-notification-channels=$CHANNEL")
  settle "budget of $3 a month" "$name" "${words[@]}" --quiet -- gcloud billing budgets delete
}

# drop_channel PROJECT: the plan's own channel goes last, once no policy needs it.
drop_channel() {
  [ "$MODE" = remove ] || return 0
  local name
  name=$(names gcloud beta monitoring channels list "--project=$1" '--format=value(name)' \
    "--filter=userLabels.cloudlever=\"$FINGERPRINT\"")
  settle "channel in $1" "$name" true -- gcloud beta monitoring channels delete --force "--project=$1"
}

finish() {
  say ""
  if [ "$EXECUTE" -eq 0 ]; then say "Dry run: nothing was changed." && return; fi
  say "$CREATED created, $FOUND there already, $REMOVED removed, $MISSING missing."
  [ "$MISSING" -eq 0 ] || exit 3
}
