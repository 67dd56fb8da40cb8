"""Volumes that are published as links, of FUSE clients that mount each source in a folder below the path."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.node import Node, images, storage
from tests.node import pods
from tests.node.datapath import apply, await_bound, deleted
from tests.node.support import Json, until

PROFILE = "many-below"
PROGRAM = """
import ctypes, json, os, pathlib, signal, subprocess, sys, time
def stop(*_):
    for folder in folders:
        ctypes.CDLL(None).umount2(os.fsencode(folder), 2)
    os._exit(0)
folders = []
signal.signal(signal.SIGTERM, stop)
time.sleep(float(os.environ["WAIT"]))
config = json.loads(pathlib.Path("/etc/fluid/config/config.json").read_text())
folders = [pathlib.Path(config["targetPath"], mount["name"]) for mount in config["mounts"]]
for folder in folders:
    folder.mkdir(parents=True, exist_ok=True)
clients = [subprocess.Popen([sys.executable, "/program/fuse.py", str(one), one.name]) for one in folders]
for client in clients:
    client.wait()
"""
LINK = {"labels": {"fluid.io/node-publish-method": "symlink"}, "selector": {"kind": "PersistentVolume"}}
SKIP = "fluid.io/skip-check-mount-ready-target"
API = "data.fluid.io/v1alpha1"


@pytest.fixture(scope="module")
def prepared(stored: Node, home: str) -> Iterator[Node]:
    fuse = (Path(__file__).parents[1] / "harness/fuse.py").read_text()
    program = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "fake-fuse"}}
    image, _, tag = storage.CLIENTS["rclone"].rpartition(":")
    client: Json = {
        "image": image,
        "imageTag": tag,
        "imagePullPolicy": "IfNotPresent",
        "volumeMounts": [{"name": "program", "mountPath": "/program"}],
        "command": ["python3", "/program/many.py"],
        "lifecycle": {"preStop": {"exec": {"command": ["python3", "-c", ""]}}},
    }
    volumes = [{"name": "program", "configMap": {"name": "fake-fuse"}}]
    spec = {"fileSystemType": "fuse", "volumes": volumes, "fuse": client}
    profile = {"apiVersion": API, "kind": "ThinRuntimeProfile", "metadata": {"name": PROFILE}, "spec": spec}
    apply(stored, home, {**program, "data": {"fuse.py": fuse, "many.py": PROGRAM}}, profile)
    yield stored
    stored.kubectl("delete", "thinruntimeprofile", PROFILE)


def publish(node: Node, namespace: str, name: str, wait: int, **annotations: str) -> None:
    """A Dataset of two sources whose client waits so many seconds before it makes its folders."""
    mounts = [{"mountPoint": f"x://{one}", "name": one} for one in "ab"]
    dataset = {"apiVersion": API, "kind": "Dataset", "metadata": {"name": name}, "spec": {"mounts": mounts}}
    noted = {"name": name, "annotations": {"data.fluid.io/metadataList": json.dumps([LINK]), **annotations}}
    spec = {"profileName": PROFILE, "fuse": {"env": [{"name": "WAIT", "value": str(wait)}]}}
    runtime = {"apiVersion": API, "kind": "ThinRuntime", "metadata": noted, "spec": spec}
    apply(node, namespace, dataset, runtime)
    await_bound(node, namespace, name)


def reader(claim: str) -> Json:
    """A pod that also gets what is mounted below the path after it has started."""
    mount = {"name": "data", "mountPath": "/data", "mountPropagation": "HostToContainer"}
    spec = {
        "terminationGracePeriodSeconds": 1,
        "containers": [
            {
                "name": "main",
                "image": images.TOOLS,
                "command": ["sh", "-c", "trap exit TERM; exec sleep 3600"],
                "volumeMounts": [mount],
            }
        ],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"{claim}-reader"}, "spec": spec}


@pytest.mark.parametrize(
    ("name", "wait", "annotations"),
    [("below", 0, {}), ("late", 25, {SKIP: "All"})],
    ids=["checked", "skipped"],
)
def test_a_pod_reads_what_is_mounted_below_the_path_however_late(
    prepared: Node, home: str, name: str, wait: int, annotations: dict[str, str]
) -> None:
    publish(prepared, home, name, wait, **annotations)
    apply(prepared, home, reader(name))
    pod = f"{name}-reader"
    prepared.kubectl("-n", home, "wait", "--for=condition=Ready", "--timeout=150s", f"pod/{pod}")
    for one in "ab":
        until(
            lambda one=one: pods.shell(prepared, home, pod, f"cat /data/{one}/hello").stdout == one,
            f"the pod reads {one}",
        )
    failed = prepared.kubectl("-n", home, "get", "events", "--field-selector", f"involvedObject.name={pod}")
    assert "CreateContainerError" not in failed
    assert "Error: failed" not in failed, "no container was made over a link that leads nowhere"
    prepared.kubectl("-n", home, "delete", "pod", pod, "--timeout=30s")
    deleted(prepared, home, name)
