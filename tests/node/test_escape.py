"""A pod that makes its own root where the volume is: recovery takes no mount of another name away."""

from cluster.node import Node, datapath, images
from tests.node import pods
from tests.node.datapath import apply, bound, client, client_signal, deleted
from tests.node.support import until

_SCRIPT = """
import os, time
if os.fork() == 0:
    last = ""
    while True:
        try:
            same = open("/proc/sys/kernel/core_pattern").read()
            open("/proc/sys/kernel/core_pattern", "w").write(same)
            now = "WRITABLE"
        except OSError as error:
            now = str(error)
        if now != last:
            print(now, flush=True)
            last = now
        time.sleep(0.05)
os.chroot("/x")
os.chdir("/")
time.sleep(100000)
"""


_READ = "import pathlib, sys; [one.read_bytes() for one in pathlib.Path(sys.argv[1], 'models').iterdir()]"


def await_readable(node: Node, namespace: str) -> None:
    """Wait until both pods read their volumes."""
    reads = [("reader", "sh", "-c", "cat /data/models/* > /dev/null")]
    reads += [("escape", "python3", "-c", _READ, path) for path in ("/plain", "/x/proc/sys")]
    for pod, *command in reads:
        exec_ = ("-n", namespace, "exec", pod, "--", *command)
        until(
            lambda exec_=exec_: node.try_kubectl(*exec_).returncode == 0,
            f"{pod} reads",
            seconds=30,
            seen=lambda exec_=exec_: node.try_kubectl(*exec_).stderr,
        )


def test_a_pod_that_chroots_keeps_its_read_only_proc_sys_and_its_volume_is_renewed(
    bucket: Node, namespace: str
) -> None:
    name = bound(bucket, namespace, "rclone")
    datapath.read_by(bucket, namespace, name)
    container = {
        "name": "main",
        "image": images.OPERATOR,
        "command": ["python3", "-c", _SCRIPT],
        "securityContext": {"runAsUser": 0},
        "volumeMounts": [
            {"name": "data", "mountPath": path} for path in ("/x/proc/sys", "/x/proc/sys/", "/plain")
        ],
    }
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": name}}
    spec = {"terminationGracePeriodSeconds": 1, "containers": [container], "volumes": [volume]}
    apply(
        bucket,
        namespace,
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "escape"}, "spec": spec},
    )
    datapath.ready(bucket, namespace, "escape")
    for _ in range(2):
        await_readable(bucket, namespace)
        killed = client(bucket, namespace, name)
        client_signal(bucket, namespace, name, "KILL")
        until(lambda was=killed: client(bucket, namespace, name) not in ("", was), "a new client")
        await_readable(bucket, namespace)
        assert bucket.kubectl("-n", namespace, "logs", "escape").split("\n")[:-1] == [
            "[Errno 30] Read-only file system: '/proc/sys/kernel/core_pattern'"
        ]
    pods.stop(bucket, namespace, "escape", "reader")
    deleted(bucket, namespace, name)
