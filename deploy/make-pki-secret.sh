#!/bin/sh
# deploy/make-pki-secret.sh <namespace> [directory]: makes keys, certificates and kubeconfigs for a control plane hosted in
# that namespace and puts them into the Secret pilothouse-pki. Again: renews what is about to expire. Keep the directory.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 <namespace> [directory]" >&2; exit 2; }
namespace=$1
directory=${2:-.pilothouse/hosted-$namespace}
root=$(cd "$(dirname "$0")/.." && pwd)
pilothouse=${PILOTHOUSE:-"node $root/apps/pilothouse/bin/pilothouse.mjs"}

mkdir -p "$directory"
$pilothouse certs make --data-dir="$(cd "$directory" && pwd)" --server=https://apiserver:6443 \
  --host="apiserver.$namespace" --host="apiserver.$namespace.svc" \
  --etcd-host=etcd-0.etcd --etcd-host=etcd-1.etcd --etcd-host=etcd-2.etcd

# A key of a Secret has no slash: etcd/ca.crt becomes etcd-ca.crt. What no pod mounts stays here: the administrator's
# kubeconfig and the keys of authorities that nobody in the cluster signs with.
set --
for file in "$directory"/pki/*.* "$directory"/pki/etcd/*.* "$directory"/*.conf; do
  name=${file#"$directory"/}
  case $name in admin.conf | pki/etcd/ca.key | pki/front-proxy-ca.key) continue ;; esac
  set -- "$@" "--from-file=$(echo "${name#pki/}" | tr / -)=$file"
done
kubectl create secret generic pilothouse-pki --namespace="$namespace" --dry-run=client -o yaml "$@" | kubectl apply -f -
echo "The administrator's kubeconfig is $directory/admin.conf; its server is a name inside the cluster:"
echo "  kubectl port-forward --namespace=$namespace service/apiserver 6443 and --server=https://127.0.0.1:6443"
