#!/bin/sh
# deploy/compose/roll.sh [tag]: every app of a running cluster to another image, one container at a time, each only when
# the one before is healthy. Clients go on all the while. Without a tag: the images that now bear the present tag.
set -eu
compose=${COMPOSE:-docker-compose}
[ $# -eq 0 ] || export PILOTHOUSE_TAG="$1"
timeout=${TIMEOUT_SECONDS:-60}

healthy() {
  for container in $($compose ps -q "$1"); do
    [ "$(docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}' "$container")" = healthy ] || return 1
  done
}

roll() {
  echo "── $1"
  $compose up -d --no-deps --no-build --force-recreate "$1"
  waited=0
  until healthy "$1"; do
    sleep 1
    waited=$((waited + 1))
    if [ $waited -ge "$timeout" ]; then
      echo "$1 is not healthy after $timeout s; nothing further is touched" >&2
      exit 1
    fi
  done
}

# Servers before their clients, as Kubernetes' version skew policy has it; the second of a pair when the first is well.
for service in apiserver-1 apiserver-2 controller-manager-1 controller-manager-2 scheduler-1 scheduler-2 kubelet; do
  roll $service
done
