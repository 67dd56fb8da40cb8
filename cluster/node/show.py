"""The common part of the demos: a pod reads bytes of an S3 server through a Dataset's claim."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from cluster import demo as control_plane
from cluster.access import Cluster
from cluster.node import datapath, trouble
from cluster.node.installation import LABEL, RefusedError
from cluster.node.names import Names
from cluster.story import Story, StoryError
from fluid.models import DataLoad, Dataset

NAMESPACE = control_plane.NAMESPACE
READER = "python"
DATASET = "cached"
_READING = Path(__file__).parent / "reading.py"
_LOAD = "warm-cached"
_KINDS = "dataset,thinruntime,dataload"
_SEED = """
mkdir -p /data/models
for number in $(seq 32); do dd if=/dev/urandom of=/data/models/part-$number bs=1M count=8; done
"""
_SUMS = "find . -type f | xargs sha256sum"


class Reading(NamedTuple):
    """What a pod read from a folder."""

    files: int
    size: int
    seconds: list[float]
    sums: list[str]

    def speed(self, time: int) -> str:
        """How fast it was the first (0) or second (1) time."""
        return f"{self.size / self.seconds[time] / 1e6:,.0f} MB/s"


class Show:
    """One run on one cluster that has the operator, in a namespace of its own.

    Args:
        cluster: where.
        story: prints the progress.
        mounts: the mounts of the cluster's nodes, as /proc/self/mountinfo writes them.
        names: the images.
        profile: the name of the ThinRuntimeProfile.
    """

    def __init__(
        self,
        cluster: Cluster,
        story: Story,
        mounts: Callable[[], str],
        *,
        names: Names | None = None,
        profile: str = "rclone",
    ) -> None:
        self._cluster = cluster
        self._story = story
        self._mounts = mounts
        self._names = names or Names()
        self._profile = profile

    def run(self) -> None:
        """Go from the empty namespace to a pod that has read everything."""
        self._begin()
        self._story.say("an S3 server with a bucket of 32 files, 8 MiB each")
        datapath.serve(self._cluster, NAMESPACE, _SEED, words=self._names.words)
        self._story.say(
            "kubectl apply -f examples/thin/rclone/cached.yaml -f examples/thin/rclone/dataload.yaml"
        )
        for name in ("cached", "dataload"):
            text = datapath.example(NAMESPACE, f"rclone/{name}.yaml")
            text = text.replace("profileName: rclone", f"profileName: {self._profile}")
            self._kubectl("apply", "-f", "-", stdin=text)
        self._until("the Dataset is Bound and the DataLoad Complete", self._loaded)
        self._story.say("a pod that mounts the claim, without a word about Fluid")
        datapath.apply(self._cluster, NAMESPACE, "python.yaml", **self._names.words, CLAIM=DATASET)
        datapath.ready(self._cluster, NAMESPACE, READER)
        self._read("models")
        self._story.say(f"kubectl get {_KINDS},pod -o wide")
        print(self._kubectl("get", f"{_KINDS},pod", "-o", "wide"))

    def end(self) -> None:
        """Delete everything; the Dataset takes its runtime with it."""
        self._story.say("delete everything")
        self._kubectl("delete", "pod", READER, "--ignore-not-found", "--wait=false")
        self._kubectl("delete", "dataset,dataload", "--all", "--wait=false")
        self._until("nothing is left", lambda: not self._left())
        self._cluster.kubectl("delete", "namespace", NAMESPACE, "--timeout=60s")
        self._story.say("nothing is left: no object, no volume, no mount, no label on the node")

    def begun(self) -> bool:
        """Whether there is a namespace of an earlier run.

        Raises:
            RefusedError: there is one that no demo made.
        """
        asked = ("get", "namespace", NAMESPACE, "--ignore-not-found", "-o", "json")
        if not (found := self._cluster.kubectl(*asked)):
            return False
        if LABEL not in json.loads(found)["metadata"].get("labels", {}):
            raise RefusedError(
                f"the namespace {NAMESPACE} is there, and no demo made it (it has no label {LABEL}): the demo"
                " touches nothing of others. Next: delete it, if nobody needs it"
            )
        return True

    def _begin(self) -> None:
        if self.begun():
            self.end()
        made = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": NAMESPACE, "labels": {LABEL: "true"}},
        }
        self._cluster.kubectl("create", "-f", "-", stdin=json.dumps(made))

    def _loaded(self) -> bool:
        trouble.check(self._cluster, NAMESPACE)
        dataset = Dataset.model_validate_json(self._kubectl("get", "dataset", DATASET, "-o", "json"))
        load = DataLoad.model_validate_json(self._kubectl("get", "dataload", _LOAD, "-o", "json"))
        bound = (dataset.status.phase if dataset.status else None) or "NotBound"
        loaded = (load.status.phase if load.status else None) or "Pending"
        self._story.tell(f"Dataset {DATASET}", bound)
        infos = ", ".join(
            f"{key} {value}"
            for key, value in sorted(((load.status.infos or {}) if load.status else {}).items())
        )
        self._story.tell(f"DataLoad {_LOAD}", loaded, infos)
        if loaded == "Failed":
            raise StoryError(f"the DataLoad failed:\n{self._kubectl('describe', 'dataload', _LOAD)}")
        return (bound, loaded) == ("Bound", "Complete")

    def _read(self, folder: str) -> None:
        where = ("exec", "-i", READER, "--", "python3", "-", f"/data/{folder}")
        got = Reading(**json.loads(self._kubectl(*where, stdin=_READING.read_text())))
        served = self._kubectl("exec", "s3", "-c", "shell", "--", "sh", "-c", f"cd /data/{folder} && {_SUMS}")
        if sorted(got.sums) != sorted(served.splitlines()):
            raise StoryError(f"/{folder} differs from what the S3 server has")
        self._story.say(
            f"the pod read {got.files} files, {got.size / 1e6:.0f} MB, checksums equal;"
            f" first read {got.speed(0)}, second {got.speed(1)}"
        )

    def _left(self) -> list[str]:
        """What is left of the Dataset: objects, volumes, mounts, labels."""
        here = self._kubectl("get", f"{_KINDS},daemonset,statefulset,job,pvc", "-o", "name").split()
        volumes = self._cluster.kubectl("get", "pv", "-o", "name").split()
        labels = self._cluster.kubectl("get", "nodes", "--show-labels", "--no-headers")
        marks = [label for label in labels.replace(",", " ").split() if NAMESPACE in label]
        mine = [mount for mount in self._mounts().splitlines() if f"/{NAMESPACE}/{DATASET}/" in mount]
        return here + [volume for volume in volumes if NAMESPACE in volume] + marks + mine

    def _until(self, what: str, holds: Callable[[], bool]) -> None:
        self._story.until(what, holds, self._seen, seconds=120)

    def _seen(self) -> str:
        """All objects, and the problems in their conditions."""
        words = '{range .items[*]}{range .status.conditions[?(@.status!="True")]}{.message}{"\\n"}{end}{end}'
        conditions = self._kubectl("get", _KINDS, "-o", f"jsonpath={words}")
        listed = self._kubectl("get", f"{_KINDS},pod,pvc", "-o", "wide")
        return f"{listed}{conditions}Next: kubectl --namespace {NAMESPACE} describe {_KINDS},pods"

    def _kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self._cluster.kubectl("--namespace", NAMESPACE, *arguments, stdin=stdin)
