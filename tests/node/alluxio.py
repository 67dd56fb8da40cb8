"""What tests of AlluxioRuntime share: waiting for its status, its mounts, and the end of its processes."""

import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from cluster.access import KubectlError
from cluster.node import Node
from cluster.node.alluxio import command, warm
from tests.node.datapath import field
from tests.node.support import Json, until

_SIGNAL = """
import os, pathlib, sys
for one in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    words = one.read_bytes().split(b"\\0")
    if words[0] == b"java" and sys.argv[1].encode() in words:
        os.kill(int(one.parent.name), int(sys.argv[2]))
        print(one.parent.name)
"""


class Watch:
    """The seconds of each step of a story, for the end of the test run."""

    def __init__(self, note: Callable[[str, object], None], story: str) -> None:
        self._note = note
        self._story = story
        self._since = time.monotonic()

    def lap(self, step: str) -> None:
        """A step is done."""
        self._note(f"{self._story}: {step}", f"{time.monotonic() - self._since:.1f} s")
        self._since = time.monotonic()

    def show(self, when: str, text: str) -> None:
        """Note what a command prints."""
        self._note(f"{self._story}, {when}", f"\n{text}")


def load(node: Node, namespace: str, dataset: str, name: str = "warm") -> None:
    """Load a whole Dataset, and wait until that is complete."""
    warm(node, namespace, dataset, name)
    about = f"dataload/{name}"
    until(
        lambda: field(node, namespace, about, "{.status.phase}") in ("Complete", "Failed"),
        f"DataLoad {name} ends",
        seconds=240,
        seen=lambda: field(node, namespace, about, "{.status}"),
    )
    assert field(node, namespace, about, "{.status.phase}") == "Complete", field(
        node, namespace, about, "{.status}"
    )


def await_status(
    node: Node, namespace: str, name: str, wanted: Mapping[str, str], *, seconds: float = 240
) -> None:
    """Wait until fields of a Dataset's status have values; a field is a path in it."""

    def there() -> dict[str, str]:
        return {key: field(node, namespace, f"dataset/{name}", f"{{.status.{key}}}") for key in wanted}

    until(
        lambda: there() == wanted,
        f"the status of Dataset {name} has {wanted}",
        seconds=seconds,
        seen=lambda: field(node, namespace, f"dataset/{name}", "{.status}"),
    )


def await_mounts(node: Node, namespace: str, name: str, *wanted: str) -> None:
    """Wait until Alluxio has mounts at these paths and at no other, the root's aside."""
    until(
        lambda: mounted(node, namespace, name) == sorted(wanted),
        f"Alluxio has {wanted} mounted",
        seconds=240,
        seen=lambda: mounted(node, namespace, name),
    )


def mounted(node: Node, namespace: str, name: str) -> list[str]:
    """The paths of all mounts but the root's; empty while no master answers."""
    try:
        lines = command(node, namespace, name, "fs", "mount").splitlines()
    except KubectlError:
        return []
    return sorted(words[2] for words in map(str.split, lines) if len(words) > 2 and words[2] != "/")


def change(node: Node, namespace: str, name: str, mounts: Sequence[Json]) -> None:
    """Give a running Dataset other mounts."""
    patch = [{"op": "replace", "path": "/spec/mounts", "value": list(mounts)}]
    node.kubectl("-n", namespace, "patch", "dataset", name, "--type=json", "-p", json.dumps(patch))


def send(node: Node, class_name: str, word: str) -> list[str]:
    """Send the processes of a Java class a signal, such as KILL; which they are."""
    number = str(signal.Signals[f"SIG{word}"].value)
    return node.exec("python3", "-c", _SIGNAL, class_name, number).stdout.split()
