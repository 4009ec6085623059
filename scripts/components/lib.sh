# shellcheck shell=bash
# Sourced by every script here. All state lies below $GRMS_COMPONENTS; every directory above it must be open to the
# test accounts.
GRMS_COMPONENTS=${GRMS_COMPONENTS:-${TMPDIR:-/tmp}/grms-components}
export GRMS_COMPONENTS
umask 022
mkdir -p "$GRMS_COMPONENTS"

# apt_install PACKAGE...: waits its turn when somebody else installs, and starts none of the daemons that packages bring.
apt_install() {
  local policy=/usr/sbin/policy-rc.d made="" status=0
  if dpkg -s "$@" >/dev/null 2>&1; then return 0; fi
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=1
  fi
  # A new machine has no list of packages yet, and an old list names files that are gone.
  apt_get install -y --no-install-recommends "$@" >/dev/null 2>&1 ||
    { apt_get update -qq && apt_get install -y --no-install-recommends "$@" >/dev/null; } || status=$?
  [ -z "$made" ] || rm -f "$policy"
  return "$status"
}

apt_get() { DEBIAN_FRONTEND=noninteractive timeout 900 apt-get -o DPkg::Lock::Timeout=300 "$@"; }

# wait_until SECONDS COMMAND...: until the command succeeds.
wait_until() {
  local left=$(($1 * 20))
  shift
  while [ "$left" -gt 0 ]; do
    # In a subshell, so that a crash of the command is not announced either.
    if ("$@") >/dev/null 2>&1; then return 0; fi
    sleep 0.05
    left=$((left - 1))
  done
  echo "gave up waiting for: $*" >&2
  return 1
}

# listens PORT: whether something does on 127.0.0.1.
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# is_program PID NAME: whether the process still is that program, and not another one that got its number.
is_program() { [ "$(cat "/proc/$1/comm" 2>/dev/null)" = "${2:0:15}" ]; }

# stop_program NAME PIDFILE...: TERM, and KILL after 10 s.
stop_program() {
  local name=$1 file pid
  shift
  for file in "$@"; do
    [ -s "$file" ] || continue
    pid=$(tr -dc 0-9 <"$file")
    if [ -n "$pid" ] && is_program "$pid" "$name"; then
      kill "$pid" 2>/dev/null || true
      wait_until 10 not_program "$pid" "$name" 2>/dev/null || kill -9 "$pid" 2>/dev/null || true
    fi
    rm -f "$file"
  done
}
not_program() { ! is_program "$@"; }

# usage: prints the comment at the head of the script that was called.
usage() {
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
}

# free_ports COUNT: the first of so many neighbouring ports of 127.0.0.1 on which nobody listens.
free_ports() {
  local port
  # shellcheck disable=SC2034 # the tries are only counted
  for try in $(seq 200); do
    port=$((16000 + RANDOM % 14000))
    if none_listens "$port" "$((port + $1 - 1))"; then
      echo "$port"
      return 0
    fi
  done
  echo "no $1 free ports were found between 16000 and 30000" >&2
  return 1
}

# none_listens FIRST LAST
none_listens() {
  local port
  for port in $(seq "$1" "$2"); do
    if listens "$port"; then return 1; fi
  done
}
