#!/usr/bin/env bash
# postgres.sh: a private PostgreSQL run by an ordinary user: superuser and database "grms", no password.
#   postgres.sh install | start | env | stop
# 127.0.0.1:18900 (PG_PORT) and a socket in $GRMS_COMPONENTS/pg (PG_DIR). As root it runs as grmstest1 (PG_USER), so
# users.sh start comes first; as another user it runs as the caller. PG_OPTIONS: options of the server.
set -eu
# shellcheck source=scripts/components/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
B=${PG_DIR:-$GRMS_COMPONENTS/pg}
OWNER=${PG_USER:-grmstest1}
PORT=${PG_PORT:-18900}
BIN=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

as_owner() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && setpriv --reuid="$OWNER" --regid="$OWNER" --init-groups "$@")
  else
    "$@"
  fi
}

case ${1:-} in
install) apt_install postgresql postgresql-client ;;
start)
  mkdir -p "$B"
  [ "$(id -u)" != 0 ] || chown "$OWNER" "$B"
  if [ ! -f "$B/data/PG_VERSION" ]; then
    as_owner "$BIN/initdb" -D "$B/data" -U grms -A trust -E UTF8 --locale=C.UTF-8 --no-sync > "$B/initdb.log"
  fi
  if as_owner "$BIN/pg_ctl" -D "$B/data" status > /dev/null; then exit 0; fi
  as_owner "$BIN/pg_ctl" -D "$B/data" -w -l "$B/log" \
    -o "-p $PORT -k $B -c listen_addresses=127.0.0.1 ${PG_OPTIONS:--c max_connections=200}" start > /dev/null
  as_owner "$BIN/createdb" -h 127.0.0.1 -p "$PORT" -U grms grms 2> /dev/null \
    || as_owner "$BIN/psql" -h 127.0.0.1 -p "$PORT" -U grms -d grms -c 'select 1' > /dev/null ;;
env)
  echo "export PGHOST=127.0.0.1 PGPORT=$PORT PGUSER=grms PGDATABASE=grms"
  echo "export GRMS_TEST_POSTGRES_URL=postgres://grms@127.0.0.1:$PORT/grms" ;;
stop)
  # A pid file that a crash left behind is not a running server.
  if [ -d "$B/data" ] && as_owner "$BIN/pg_ctl" -D "$B/data" status > /dev/null; then
    as_owner "$BIN/pg_ctl" -D "$B/data" -m fast -w stop > /dev/null
  fi ;;
*) usage ;;
esac
