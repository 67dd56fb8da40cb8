"""`make demo`: bytes of an S3 server through the claim of a Dataset into a pod, on a real node.

From nothing: a node, the operator and its node plugin in it, an S3 server with generated files, a
Dataset with a ThinRuntime (rclone), a DataLoad, a pod that reads; and back to nothing. Where no
node can run it says why, and shows what a control plane alone can show. `KEEP=1` leaves everything running.
Exit code 0 means that all of it happened and every checksum is the same.
"""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cluster import BuildError, KubectlError, StartError
from cluster import demo as control_plane
from cluster.node import Node, attach, datapath, images, needs, start, storage
from cluster.node.build import build
from cluster.node.node import NodeError
from cluster.story import Story, StoryError, finish_undisturbed, perform
from fluid.models import DataLoad, Dataset

NAMESPACE = control_plane.NAMESPACE
_READING = Path(__file__).parent / "reading.py"
_DATASET, _LOAD, _READER = "cached", "warm-cached", "python"
_KINDS = "dataset,thinruntime,dataload"
_SEED = """
mkdir -p /data/models
for number in $(seq 32); do dd if=/dev/urandom of=/data/models/part-$number bs=1M count=8; done
"""
_SUMS = "find . -type f | xargs sha256sum"
_LOGS = ("--namespace", "fluid-system", "logs", "deployment/fluid-operator", "--tail=20")
_EXPECTED = (BuildError, StartError, NodeError, KubectlError, OSError)


class Reading(NamedTuple):
    """What a pod read from a folder."""

    files: int
    size: int
    seconds: list[float]
    sums: list[str]

    def speed(self, time: int) -> str:
        """How fast it was the first (0) or second (1) time."""
        return f"{self.size / self.seconds[time] / 1e6:,.0f} MB/s"


class Demo:
    """One run on one node."""

    def __init__(self, node: Node, story: Story) -> None:
        self._node = node
        self._story = story

    def run(self) -> None:
        """Go from the empty node to a pod that has read everything."""
        self._story.say("make deploy: operator and node plugin, in the cluster")
        datapath.deploy(self._node)
        datapath.provide(self._node, "rclone")
        self._begin()
        self._story.say("an S3 server with a bucket of 32 files, 8 MiB each")
        datapath.serve(self._node, NAMESPACE, _SEED)
        self._story.say(
            "kubectl apply -f examples/thin/rclone/cached.yaml -f examples/thin/rclone/dataload.yaml"
        )
        for name in ("cached", "dataload"):
            self._kubectl("apply", "-f", "-", stdin=datapath.example(NAMESPACE, f"rclone/{name}.yaml"))
        self._until("the Dataset is Bound and the DataLoad Complete", self._loaded)
        self._story.say("a pod that mounts the claim, without a word about Fluid")
        datapath.apply(self._node, NAMESPACE, "python.yaml", CLAIM=_DATASET)
        datapath.ready(self._node, NAMESPACE, _READER)
        self._read("models")
        self._story.say(f"kubectl get {_KINDS},pod -o wide")
        print(self._kubectl("get", f"{_KINDS},pod", "-o", "wide"))

    def end(self) -> None:
        """Delete everything; the Dataset takes its runtime with it."""
        self._story.say("delete everything")
        self._kubectl("delete", "pod", _READER, "--ignore-not-found", "--wait=false")
        self._kubectl("delete", "dataset,dataload", "--all", "--wait=false")
        self._until("nothing is left", lambda: not self._left())
        self._node.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s")
        self._story.say("nothing is left: no object, no volume, no mount, no label on the node")

    def _begin(self) -> None:
        if self._node.try_kubectl("get", "namespace", NAMESPACE).returncode == 0:
            self.end()
        self._node.kubectl("create", "namespace", NAMESPACE)

    def _loaded(self) -> bool:
        dataset = Dataset.model_validate_json(self._kubectl("get", "dataset", _DATASET, "-o", "json"))
        load = DataLoad.model_validate_json(self._kubectl("get", "dataload", _LOAD, "-o", "json"))
        bound = (dataset.status.phase if dataset.status else None) or "NotBound"
        loaded = (load.status.phase if load.status else None) or "Pending"
        self._story.tell(f"Dataset {_DATASET}", bound)
        infos = ", ".join(
            f"{key} {value}"
            for key, value in sorted(((load.status.infos or {}) if load.status else {}).items())
        )
        self._story.tell(f"DataLoad {_LOAD}", loaded, infos)
        if loaded == "Failed":
            raise StoryError(f"the DataLoad failed:\n{self._kubectl('describe', 'dataload', _LOAD)}")
        return (bound, loaded) == ("Bound", "Complete")

    def _read(self, folder: str) -> None:
        where = ("exec", "-i", _READER, "--", "python3", "-", f"/data/{folder}")
        got = Reading(**json.loads(self._kubectl(*where, stdin=_READING.read_text())))
        served = self._kubectl("exec", "s3", "-c", "shell", "--", "sh", "-c", f"cd /data/{folder} && {_SUMS}")
        if sorted(got.sums) != sorted(served.splitlines()):
            raise StoryError(f"/{folder} differs from what the S3 server has")
        self._story.say(
            f"the pod read {got.files} files, {got.size / 1e6:.0f} MB, checksums equal;"
            f" first read {got.speed(0)}, second {got.speed(1)}"
        )

    def _left(self) -> list[str]:
        """Whatever of the Dataset there still is: objects, volumes, mounts, labels."""
        here = self._kubectl("get", f"{_KINDS},daemonset,statefulset,job,pvc", "-o", "name").split()
        volumes = self._node.kubectl("get", "pv", "-o", "name").split()
        labels = self._node.kubectl("get", "nodes", "--show-labels", "--no-headers")
        marks = [label for label in labels.replace(",", " ").split() if NAMESPACE in label]
        mounts = self._node.exec("cat", "/proc/self/mountinfo").stdout.splitlines()
        mine = [mount for mount in mounts if f"/{NAMESPACE}/{_DATASET}/" in mount]
        return here + [volume for volume in volumes if NAMESPACE in volume] + marks + mine

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        self._story.until(what, holds, lambda: self._kubectl("get", f"{_KINDS},pod,pvc", "-o", "wide"))

    def _kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self._node.kubectl("--namespace", NAMESPACE, *arguments, stdin=stdin)


def main() -> int:
    """Run the demo; everything that it starts ends with it."""
    parser = argparse.ArgumentParser(prog="python -m cluster.node.demo", description=__doc__)
    parser.add_argument("--directory", type=Path, default=Path(".node"), help="files of the node")
    directory: Path = parser.parse_args().directory.absolute()
    if missing := needs():
        print(f"no node can run here: {'; '.join(missing)}", flush=True)
        print("so the control plane alone, with simulated nodes and cache: no mount, no byte that is read")
        return control_plane.main([])
    keep = os.environ.get("KEEP", "") not in {"", "0"}
    return perform(lambda: _demo(directory, keep=keep), *_EXPECTED)


def _demo(directory: Path, *, keep: bool) -> int:
    story = Story()
    running = attach(directory)
    story.say(
        "the node that runs" if running else "a node: kubelet, containerd, FUSE; what is missing is built"
    )
    build(storage.server())
    story.say("the images of the operator, of the S3 server, and of rclone")
    images.operator()
    storage.images("rclone")
    node = running or start(directory, tethered=not keep)
    kept = False
    try:
        demo = Demo(node, story)
        demo.run()
        if not keep:
            demo.end()
        kept = keep
    except (StoryError, *_EXPECTED) as error:
        print(f"error: {error}\nthe operator's last lines:", file=sys.stderr)
        print(node.try_kubectl(*_LOGS).stdout, file=sys.stderr)
        return 1
    finally:
        if not kept and not running:
            finish_undisturbed()
            node.stop()
    if kept:
        _instruct(node)
    return 0


def _instruct(node: Node) -> None:
    print(f"""Everything keeps running. In your shell:
  export KUBECONFIG={shlex.quote(str(node.kubeconfig))} PATH={shlex.quote(str(node.bin))}:"$PATH"
  kubectl --namespace {NAMESPACE} exec {_READER} -- python3 -c 'import os; print(*os.walk("/data"))'
  kubectl --namespace {NAMESPACE} describe dataset,thinruntime {_DATASET}
Stop everything with: make node-down""")


if __name__ == "__main__":
    sys.exit(main())
