#!/bin/sh
# deploy/compose/restore.sh <snapshot>: the whole cluster back to a snapshot, such as one of the volume `snapshots`:
#   docker cp "$(docker-compose ps -q etcd-snapshots):/snapshots/etcd-20260131T235900Z.db" .
# Everything written since is forgotten. Run it where docker-compose.yml is.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 <snapshot file>" >&2; exit 2; }
snapshot=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
[ -f "$snapshot" ] || { echo "$snapshot is not a file" >&2; exit 1; }
compose=${COMPOSE:-docker-compose}
# etcd's user must read what only its owner can: a copy that everybody can read, in a directory that nobody else can.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$snapshot" "$work/snapshot.db"
chmod 0444 "$work/snapshot.db"
members=etcd-1=https://etcd-1:2380,etcd-2=https://etcd-2:2380,etcd-3=https://etcd-3:2380

# Another at every restore: from it comes the cluster's id, by which apiservers tell that this is not the log they knew.
token=restored-$(date +%s)

# Makes the new data of a member with etcd's own tool, in etcd's own image.
restore() {
  $compose run --rm --no-deps -T --entrypoint "$2" -v "$work/snapshot.db:/snapshot.db:ro" "$1" \
    snapshot restore /snapshot.db --data-dir=/etcd-data/restored --name="$1" --initial-cluster=$members \
    --initial-advertise-peer-urls="https://$1:2380" --initial-cluster-token="$token"
}

# Nobody may see half a cluster.
$compose stop apiserver-1 apiserver-2 etcd-snapshots etcd-1 etcd-2 etcd-3
for member in etcd-1 etcd-2 etcd-3; do
  # etcdutl from 3.5 on, etcdctl before.
  restore $member etcdutl 2>/dev/null || restore $member etcdctl
done
# Only when all three are made does the new data take the place of the old.
for member in 1 2 3; do
  $compose run --rm --no-deps -T --entrypoint node certs -e "
    const fs = require('node:fs');
    fs.rmSync('/etcd/$member/member-data', { recursive: true, force: true });
    fs.renameSync('/etcd/$member/restored', '/etcd/$member/member-data');"
done
$compose up -d --no-build --no-deps etcd-1 etcd-2 etcd-3 apiserver-1 apiserver-2
# Whatever waits for HAProxy's health would give up at once while it still sees no apiserver.
waited=0
until [ "$(docker inspect -f '{{.State.Health.Status}}' "$($compose ps -q haproxy)")" = healthy ]; do
  sleep 1
  waited=$((waited + 1))
  [ $waited -lt 120 ] || { echo "no apiserver is ready after $waited s" >&2; exit 1; }
done
$compose up -d --no-build
