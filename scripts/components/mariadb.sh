#!/bin/bash
# A private MariaDB for the accounting of slurm.sh: user slurm, password slurm, databases slurm_*. Needs root.
#   mariadb.sh install | start | stop
# Listens on 127.0.0.1, port $GRMS_MARIADB_PORT (17190).
set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"
base=$GRMS_COMPONENTS/mariadb
port=${GRMS_MARIADB_PORT:-17190}

case ${1:-} in
install) apt_install mariadb-server ;;
start)
  mkdir -p "$base/data"
  chown mysql: "$base" "$base/data"
  if [ ! -d "$base/data/mysql" ]; then
    mariadb-install-db --no-defaults --datadir="$base/data" --user=mysql --auth-root-authentication-method=socket \
      --skip-test-db >"$base/install.log" 2>&1
  fi
  setsid mariadbd --no-defaults --user=mysql --datadir="$base/data" --socket="$base/socket" --pid-file="$base/pid" \
    --bind-address=127.0.0.1 --port="$port" --innodb-buffer-pool-size=128M --innodb-lock-wait-timeout=900 \
    --skip-log-bin >>"$base/log" 2>&1 </dev/null &
  wait_until 30 mariadb-admin --no-defaults -S "$base/socket" ping
  for host in localhost 127.0.0.1; do
    mariadb --no-defaults -S "$base/socket" -e "
      create user if not exists slurm@'$host' identified by 'slurm';
      grant all on \`slurm\\_%\`.* to slurm@'$host'"
  done
  ;;
stop) stop_program mariadbd "$base/pid" ;;
*) usage ;;
esac
