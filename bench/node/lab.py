"""A node with a Dataset behind an S3 server, for one measurement or several."""

import secrets
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import yaml

from bench.figures import Figure
from cluster import KubectlError
from cluster.api import Json
from cluster.node import Node, attach, datapath, start, storage
from fluid.csi.mountinfo import MountTable, parse

DATASET = "store"
"""The name of the Dataset of the example."""
FILE = "/data/models/weights"
"""A file of it, as pods see it."""
_PAUSE = 0.1


class NotReachedError(Exception):
    """Something did not happen in time; the message says what."""


@dataclass
class Lab:
    """A Bound Dataset in a namespace of its own, and the figures so far."""

    node: Node
    namespace: str
    figures: list[Figure] = field(default_factory=list[Figure])

    @property
    def fuse_path(self) -> str:
        """Where the FUSE client of the Dataset mounts."""
        return f"/runtime-mnt/thin/{self.namespace}/{DATASET}/thin-fuse"

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl in the namespace."""
        return self.node.kubectl("--namespace", self.namespace, *arguments, stdin=stdin)

    def bring_dataset(self, *, options: str = "") -> None:
        """Apply the Dataset of the rclone example and wait until it is Bound; more options in YAML."""
        text = datapath.example(self.namespace, "rclone/dataset.yaml")
        if options:
            text = f"{text.rstrip()}\n  fuse: {{options: {{{options}}}}}\n"
        self.kubectl("apply", "--filename", "-", stdin=text)
        self.kubectl("wait", "--for=jsonpath={.status.phase}=Bound", f"dataset/{DATASET}", "--timeout=90s")

    def run_program(self, name: str, program: Path, *arguments: str, volumes: Json = ()) -> None:
        """A pod that has the Dataset at /data and runs a Python program, once it is ready.

        Args:
            name: of the pod.
            program: a file here.
            arguments: of the program.
            volumes: further volumes, with `mountPath` (and `mountPropagation`) beside the source of each.
        """
        pod = pod_manifest(name, ["python3", "-u", "-c", program.read_text(), *arguments], volumes)
        self.kubectl("apply", "--filename", "-", stdin=yaml.safe_dump(pod))
        datapath.ready(self.node, self.namespace, name)

    def logs(self, pod: str) -> list[str]:
        """What a pod printed."""
        return self.kubectl("logs", pod).splitlines()

    def mounts(self) -> MountTable:
        """All mounts of the node."""
        return MountTable(tuple(parse(self.node.exec("cat", "/proc/self/mountinfo").stdout)))

    def targets(self, table: MountTable) -> list[str]:
        """Where the kubelet has the Dataset for pods."""
        suffix = f"/volumes/kubernetes.io~csi/{self.namespace}-{DATASET}/mount"
        return [point for point in table.points() if point.endswith(suffix)]

    def until(self, what: str, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until a condition holds; a command that fails meanwhile counts as not yet.

        Raises:
            NotReachedError: it did not in time.
        """
        deadline, problem = time.monotonic() + seconds, ""
        while True:
            try:
                if holds():
                    return
            except KubectlError as error:
                problem = f": {error}"
            if time.monotonic() > deadline:
                raise NotReachedError(f"waited {seconds:g} s until {what}{problem}")
            time.sleep(_PAUSE)

    def say(self, text: str) -> None:
        """Prints progress."""
        click.echo(text, err=True)


def pod_manifest(
    name: str, command: list[str], volumes: Json = (), image: str = storage.CLIENTS["rclone"]
) -> Json:
    """A pod that has the Dataset at /data; its author says nothing about propagation."""
    sources: list[Json] = [{"name": "data", "persistentVolumeClaim": {"claimName": DATASET}}]
    places: list[Json] = [{"name": "data", "mountPath": "/data"}]
    assert isinstance(volumes, (list, tuple))
    for number, volume in enumerate(volumes):
        assert isinstance(volume, dict)
        place = {key: volume[key] for key in ("mountPath", "mountPropagation") if key in volume}
        sources.append({"name": f"more-{number}", **{key: volume[key] for key in volume if key not in place}})
        places.append({"name": f"more-{number}", **place})
    container: Json = {"name": "main", "image": image, "command": command, "volumeMounts": places}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "restartPolicy": "Never",
            "containers": [container],
            "volumes": sources,
        },
    }


@contextmanager
def running(directory: Path | None, *, restart_period: str = "") -> Generator[Node]:
    """The node that runs in a directory, else a new one with Fluid and the S3 server's images in it.

    Raises:
        NotReachedError: no node runs there.
        BuildError, StartError, NodeError, KubectlError: it cannot be made here.
    """
    if directory is not None:
        if not (found := attach(directory.absolute())):
            raise NotReachedError(f"no node runs in {directory}")
        yield found
        return
    with tempfile.TemporaryDirectory(prefix="fluid-bench-") as folder:
        node = start(Path(folder, "node"), tethered=True, restart_period=restart_period)
        try:
            datapath.deploy(node)
            datapath.provide(node, "rclone")
            yield node
        finally:
            node.stop()


@contextmanager
def laboratory(node: Node, seed: str = datapath.SMALL) -> Generator[Lab]:
    """A namespace with an S3 server; everything in it is deleted in the end."""
    lab = Lab(node, f"bench-{secrets.token_hex(3)}")
    node.kubectl("create", "namespace", lab.namespace)
    try:
        datapath.serve(node, lab.namespace, seed)
        yield lab
    finally:
        for kind in ("pods", "datasets", "thinruntimes"):
            node.try_kubectl("-n", lab.namespace, "delete", kind, "--all", "--timeout=60s")
        node.try_kubectl("delete", "namespace", lab.namespace, "--wait=false")
