#!/bin/sh
# For a machine that cannot pull images: makes stand-ins for those of others under the very names that the Dockerfile and
# docker-compose.yml have, from Debian's packages and the Node that runs this project. Needs root, debootstrap and docker.
#   tests/compose/local-images.sh <node image> <haproxy image>
set -eu
node_image=$1 haproxy_image=$2
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() { docker image inspect "$1" >/dev/null 2>&1; }

debootstrap --variant=minbase --include=ca-certificates bookworm "$work/base" >"$work/log" 2>&1 || { tail -n 5 "$work/log" >&2; exit 1; }
cp /etc/resolv.conf "$work/base/etc/resolv.conf"
# What the host trusts, the image must trust too: npm runs in it.
cp -r /usr/local/share/ca-certificates/. "$work/base/usr/local/share/ca-certificates/" 2>/dev/null || true
chroot "$work/base" update-ca-certificates >/dev/null 2>&1

add_package() {
  cp -a "$work/base" "$work/$1"
  chroot "$work/$1" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive chroot "$work/$1" apt-get install -y -qq --no-install-recommends $2 >/dev/null
}

if ! have "$node_image"; then
  cp -a "$work/base" "$work/node"
  cp "$root/node_modules/node/bin/node" "$work/node/usr/local/bin/node"
  mkdir -p "$work/node/usr/local/lib/node_modules"
  npm_cli=$(readlink -f "${npm_execpath:-$(command -v npm)}")
  cp -r "$(dirname "$(dirname "$npm_cli")")" "$work/node/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/node/usr/local/bin/npm"
  chroot "$work/node" groupadd --gid 1000 node
  chroot "$work/node" useradd --uid 1000 --gid node --create-home node
  tar -C "$work/node" -c . | docker import -c 'LABEL io.pilothouse.stand-in=true' -c 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' - "$node_image" >/dev/null
fi
if ! have "$haproxy_image"; then
  add_package haproxy haproxy
  tar -C "$work/haproxy" -c . |
    docker import -c 'LABEL io.pilothouse.stand-in=true' -c 'USER haproxy' -c 'CMD ["haproxy","-f","/usr/local/etc/haproxy/haproxy.cfg"]' - "$haproxy_image" >/dev/null
fi
