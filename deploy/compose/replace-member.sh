#!/bin/sh
# deploy/compose/replace-member.sh <etcd-1|etcd-2|etcd-3>: a member whose data is lost or damaged begins anew and gets all
# from the other two, which serve meanwhile. Its volume is made anew. Run it where docker-compose.yml is.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 <etcd-1|etcd-2|etcd-3>" >&2; exit 2; }
lost=$1
compose=${COMPOSE:-docker-compose}
others=
for member in etcd-1 etcd-2 etcd-3; do
  [ $member = "$lost" ] || others="$others${others:+,}https://$member:2379"
done
case $others in *,*,*) echo "$lost is no member" >&2; exit 2 ;; esac
project=$(docker inspect -f '{{index .Config.Labels "com.docker.compose.project"}}' "$($compose ps -q etcd-snapshots)")

# A container holds its volumes even when it has ended.
$compose rm --stop --force "$lost" certs
volume=$(docker volume ls -q --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.volume=$lost")
[ -z "$volume" ] || docker volume rm "$volume"
$compose run --rm --no-deps -T etcd-snapshots etcd member replace "$lost" --endpoints="$others" --cacert=/pki/pki/etcd/ca.crt \
  --cert=/pki/pki/etcd/healthcheck-client.crt --key=/pki/pki/etcd/healthcheck-client.key
# It mounts the new volume first, and with that gives it to etcd's user.
$compose run --rm --no-deps -T certs
PILOTHOUSE_ETCD_CLUSTER_STATE=existing $compose up -d --no-deps --no-build "$lost"
waited=0
until [ "$(docker inspect -f '{{.State.Health.Status}}' "$($compose ps -q "$lost")")" = healthy ]; do
  sleep 1
  waited=$((waited + 1))
  [ $waited -lt 120 ] || { echo "$lost is not healthy after $waited s" >&2; exit 1; }
done
