# Changing: dry run unless --execute; reads the live state first, asks where it restarts, costs or cannot be undone.
CHANGED=0 UNCHANGED=0 SKIPPED=0 STEP_LABEL="" TRAFFIC=() DESCRIBE=() LOGS=()
WATCH_S="${CLOUDLEVER_WATCH_S:-300}" FEWEST="${CLOUDLEVER_FEWEST_REQUESTS:-50}"

usage() {
  say "usage: $(basename "$0") [--execute] [--project P] [--region R] [--week N] [--only RESOURCE]... [--yes] [--all-at-once]"
  say ""
  say "Without --execute it prints each command and changes nothing (nor reads anything)."
  say "--project P   only this project; it also stands in where the bill does not name one"
  say "--region R    stands in where the bill does not name a region"
  say "--week N      only what the roadmap has in this week"
  say "--only NAME   only this resource (may be repeated)"
  say "--all-at-once lets a new revision of Cloud Run take all traffic at once, without watching it"
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

# ask_name costs|-: only the resource's own name goes on, whatever --yes says.
ask_name() {
  local answer="" what="This cannot be undone"
  [ "$1" != costs ] || what="$what and costs more than before"
  [ "$DRIFT" -eq 0 ] || what="$what, and the live state is not the plan's"
  printf '  %s. Type the name %s to go on: ' "$what" "$(shown "$RESOURCE")"
  IFS= read -r answer || answer=""
  [ "$answer" = "$RESOURCE" ]
}

is_confirmed() {
  if [ "$1" = one_way ]; then ask_name "$2" && return; return 1; fi
  if [ "$DRIFT" -eq 1 ]; then ask "The live state is not the plan's. Go on?" || return 1; fi
  case "$1" in
    restart) ask "This restarts it. Go on?" || return 1 ;;
    migration) ask "This moves it to another machine and interrupts it. Go on?" || return 1 ;;
  esac
  [ "$2" != costs ] || ask "This costs more than before. Go on?" || return 1
}

# one_field DISRUPTION HOW FIELD WORDS…: expiry or indexes of one field of Firestore.
one_field() {
  local disruption="$1" how="$2"
  shift 2
  case "$how" in
    ttl-on) change "$disruption" - gcloud firestore fields ttls update "$@" --enable-ttl --async --quiet ;;
    ttl-off) change online - gcloud firestore fields ttls update "$@" --disable-ttl --async --quiet ;;
    exempt-on) change "$disruption" - gcloud firestore indexes fields update "$@" --disable-indexes --async --quiet ;;
    exempt-off) change online - gcloud firestore indexes fields update "$@" --clear-exemption --async --quiet ;;
  esac
}

# log_live: what is live before a change, so that people can lead back to it where the plan does not know it.
log_live() {
  local i
  [ "$IS_ABSENT" -eq 0 ] || { log "before: $STEP_LABEL does not exist" && return; }
  for ((i = 0; i < ${#NAMES[@]}; i++)); do log "before: $STEP_LABEL ${NAMES[i]}=$(live_value "$i")"; done
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
  log_live
  log "running: $(command_text "$@")"
  # The answers on standard input are for the questions here, not for gcloud.
  "$@" </dev/null 2>&1 | tee -a "$LOG"
  CHANGED=$((CHANGED + 1))
  log "done: $STEP_LABEL"
}

# try_out revision|minimum SERVICE SERVICE_IN_FILTER DISRUPTION costs|- COMMAND…: change a Cloud Run service. A new
# revision starts without traffic and takes over in steps; where it does worse than the old one, the old one gets all
# traffic back. A change that makes no revision (a minimum of the service alone) needs none of it.
try_out() {
  local makes="$1" service="$2" in_filter="$3" new old share before="$CHANGED"
  shift 3
  if [ "$makes" = minimum ] && [ "${#FLAGS[@]}" -eq 1 ] && [ "${FLAGS[0]#--min=}" != "${FLAGS[0]}" ]; then
    change "$@"
    return
  fi
  traffic_words "$service" "${@:3}"
  if [ "$ALL_AT_ONCE" -eq 1 ]; then
    change "$@"
    [ "$CHANGED" -eq "$before" ] || is_all_traffic_on_newest || lead_to_newest "$before"
    return
  fi
  old="$(also_value serving)" new="$(also_value newest)"
  if ! is_done >/dev/null; then
    if [ "$EXECUTE" -eq 1 ] && ! is_all_traffic_on_newest; then
      fail 1 "$STEP_LABEL sends its traffic to revisions by hand: lead it to the latest first, or use --all-at-once."
    fi
    change "$@" --no-traffic
    if [ "$EXECUTE" -eq 0 ]; then
      for share in 10 50; do say "  then: $(command_text "${TRAFFIC[@]}" "--to-revisions=NEW_REVISION=$share" --quiet)"; done
      say "  then: $(command_text "${TRAFFIC[@]}" --to-latest --quiet)"
      say "  watched for $WATCH_S s at each step: back to the old revision where it errs more or is slower"
      return
    fi
    [ "$CHANGED" -gt "$before" ] || return 0
    new="$("${DESCRIBE[@]}" --format='value(status.latestCreatedRevisionName)')"
  elif is_all_traffic_on_newest; then
    change "$@"
    return
  elif ! ask "The new settings stand, but not all traffic is led to them. Go on shifting it?"; then
    SKIPPED=$((SKIPPED + 1))
    say "  skipped"
    return
  fi
  for share in 10 50; do
    lead "--to-revisions=$new=$share"
    watch_revision "$in_filter" "$new" "$old" || give_back "$old"
  done
  lead --to-latest
}

# traffic_words SERVICE gcloud run services update SERVICE FLAGS… --project=P --region=R …: the commands around it.
traffic_words() {
  local word place=()
  for word in "$@"; do case "$word" in --project=* | --region=*) place+=("$word") ;; esac; done
  TRAFFIC=(gcloud run services update-traffic "$1" ${place[@]+"${place[@]}"})
  DESCRIBE=(gcloud run services describe "$1" ${place[@]+"${place[@]}"})
  LOGS=(gcloud logging read "--project=$PROJECT_HERE")
}

lead() {
  log "running: $(command_text "${TRAFFIC[@]}" "$1" --quiet)"
  say "  $(command_text "${TRAFFIC[@]}" "$1" --quiet)"
  "${TRAFFIC[@]}" "$1" --quiet </dev/null 2>&1 | tee -a "$LOG"
}

# lead_to_newest COUNT: a change in one go of a service whose traffic is led by hand or was given back.
lead_to_newest() {
  if ask "Its traffic is led by hand to $(shown "$(also_value serving)"). Lead all of it to the new revision?"; then
    lead --to-latest
  else
    CHANGED="$1" SKIPPED=$((SKIPPED + 1))
    say "  the new settings stand, without traffic"
  fi
}

give_back() {
  lead "--to-revisions=$1=100"
  log "given back: $STEP_LABEL"
  fail 1 "$STEP_LABEL: the new revision did not hold, so $1 has all traffic again. Its settings stand: rollback.sh undoes them."
}

# figures SERVICE REVISION: requests, errors and p95 in ms of a revision in the time watched, from its request log.
figures() {
  local filter
  filter="resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"$1\""
  filter="$filter AND resource.labels.revision_name=\"$2\" AND log_id(\"run.googleapis.com/requests\")"
  "${LOGS[@]}" "$filter" "--freshness=${WATCH_S}s" --limit=5000 \
    --format="csv[no-heading,separator='|'](httpRequest.status,httpRequest.latency)" </dev/null | LC_ALL=C sort -t '|' -k 2 -n |
    LC_ALL=C awk -F '|' '{ n++; if ($1 >= 500 || $1 == 429) e++; t[n] = $2 + 0 }
      END { i = int(0.95 * n); if (i < 0.95 * n) i++; printf "%d %d %d", n, e, (n ? t[i] * 1000 : 0) }'
}

# watch_revision SERVICE NEW OLD: whether the new revision errs no more and is no slower than the old one.
watch_revision() {
  local n_new e_new p_new n_old e_old p_old patience=3
  while :; do
    sleep "$WATCH_S"
    read -r n_new e_new p_new <<<"$(figures "$1" "$2")"
    read -r n_old e_old p_old <<<"$(figures "$1" "$3")"
    say "  $2: $n_new requests, $e_new errors, p95 $p_new ms; $3: $n_old requests, $e_old errors, p95 $p_old ms"
    log "watched: $2 $n_new/$e_new/$p_new, $3 $n_old/$e_old/$p_old"
    [ "$n_new" -lt "$FEWEST" ] || [ "$n_old" -lt "$FEWEST" ] || break
    patience=$((patience - 1))
    [ "$patience" -gt 0 ] || { say "  too few requests to judge by (fewer than $FEWEST)" && return 1; }
  done
  if [ $((1000 * e_new * n_old)) -gt $((1000 * e_old * n_new + 10 * n_new * n_old)) ]; then
    say "  its share of errors is more than 1 point above the old revision's"
    return 1
  fi
  if [ $((100 * p_new)) -gt $((SLOWEST_PERCENT * p_old + 5000)) ]; then
    say "  its p95 is above $SLOWEST_PERCENT% of the old revision's"
    return 1
  fi
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
