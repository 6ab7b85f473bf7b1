# Changing: dry run unless --execute; reads the live state first, asks where it restarts, costs or cannot be undone.
CHANGED=0 UNCHANGED=0 SKIPPED=0 STEP_LABEL=""

usage() {
  say "usage: $(basename "$0") [--execute] [--project P] [--region R] [--only RESOURCE]... [--yes]"
  say ""
  say "Without --execute it prints each command and changes nothing (nor reads anything)."
  say "--project P   only this project; it also stands in where the bill does not name one"
  say "--region R    stands in where the bill does not name a region"
  say "--only NAME   only this resource (may be repeated)"
  say "--yes         answers yes to the questions, except where a change cannot be undone"
  say "Exit: 0 done, 1 a command failed, 2 usage or something needed is missing, 3 something was skipped."
}

start() {
  local questions="no"
  if [ "$EXECUTE" -eq 0 ]; then
    say "Dry run: nothing is changed. Add --execute to run these commands."
    return
  fi
  command -v gcloud >/dev/null || fail 2 "gcloud is not installed; install the Google Cloud SDK and try again."
  LOG="${CLOUDLEVER_LOG:-$(dirname "$0")/$LOG_NAME}"
  [ "$YES" -eq 0 ] || questions="yes"
  log "started: plan $FINGERPRINT, --yes: $questions"
  trap 'on_error' ERR
}

log() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >>"$LOG"; }

on_error() {
  log "failed at $STEP_LABEL"
  say "Stopped at $STEP_LABEL: $CHANGED done before it. See $LOG; ./verify.sh shows what is live." >&2
}

# read_live COMMAND…: the live state before a change; nothing in a dry run.
read_live() {
  local status=0
  STEP_LABEL="$PRODUCT $(shown "$RESOURCE")"
  [ "$EXECUTE" -eq 1 ] || return 0
  read_fields "$@" || status=$?
  [ "$status" -ne 2 ] || fail 1 "The live state of $STEP_LABEL cannot be read: $ERROR_TEXT"
}

# is_new: whether the resource must be created; a dry run goes by what the plan believes.
is_new() {
  if [ "$EXECUTE" -eq 1 ]; then [ "$IS_ABSENT" -eq 1 ]; else [ "$PRESENCE" = created ]; fi
}

must_exist() {
  [ "$IS_ABSENT" -eq 0 ] || [ "$PRESENCE" = deleted ] || fail 1 "$STEP_LABEL does not exist in project $(shown "$PROJECT_HERE"): $ERROR_TEXT"
}

# Flags that depend on the live service: where the minimum is set at service level, it is lowered there.
minimum_flags() {
  FLAGS=("--min-instances=$1")
  [ -n "$(also_value service_minimum)" ] || return 0
  if [ "$(also_value revision_minimum)" = "" ]; then FLAGS=("--min=$1"); else FLAGS+=("--min=$1"); fi
}

# sql_shape_flags VCPU MEMORY EDITION: --cpu and --memory go together, and Enterprise Plus takes a tier instead.
# A number that the plan leaves alone ('') is the live one; MEMORY is as 16Gi.
sql_shape_flags() {
  local vcpu="$1" memory="$2" tier
  tier="$(also_value tier)"
  if [ "$3" = enterprise_plus ] || { [ -z "$3" ] && [ "${tier#db-perf-optimized-}" != "$tier" ]; }; then
    sql_plus_flags "$vcpu" "$memory" "$tier"
    return
  fi
  if [ "$EXECUTE" -eq 0 ]; then
    FLAGS=("--cpu=${vcpu:-LIVE_VCPU}" "--memory=${memory:-LIVE_MEMORY}")
    [ -z "$memory" ] || FLAGS[1]="--memory=${memory}B"
    return
  fi
  if [ -z "$vcpu" ]; then vcpu="$(tier_vcpu "$tier")"; fi
  if [ -z "$memory" ]; then memory="$(tier_memory "$tier")"; fi
  case "$vcpu$memory" in *db-*) fail 1 "$STEP_LABEL has tier $tier: give both vcpu and memory_gib in the plan." ;; esac
  FLAGS=("--cpu=$vcpu" "--memory=${memory}B")
}

sql_plus_flags() {
  local vcpu="$1" series="db-perf-optimized-N"
  if [ "${3#db-perf-optimized-}" != "$3" ]; then series="${3%-*}"; fi
  if [ -z "$vcpu" ] && [ "$EXECUTE" -eq 0 ]; then vcpu=LIVE_VCPU; fi
  if [ -z "$vcpu" ]; then vcpu="$(tier_vcpu "$3")"; fi
  FLAGS=("--tier=$series-$vcpu")
  case "$vcpu" in
    db-*) fail 1 "$STEP_LABEL has tier $3: give vcpu in the plan." ;;
    LIVE_VCPU) return ;;
  esac
  [ -z "$2" ] || [ "$(mebibytes "$2")" -eq "$(plus_mebibytes "$vcpu")" ] ||
    fail 1 "$STEP_LABEL: Enterprise Plus has no machine of $vcpu vCPU with $2 (8 GiB per vCPU); change the plan."
}

command_text() {
  local text
  text=$(printf '%q ' "$@")
  printf '%s' "${text% }"
}

list_attributes() {
  local i
  for ((i = 0; i < ${#NAMES[@]}; i++)); do
    say "  ${NAMES[i]}: ${BEFORE[i]:-not known} -> ${AFTER[i]}"
  done
}

# is_done: whether every attribute is live as wanted; says where the live state is neither before nor after.
is_done() {
  local i live all=0
  DRIFT=0
  [ "$EXECUTE" -eq 1 ] || return 1
  if [ "$IS_ABSENT" -eq 1 ]; then [ "$PRESENCE" = deleted ] && return; return 1; fi
  for ((i = 0; i < ${#NAMES[@]}; i++)); do
    live="$(live_value "$i")"
    [ "$live" != "${AFTER[i]}" ] || continue
    all=1
    if [ -n "${BEFORE[i]}" ] && [ "$live" != "${BEFORE[i]}" ]; then
      DRIFT=1
      say "  drift: ${NAMES[i]} is $live; the plan was made when it was ${BEFORE[i]}"
    fi
  done
  return "$all"
}

ask() {
  local answer=""
  if [ "$YES" -eq 1 ]; then return 0; fi
  printf '  %s [y/N] ' "$1"
  read -r answer || answer=""
  case "$answer" in y | Y | yes) return 0 ;; *) return 1 ;; esac
}

ask_name() {
  local answer=""
  printf '  This cannot be undone. Type the name %s to go on: ' "$(shown "$RESOURCE")"
  IFS= read -r answer || answer=""
  [ "$answer" = "$RESOURCE" ]
}

is_confirmed() {
  if [ "$1" = one_way ]; then ask_name && return; return 1; fi
  if [ "$DRIFT" -eq 1 ]; then ask "The live state is not the plan's. Go on?" || return 1; fi
  case "$1" in
    restart) ask "This restarts it. Go on?" || return 1 ;;
    migration) ask "This moves it to another machine and interrupts it. Go on?" || return 1 ;;
  esac
  [ "$2" != costs ] || ask "This costs more than before. Go on?" || return 1
}

# change DISRUPTION costs|- COMMAND…: print the command, or run it after what must be asked was answered.
change() {
  local disruption="$1" costs="$2"
  shift 2
  list_attributes
  if is_done; then
    UNCHANGED=$((UNCHANGED + 1))
    say "  already done"
    log "already done: $STEP_LABEL"
    return
  fi
  say "  $disruption: $(command_text "$@")"
  [ "$EXECUTE" -eq 1 ] || return 0
  if ! is_confirmed "$disruption" "$costs"; then
    SKIPPED=$((SKIPPED + 1))
    say "  skipped"
    log "skipped: $(command_text "$@")"
    return
  fi
  log "running: $(command_text "$@")"
  # The answers on standard input are for the questions here, not for gcloud.
  "$@" </dev/null 2>&1 | tee -a "$LOG"
  CHANGED=$((CHANGED + 1))
  log "done: $STEP_LABEL"
}

finish() {
  check_only
  say ""
  if [ "$EXECUTE" -eq 0 ]; then
    say "Dry run: $SELECTED resource(s) would be changed; nothing was."
    return
  fi
  log "ended: $CHANGED changed, $UNCHANGED already done, $SKIPPED skipped"
  say "$CHANGED changed, $UNCHANGED already done, $SKIPPED skipped. The log is $LOG; now run ./verify.sh."
  [ "$SKIPPED" -eq 0 ] || exit 3
}
