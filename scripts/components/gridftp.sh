#!/usr/bin/env bash
# gridftp.sh: private Globus GridFTP servers. Run as root, after users.sh start and gsi_ca.sh start.
#   gridftp.sh install
#   gridftp.sh start NAME PORT   127.0.0.1:PORT, data ports PORT+1 to PORT+60, users mapped by the grid-mapfile
#   gridftp.sh proxy USER        a proxy of 12 hours, and a copy of it for the caller
#   gridftp.sh env USER PORT     export lines for the tests (GRMS_TEST_GRIDFTP_URL: the user's home)
#   gridftp.sh stop NAME
# URLs: gsiftp://localhost:PORT//PATH; the host name must match the certificate. State in $GRMS_COMPONENTS/gridftp.
set -eu
# shellcheck source=scripts/components/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
B=${GRIDFTP_DIR:-$GRMS_COMPONENTS/gridftp}
G=${GSI_DIR:-$GRMS_COMPONENTS/gsi}

case ${1:-} in
install)
  apt_install globus-gridftp-server-progs globus-gass-copy-progs globus-proxy-utils ;;
start)
  name=$2
  port=$3
  mkdir -p "$B"
  if [ -s "$B/$name.pid" ] && is_program "$(tr -dc 0-9 < "$B/$name.pid")" globus-gridftp-server; then exit 0; fi
  GLOBUS_TCP_PORT_RANGE=$((port + 1)),$((port + 60)) X509_CERT_DIR=$G/certificates GRIDMAP=$G/grid-mapfile \
    X509_USER_CERT=$G/host/hostcert.pem X509_USER_KEY=$G/host/hostkey.pem \
    globus-gridftp-server -S -p "$port" -control-interface 127.0.0.1 -data-interface 127.0.0.1 -hostname localhost \
    -disable-usage-stats -l "$B/$name.log" -log-level ERROR,WARN,INFO -pidfile "$B/$name.pid"
  wait_until 15 listens "$port" ;;
proxy)
  # Globus takes a proxy only from its owner: one for the account, and one for whoever runs the tests.
  setpriv --reuid="$2" --regid="$2" --init-groups env X509_CERT_DIR="$G/certificates" \
    grid-proxy-init -q -cert "$G/users/$2/usercert.pem" -key "$G/users/$2/userkey.pem" \
    -out "$G/users/$2/proxy.pem" -bits 2048 -valid 12:00
  mkdir -p "$B"
  install -m 600 "$G/users/$2/proxy.pem" "$B/$2.proxy" ;;
env)
  echo "export X509_CERT_DIR=$G/certificates X509_USER_PROXY=$B/$2.proxy"
  echo "export GRMS_TEST_GRIDFTP_URL=gsiftp://localhost:$3/$(getent passwd "$2" | cut -d: -f6)" ;;
stop) stop_program globus-gridftp-server "$B/$2.pid" ;;
*) usage ;;
esac
