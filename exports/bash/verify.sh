# Verifying: reads the live state of every attribute and holds it against the plan; changes nothing.
DONE=0 PENDING=0 DRIFTED=0 UNREAD=0

usage() {
  say "usage: $(basename "$0") [--project P] [--region R] [--week N] [--only RESOURCE]..."
  say ""
  say "Reads what is live and prints per attribute: before, wanted, live, and whether it is done, pending or drifted."
  say "Exit: 0 all done, 1 something cannot be read, 2 usage or something needed is missing, 3 pending, 4 drifted."
}

start() {
  EXECUTE=1
  command -v gcloud >/dev/null || fail 2 "gcloud is not installed; install the Google Cloud SDK and try again."
}

# read_live COMMAND…: read and judge one resource.
read_live() {
  local status=0
  read_fields "$@" || status=$?
  case "$status" in
    0) judge ;;
    1) judge_absent ;;
    *)
      UNREAD=$((UNREAD + 1))
      say "  not readable: $ERROR_TEXT"
      ;;
  esac
}

judge() {
  local i live state
  for ((i = 0; i < ${#NAMES[@]}; i++)); do
    live="$(live_value "$i")"
    if [ "$live" = "${AFTER[i]}" ]; then
      state="done" DONE=$((DONE + 1))
    elif [ -z "${BEFORE[i]}" ] || [ "$live" = "${BEFORE[i]}" ]; then
      state="pending" PENDING=$((PENDING + 1))
    else
      state="drift" DRIFTED=$((DRIFTED + 1))
    fi
    report "$i" "${live:-not set}" "$state"
  done
  if ! is_all_traffic_on_newest; then
    PENDING=$((PENDING + 1))
    say "  pending  traffic: not all of it goes to the newest revision"
  fi
}

one_field() { :; }

# A resource that is not there is pending where the plan creates it, done where it deletes it, else drift.
judge_absent() {
  local i
  for ((i = 0; i < ${#NAMES[@]}; i++)); do
    case "$PRESENCE" in
      created) PENDING=$((PENDING + 1)) && report "$i" "absent" "pending" ;;
      deleted) DONE=$((DONE + 1)) && report "$i" "absent" "done" ;;
      *) DRIFTED=$((DRIFTED + 1)) && report "$i" "absent" "drift" ;;
    esac
  done
}

report() {
  printf '  %-8s %s: before %s, wanted %s, live %s\n' "$3" "${NAMES[$1]}" "${BEFORE[$1]:-not known}" "${AFTER[$1]}" "$2"
}

finish() {
  check_only
  say ""
  say "$DONE done, $PENDING pending, $DRIFTED drifted, $UNREAD not readable."
  [ "$UNREAD" -eq 0 ] || exit 1
  [ "$DRIFTED" -eq 0 ] || exit 4
  [ "$PENDING" -eq 0 ] || exit 3
}
