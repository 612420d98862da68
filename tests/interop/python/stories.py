"""Drives a cluster with the official Python client: python stories.py <story> <namespace>."""

import sys
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import portforward, stream


def pod(name):
    return client.V1Pod(
        metadata=client.V1ObjectMeta(name=name, labels={"app": name}),
        spec=client.V1PodSpec(containers=[client.V1Container(name="main", image="nginx:1.27")]),
    )


def deployment(name, replicas):
    labels = {"app": name}
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=name),
        spec=client.V1DeploymentSpec(
            replicas=replicas,
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=pod(name).spec),
        ),
    )


def eventually(what, holds):
    deadline = time.monotonic() + 40
    while not holds():
        assert time.monotonic() < deadline, f"{what}: did not happen in time"
        time.sleep(0.1)


def refused(status, reason, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except ApiException as error:
        assert error.status == status, error
        assert f'"reason":"{reason}"' in error.body.replace(" ", "").replace("\n", ""), error.body
        return error
    raise AssertionError(f"expected {status} {reason}")


def objects(namespace):
    """Creates, reads, patches, scales and deletes."""
    core, apps = client.CoreV1Api(), client.AppsV1Api()
    created = apps.create_namespaced_deployment(namespace, deployment("web", 2))
    assert created.metadata.uid and created.spec.strategy.type == "RollingUpdate"
    eventually("two available", lambda: apps.read_namespaced_deployment("web", namespace).status.available_replicas == 2)
    pods = core.list_namespaced_pod(namespace, label_selector="app=web", field_selector="status.phase=Running")
    assert len(pods.items) == 2
    apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 1}})
    assert apps.read_namespaced_deployment_scale("web", namespace).spec.replicas == 1
    apps.patch_namespaced_deployment("web", namespace, {"metadata": {"annotations": {"seen": "yes"}}})
    assert apps.read_namespaced_deployment("web", namespace).metadata.annotations["seen"] == "yes"
    refused(409, "AlreadyExists", apps.create_namespaced_deployment, namespace, deployment("web", 1))
    refused(404, "NotFound", core.read_namespaced_pod, "none", namespace)
    refused(422, "Invalid", core.create_namespaced_config_map, namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="Bad_Name")))
    apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")
    eventually("no pods", lambda: not core.list_namespaced_pod(namespace).items)


def watches(namespace):
    """Follows changes from the version of a list on."""
    core = client.CoreV1Api()
    listed = core.list_namespaced_config_map(namespace)
    watcher = watch.Watch()
    for name in ("one", "two"):
        core.create_namespaced_config_map(namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=name)))
    core.delete_namespaced_config_map("one", namespace)
    seen = []
    events = watcher.stream(
        core.list_namespaced_config_map, namespace, resource_version=listed.metadata.resource_version, timeout_seconds=10
    )
    for event in events:
        seen.append((event["type"], event["object"].metadata.name))
        if len(seen) == 3:
            watcher.stop()
    assert seen == [("ADDED", "one"), ("ADDED", "two"), ("DELETED", "one")], seen


def dynamics(namespace):
    """Works without generated types, and applies on the server."""
    api = dynamic.DynamicClient(client.ApiClient())
    config_maps = api.resources.get(api_version="v1", kind="ConfigMap")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"colour": "blue"}}
    applied = api.server_side_apply(config_maps, body=body, namespace=namespace, field_manager="python")
    assert applied.data.colour == "blue" and applied.metadata.managedFields[0].manager == "python"
    body["data"]["colour"] = "red"
    refused(409, "Conflict", api.server_side_apply, config_maps, body=body, namespace=namespace, field_manager="other")
    assert config_maps.get(name="settings", namespace=namespace).data.colour == "blue"
    ingress = api.resources.get(api_version="networking.k8s.io/v1", kind="Ingress")
    assert ingress.namespaced
    utils.create_from_dict(client.ApiClient(), {**body, "metadata": {"name": "from-dict"}}, namespace=namespace)


def streams(namespace):
    """Reads a log and runs a command over a WebSocket."""
    core = client.CoreV1Api()
    core.create_namespaced_pod(namespace, pod("talker"))
    eventually("running", lambda: core.read_namespaced_pod("talker", namespace).status.phase == "Running")
    assert core.read_namespaced_pod_log("talker", namespace)
    said = stream(core.connect_get_namespaced_pod_exec, "talker", namespace, command=["echo", "hello"], stdout=True, stderr=True, stdin=False, tty=False)
    assert said == "hello\n", repr(said)

    shell = stream(core.connect_get_namespaced_pod_exec, "talker", namespace, command=["sh", "-c", "read line; echo $line; exit 4"], stdin=True, stdout=True, stderr=True, tty=False, _preload_content=False)
    shell.write_stdin("typed\n")
    shell.run_forever(timeout=20)
    assert shell.read_stdout() == "typed\n" and shell.returncode == 4, shell.returncode

    forward = portforward(core.connect_get_namespaced_pod_portforward, "talker", namespace, ports="80")
    http = forward.socket(80)
    http.setblocking(True)
    http.sendall(b"GET / HTTP/1.1\r\nHost: talker\r\n\r\n")
    answer = http.recv(1024)
    assert answer.startswith(b"HTTP/1.1 200 OK"), answer
    assert forward.error(80) is None


STORIES = {"objects": objects, "watches": watches, "dynamic": dynamics, "streams": streams}


def main():
    story, namespace = sys.argv[1:]
    config.load_kube_config()
    core = client.CoreV1Api()
    core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))
    eventually("the default service account", lambda: core.list_namespaced_service_account(namespace).items)
    try:
        STORIES[story](namespace)
    finally:
        core.delete_namespace(namespace)
    print("ok")


if __name__ == "__main__":
    main()
