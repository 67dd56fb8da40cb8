"""Pods on the node: what every other test of this ring relies on."""

import pytest

from cluster import KubectlError
from cluster.node import Node
from cluster.node.datapath import ready
from tests.node.support import apply, inside, run_pod, until

_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount"
_ASK = (
    f'curl -sS -m 5 --cacert {_TOKEN}/ca.crt -H "Authorization: Bearer $(cat {_TOKEN}/token)" '
    "https://kubernetes.default.svc/"
)


def test_a_pod_runs_and_its_logs_and_commands_come_back(node: Node, namespace: str) -> None:
    run_pod(node, namespace)
    assert inside(node, namespace, "one", "hostname") == "one"
    failed = node.try_kubectl("exec", "-n", namespace, "one", "--", "sh", "-c", "echo no >&2; exit 7")
    assert (failed.returncode, "no" in failed.stderr) == (7, True)
    run = "run said --image=fluid.local/tools:1 --restart=Never --command -- echo from-the-pod"
    node.kubectl("-n", namespace, *run.split())
    node.kubectl(
        "-n", namespace, "wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/said", "--timeout=30s"
    )
    assert node.kubectl("-n", namespace, "logs", "said") == "from-the-pod\n"


def test_names_and_addresses_of_services_lead_to_their_pods(node: Node, namespace: str) -> None:
    apply(node, namespace, "web.yaml")
    run_pod(node, namespace)
    node.kubectl("-n", namespace, "rollout", "status", "statefulset/web", "--timeout=60s")

    def ask(url: str, pod: str = "one") -> str:
        """The pod that answers; nothing while DNS or kube-proxy does not know it yet."""
        return node.try_kubectl(
            "-n", namespace, "exec", pod, "--", "curl", "-sS", "-m", "5", url
        ).stdout.strip()

    def all_answer(url: str, pod: str = "one") -> bool:
        return {ask(url, pod) for _ in range(10)} == {"web-0", "web-1"}

    until(lambda: ask("http://web-1.web:8080/") == "web-1", "a short name leads to a pod")
    whole = f"http://web-0.web.{namespace}.svc.cluster.local:8080/"
    until(lambda: ask(whole) == "web-0", "a whole name leads to a pod")
    until(lambda: all_answer("http://front/"), "both pods answer for the Service")
    address = node.kubectl("-n", namespace, "get", "service", "front", "-o", "jsonpath={.spec.clusterIP}")
    assert ask(f"http://{address}/").startswith("web-")
    assert all_answer("http://front/", pod="web-0"), "a pod behind a Service reaches itself through it"
    assert node.exec("curl", "-sS", "-m", "5", f"http://{address}/").stdout.startswith("web-")


def test_a_pod_reaches_the_api_server_as_its_service_account(node: Node, namespace: str) -> None:
    run_pod(node, namespace)
    assert '"gitVersion": "v1.' in inside(node, namespace, "one", "sh", "-c", f"{_ASK}version")
    denied = inside(node, namespace, "one", "sh", "-c", f"{_ASK}api/v1/nodes")
    assert f"system:serviceaccount:{namespace}:default" in denied
    assert "forbidden" in denied


def test_the_kubelet_answers_nobody_unknown(node: Node, namespace: str) -> None:
    run_pod(node, namespace)
    code = ("-o", "/dev/null", "-w", "%{http_code}")
    asked = inside(node, namespace, "one", "curl", "-sSk", "-m", "5", *code, "https://10.77.0.1:10250/pods")
    assert asked == "401"


def test_an_image_that_was_not_loaded_is_no_way_out(node: Node, namespace: str) -> None:
    node.kubectl("-n", namespace, "run", "foreign", "--image=example.org/none:1", "--restart=Never")
    reason = "jsonpath={.status.containerStatuses[0].state.waiting.reason}"
    node.kubectl("-n", namespace, "wait", f"--for={reason}=ErrImagePull", "pod/foreign", "--timeout=30s")


def test_a_mount_made_in_one_pod_is_read_in_another(node: Node, namespace: str) -> None:
    apply(node, namespace, "readers.yaml")
    ready(node, namespace, "reader", "blind")
    apply(node, namespace, "fuse.yaml")
    node.kubectl("-n", namespace, "rollout", "status", "daemonset/fuse", "--timeout=60s")
    file = f"/runtime-mnt/{namespace}/fs/file"
    assert inside(node, namespace, "reader", "cat", file) == "bytes-through-fuse"
    mounts = node.exec("grep", f"/runtime-mnt/{namespace}/fs", "/proc/mounts").stdout.splitlines()
    assert [mount.split()[2] for mount in mounts] == ["fuse"], "once, not once for each peer"
    with pytest.raises(KubectlError, match="No such file"):
        inside(node, namespace, "blind", "cat", file)
    node.kubectl("-n", namespace, "delete", "daemonset/fuse", "--cascade=foreground", "--timeout=60s")
    assert node.exec("grep", f"/runtime-mnt/{namespace}/fs", "/proc/mounts").stdout == ""
