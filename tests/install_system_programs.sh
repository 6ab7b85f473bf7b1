#!/usr/bin/env bash
# Installs Chromium (browser tests), jq, Redis, PostgreSQL, PgBouncer, MariaDB and LibreOffice (judges of exports
# and of the cache curve) where apt and root are at hand; elsewhere says what is missing.
# A missing program never fails here: the tests that need it skip, with the reason.
set -u
missing=()
command -v chromium >/dev/null 2>&1 || missing+=(chromium)
command -v jq >/dev/null 2>&1 || missing+=(jq)
command -v redis-server >/dev/null 2>&1 || missing+=(redis-server)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
[ -x /usr/sbin/pgbouncer ] || missing+=(pgbouncer)
[ -x /usr/sbin/mariadbd ] || missing+=(mariadb-server-core mariadb-client-core)
command -v soffice >/dev/null 2>&1 || missing+=(libreoffice-calc-nogui libreoffice-impress-nogui)
compgen -G '/usr/lib/libreoffice/program/libsdlo.so' >/dev/null || missing+=(libreoffice-impress-nogui)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  log=$(mktemp)
  if apt-get update -qq >"$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    echo "installed: ${missing[*]}"
  else
    echo "could not install: ${missing[*]} (last lines below); their tests will skip"
    tail -n 3 "$log"
  fi
  rm -f "$log"
else
  echo "missing: ${missing[*]}; their tests will skip"
fi
exit 0
