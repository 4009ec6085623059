#!/usr/bin/env bash
# gsi_ca.sh: a private grid certificate authority by plain openssl, for tests.
#   gsi_ca.sh start   creates what is missing
#   gsi_ca.sh env     export lines
#   gsi_ca.sh stop    removes everything
# In $GRMS_COMPONENTS/gsi (GSI_DIR): certificates/ (X509_CERT_DIR: authority, signing policy), host/hostcert.pem and
# hostkey.pem for localhost, users/NAME/usercert.pem and userkey.pem for grmstest1 and grmstest2, grid-mapfile.
# A user directory belongs to its user where the account exists: Globus takes a key or proxy only from its owner.
set -eu
# shellcheck source=scripts/components/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
D=${GSI_DIR:-$GRMS_COMPONENTS/gsi}

# certificate SUBJECT PREFIX EXTENSIONS
certificate() {
  printf '%s\n' "basicConstraints=CA:FALSE" "keyUsage=digitalSignature,keyEncipherment" "$3" > "$2ext"
  openssl req -newkey rsa:2048 -nodes -sha256 -keyout "$2key.pem" -out "$2req.pem" -subj "$1" 2> /dev/null
  openssl x509 -req -sha256 -days 365 -in "$2req.pem" -CA ca/cert.pem -CAkey ca/key.pem \
    -CAcreateserial -extfile "$2ext" -out "$2cert.pem" 2> /dev/null
  chmod 400 "$2key.pem"
  rm "$2req.pem" "$2ext"
}

case ${1:-} in
start)
  mkdir -p "$D"/ca "$D"/certificates "$D"/host "$D"/users
  cd "$D"
  [ -f ca/cert.pem ] || openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 \
    -keyout ca/key.pem -out ca/cert.pem -subj "/O=GrmsTest/CN=GrmsTest CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2> /dev/null
  hash=$(openssl x509 -hash -noout -in ca/cert.pem)
  cp ca/cert.pem "certificates/$hash.0"
  cat > "certificates/$hash.signing_policy" <<C
access_id_CA      X509    '/O=GrmsTest/CN=GrmsTest CA'
pos_rights        globus  CA:sign
cond_subjects     globus  '"/O=GrmsTest/*"'
C
  # The name goes into subjectAltName: "/CN=host/localhost" would silently become another subject.
  [ -f host/hostcert.pem ] || certificate "/O=GrmsTest/CN=localhost" host/host \
    "extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:localhost,DNS:$(hostname),IP:127.0.0.1"
  touch grid-mapfile
  for user in grmstest1 grmstest2; do
    mkdir -p "users/$user"
    [ -f "users/$user/usercert.pem" ] || certificate "/O=GrmsTest/OU=Users/CN=$user" \
      "users/$user/user" "extendedKeyUsage=clientAuth"
    [ "$(id -u)" != 0 ] || ! id "$user" > /dev/null 2>&1 || chown -R "$user" "users/$user"
    grep -q "CN=$user\"" grid-mapfile || echo "\"/O=GrmsTest/OU=Users/CN=$user\" $user" >> grid-mapfile
  done ;;
env) echo "export X509_CERT_DIR=$D/certificates GRIDMAP=$D/grid-mapfile" ;;
stop) rm -rf "$D" ;;
*) usage ;;
esac
