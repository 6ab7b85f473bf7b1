# What the scripts of this plan share: options, selection, reading of the live state, and how values compare.
PROJECT="" REGION="" EXECUTE=0 YES=0 WEEK="" ONLY=() SELECTED=0 BY_HAND=0 FOUND=()
NAMES=() KINDS=() ABSENT=() BEFORE=() AFTER=() FIELDS=() RAW=() ALSO=() ALSO_FIELDS=() ALSO_RAW=()
IS_ABSENT=0 ERROR_TEXT="" LOG="" FLAGS=()

say() { printf '%s\n' "$*"; }

fail() {
  printf '%s\n' "$2" >&2
  exit "$1"
}

shown() { printf '%q' "$1"; }

parse_options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      --project | --region | --week | --only)
        [ $# -ge 2 ] || fail 2 "$1 needs a value, for example $1 NAME."
        [ -n "$2" ] || fail 2 "$1 was given an empty value; give a name."
        case "$1" in
          --project) PROJECT="$2" ;;
          --region) REGION="$2" ;;
          --week) WEEK="$2" ;;
          *) ONLY+=("$2") ;;
        esac
        shift 2
        ;;
      --execute) EXECUTE=1 && shift ;;
      --yes) YES=1 && shift ;;
      --all-at-once) ALL_AT_ONCE=1 && shift ;;
      --help | -h) usage && exit 0 ;;
      *) fail 2 "$(shown "$1") is not an option of this script; --help lists them." ;;
    esac
  done
}

# is_selected RESOURCE PROJECT WEEK: whether --only, --project and --week leave this resource in.
is_selected() {
  local wanted
  if [ -n "$WEEK" ] && [ "$WEEK" != "$3" ]; then return 1; fi
  if [ -n "$PROJECT" ] && [ -n "$2" ] && [ "$PROJECT" != "$2" ]; then return 1; fi
  [ ${#ONLY[@]} -gt 0 ] || return 0
  for wanted in "${ONLY[@]}"; do
    [ "$wanted" != "$1" ] || return 0
  done
  return 1
}

# require project|region RESOURCE PROJECT WEEK: what the bill does not say must be given before anything is changed.
require() {
  is_selected "$2" "$3" "$4" || return 0
  local given="$PROJECT"
  [ "$1" = project ] || given="$REGION"
  [ -z "$given" ] || return 0
  local sentence
  sentence="The $1 of $(shown "$2") is not in the bill or inventory; give it with --$1 NAME."
  [ "$EXECUTE" -eq 0 ] || fail 2 "$sentence Nothing was changed."
  say "needed  $sentence"
}

# begin PRODUCT RESOURCE PROJECT REGION PRESENCE WEEK: start one resource; false when it is not selected. PRESENCE is what
# the plan expects: that the resource exists, or is created or deleted by this step.
begin() {
  FOUND+=("$2")
  is_selected "$2" "$3" "$6" || return 1
  SELECTED=$((SELECTED + 1))
  PRODUCT="$1" RESOURCE="$2" PRESENCE="$5"
  PROJECT_HERE="${3:-${PROJECT:-PROJECT_NEEDED}}" REGION_HERE="${4:-${REGION:-REGION_NEEDED}}"
  fresh
  say ""
  say "$PRODUCT $(shown "$RESOURCE") (week $6)"
}

fresh() {
  NAMES=() KINDS=() ABSENT=() BEFORE=() AFTER=() FIELDS=() RAW=() ALSO=() ALSO_FIELDS=() ALSO_RAW=()
  IS_ABSENT=0 ERROR_TEXT=""
}

# attribute NAME KIND ABSENT BEFORE AFTER FIELD: what is to change; ABSENT is what a field that is not set means.
attribute() {
  NAMES+=("$1") KINDS+=("$2") ABSENT+=("$3") BEFORE+=("$4") AFTER+=("$5") FIELDS+=("$6")
}

# also NAME FIELD: a field that is read beside the attributes, because flags depend on it.
also() { ALSO+=("$1") ALSO_FIELDS+=("$2"); }

also_value() {
  local i
  for ((i = 0; i < ${#ALSO_RAW[@]}; i++)); do
    [ "${ALSO[i]}" != "$1" ] || printf '%s' "${ALSO_RAW[i]}"
  done
}

# read_fields COMMAND…: the live values in RAW and ALSO_RAW. Returns 0 read, 1 no such resource, 2 not readable.
read_fields() {
  local fields=("${FIELDS[@]}" ${ALSO_FIELDS[@]+"${ALSO_FIELDS[@]}"}) projection line errors status=0 i
  projection=$(IFS=, && printf '%s' "${fields[*]}")
  errors=$(mktemp)
  line=$("$@" --format="csv[no-heading,separator='|'](${projection})" 2>"$errors") || status=$?
  ERROR_TEXT=$(cat "$errors")
  rm -f "$errors"
  if [ "$status" -ne 0 ]; then
    case "$ERROR_TEXT" in
      *NOT_FOUND* | *"not found"* | *"annot find"* | *"does not exist"*) IS_ABSENT=1 && return 1 ;;
      *) return 2 ;;
    esac
  fi
  for ((i = 0; i < ${#fields[@]}; i++)); do
    if [ "$i" -lt ${#FIELDS[@]} ]; then RAW+=("${line%%|*}"); else ALSO_RAW+=("${line%%|*}"); fi
    case "$line" in *'|'*) line="${line#*|}" ;; *) line="" ;; esac
  done
}

lower() { printf '%s' "$1" | tr '[:upper:]' '[:lower:]'; }

# millicores TEXT: 2, 0.5 or 500m as 2000, 500, 500.
millicores() {
  case "$1" in
    *m) printf '%s' "${1%m}" ;;
    *.*)
      local fraction="${1#*.}000"
      printf '%s' "$((10#0${1%%.*} * 1000 + 10#${fraction:0:3}))"
      ;;
    *) printf '%s' "$(($1 * 1000))" ;;
  esac
}

cpu_text() { if [ $(($1 % 1000)) -eq 0 ]; then printf '%s' "$(($1 / 1000))"; else printf '%sm' "$1"; fi; }

# mebibytes TEXT: 2Gi, 512Mi, 1G or plain bytes as MiB, to the nearest.
mebibytes() {
  case "$1" in
    *Gi) printf '%s' "$((${1%Gi} * 1024))" ;;
    *Mi) printf '%s' "${1%Mi}" ;;
    *Ki) printf '%s' "$(((${1%Ki} + 512) / 1024))" ;;
    *G) printf '%s' "$(((${1%G} * 1000000000 + 524288) / 1048576))" ;;
    *M) printf '%s' "$(((${1%M} * 1000000 + 524288) / 1048576))" ;;
    *k) printf '%s' "$(((${1%k} * 1000 + 524288) / 1048576))" ;;
    *) printf '%s' "$((($1 + 524288) / 1048576))" ;;
  esac
}

memory_text() { if [ $(($1 % 1024)) -eq 0 ]; then printf '%sGi' "$(($1 / 1024))"; else printf '%sMi' "$1"; fi; }

# Enterprise Plus machines hold 8 GB per vCPU, the largest less.
plus_mebibytes() { if [ "$1" = 128 ]; then printf '%s' "$((864 * 1024))"; else printf '%s' "$(($1 * 8192))"; fi; }

# Other tiers than these two families have no number of their own.
tier_vcpu() {
  local rest
  case "$1" in
    db-custom-*) rest="${1#db-custom-}" && printf '%s' "${rest%%-*}" ;;
    db-perf-optimized-*) printf '%s' "${1##*-}" ;;
    *) printf '%s' "$1" ;;
  esac
}

tier_memory() {
  case "$1" in
    db-custom-*) memory_text "${1##*-}" ;;
    db-perf-optimized-*) memory_text "$(plus_mebibytes "${1##*-}")" ;;
    *) printf '%s' "$1" ;;
  esac
}

# is_all_traffic_on_newest: whether a Cloud Run service sends all its traffic to its newest revision.
is_all_traffic_on_newest() {
  [ -z "$(also_value pinned)$(also_value second_traffic)" ]
}

# each_field DISRUPTION ttl|exempt on|off DATABASE --project=P: a step for each field of firestore_fields.csv.
each_field() {
  local disruption="$1" how="$2" becomes="$3" database="$4" file named=0 what group field wanted
  shift 4
  file="$(dirname "$0")/firestore_fields.csv"
  wanted="${AFTER[0]}"
  if [ -e "$file" ]; then
    while IFS=, read -r what group field <&3 || [ -n "$what" ]; do
      [ "$what" = "$how" ] || continue
      named=$((named + 1))
      field="${field%$'\r'}"
      case "$group,$field" in
        ,* | *, | -* | *,-*) fail 2 "firestore_fields.csv line with $(shown "$group,$field"): write what,collection group,field." ;;
      esac
      RESOURCE="$group.$field"
      fresh
      if [ "$how" = ttl ]; then
        attribute "ttl of $RESOURCE" expiry false "" "$(on_text "$becomes")" ttlConfig.state
      else
        attribute "no index on $RESOURCE" exempt false "" "$(on_text "$becomes")" indexConfig.usesAncestorConfig
      fi
      read_live gcloud firestore indexes fields describe "$field" "--collection-group=$group" "--database=$database" "$@"
      one_field "$disruption" "$how-$becomes" "$field" "--collection-group=$group" "--database=$database" "$@"
    done 3<"$file"
  fi
  if [ "$named" -eq 0 ]; then
    BY_HAND=$((BY_HAND + 1))
    say "  by hand: name the fields in firestore_fields.csv beside this script ($how,COLLECTION,FIELD) and run it again"
  elif [ "$how" = exempt ] && [ "$wanted" -gt 0 ] && [ "$wanted" -ne "$named" ]; then
    say "  the plan counts on $wanted fields; firestore_fields.csv names $named"
  fi
}

on_text() { if [ "$1" = on ]; then printf 'true'; else printf 'false'; fi; }

greatest() { if [ "${2:-0}" -gt "${1:-0}" ]; then printf '%s' "$2"; else printf '%s' "${1:-0}"; fi; }

# canonical KIND RAW ABSENT: a live value as the plan writes it, so that both compare as text.
canonical() {
  [ -n "$2" ] || [ "$1" = minimum ] || [ "$1" = exempt ] || { printf '%s' "$3" && return; }
  case "$1" in
    number) printf '%s' "${2%.0}" ;;
    minimum) greatest "$2" "$(also_value service_minimum)" ;;
    cpu) cpu_text "$(millicores "$2")" ;;
    memory) memory_text "$(mebibytes "$2")" ;;
    billing) case "$(lower "$2")" in false) printf 'instance_based' ;; *) printf 'request_based' ;; esac ;;
    tier_vcpu) tier_vcpu "$2" ;;
    tier_memory) tier_memory "$2" ;;
    redis_tier) case "$2" in STANDARD*) printf 'standard' ;; *) lower "$2" ;; esac ;;
    replica) printf '%s' "${2##*:}" ;;
    expiry) case "$2" in ACTIVE | CREATING) printf 'true' ;; *) printf 'false' ;; esac ;;
    exempt) case "$(lower "$2")" in true) printf 'false' ;; *) printf 'true' ;; esac ;;
    recovery) case "$2" in *ENABLED) printf 'true' ;; *) printf 'false' ;; esac ;;
    *) lower "$2" ;;
  esac
}

live_value() { canonical "${KINDS[$1]}" "${RAW[$1]-}" "${ABSENT[$1]}"; }

check_only() {
  local wanted name known=0
  for wanted in ${ONLY[@]+"${ONLY[@]}"}; do
    known=0
    for name in ${FOUND[@]+"${FOUND[@]}"}; do [ "$name" != "$wanted" ] || known=1; done
    [ "$known" -eq 1 ] || fail 2 "--only $(shown "$wanted") names nothing that this script handles."
  done
  if [ $((SELECTED + BY_HAND)) -eq 0 ] && [ ${#FOUND[@]} -gt 0 ]; then
    [ -z "$WEEK" ] || fail 2 "Nothing of this plan is left in week $(shown "$WEEK"); leave --week out or give another."
    fail 2 "Nothing in this plan belongs to project $(shown "$PROJECT"); leave --project out or give another."
  fi
}

# by_hand PRODUCT RESOURCE PROJECT WEEK WHAT WHY: what no command of this script does.
by_hand() {
  FOUND+=("$2")
  is_selected "$2" "$3" "$4" || return 0
  BY_HAND=$((BY_HAND + 1))
  say ""
  say "by hand  $1 $(shown "$2") (week $4): $5"
  say "         $6"
}
