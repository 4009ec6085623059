#!/bin/bash
# The two ordinary accounts that tests map callers to: grmstest1 and grmstest2. Needs root.
#   users.sh start | stop
set -eu
. "$(dirname "$(readlink -f "$0")")/lib.sh"

case ${1:-} in
start)
  for user in grmstest1 grmstest2; do
    if ! id "$user" >/dev/null 2>&1; then useradd --create-home --shell /bin/bash "$user"; fi
    # The "!" that useradd leaves counts as locked, and sshd refuses even a good key.
    usermod --password '*' "$user"
  done
  ;;
stop)
  for user in grmstest1 grmstest2; do
    if id "$user" >/dev/null 2>&1; then userdel --remove "$user" 2>/dev/null; fi
  done
  ;;
*) usage ;;
esac
