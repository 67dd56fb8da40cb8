"""A Dataset goes when nobody reads it any more, and leaves the node as it was."""

import json
from collections import Counter

from cluster.node import Node
from fluid.csi.mountinfo import Mount, parse
from tests.node import pods
from tests.node.datapath import await_bound, create, events, field, gone
from tests.node.pods import Use
from tests.node.support import inside, until

_TABLE = "print(open('/proc/self/mountinfo').read())"


def test_a_deletion_waits_for_a_reader_names_it_and_leaves_no_mount(stored: Node, home: str) -> None:
    until(
        lambda: not _ending(stored),
        "nothing of other tests is on its way out",
        seconds=60,
        seen=lambda: _ending(stored),
    )
    before = _mounts(stored)
    name = create(stored, home, "rclone/dataset.yaml")
    await_bound(stored, home, name)
    pods.start(stored, home, "reader", Use(name))
    assert _mounts(stored) != before

    stored.kubectl("-n", home, "delete", "dataset", name, "--wait=false")
    about = f"dataset/{name}"
    blocked = '{.status.conditions[?(@.type=="DeletionBlocked")]}'
    until(
        lambda: field(stored, home, about, blocked),
        "the deletion says what it waits for",
        seen=lambda: field(stored, home, about, "{.status}"),
    )
    condition = json.loads(field(stored, home, about, blocked))
    assert (condition["status"], condition["reason"]) == ("True", "VolumeInUse")
    assert f"{home}/{name}" in condition["message"]
    assert "pod reader" in condition["message"]
    until(lambda: condition["message"] in _warning(stored, home, name), "an event says so as well")
    assert field(stored, home, about, "{.status.phase}") == "Bound"
    assert inside(stored, home, "reader", "cat", "/data/images/label") == "cat"

    pods.stop(stored, home, "reader")
    gone(stored, home, name)
    until(
        lambda: _mounts(stored) == before,
        "all mounts are as before",
        seen=lambda: _difference(stored, before),
    )
    assert "fluid.io/" not in field(stored, home, "nodes", "{.items[*].metadata.labels}")
    assert "FailedPreStopHook" not in events(stored, home), "the FUSE pod ended without complaint"


def _ending(node: Node) -> list[str]:
    """Namespaces of other tests, and pods, that are not gone yet."""
    listed = json.loads(node.kubectl("get", "namespaces,pods", "--all-namespaces", "-o", "json"))["items"]
    return [one["metadata"]["name"] for one in listed if "deletionTimestamp" in one["metadata"]]


def _mounts(node: Node) -> Counter[str]:
    """The mounts of the node and of the plugin's container."""
    on_node = node.exec("cat", "/proc/self/mountinfo").stdout
    plugin = ("-n", "fluid-system", "exec", "ds/csi-nodeplugin-fluid", "--", "python3", "-c", _TABLE)
    in_plugin = node.kubectl(*plugin)
    found = [("node", one) for one in parse(on_node)] + [("plugin", one) for one in parse(in_plugin)]
    return Counter(f"{where}: {_without_numbers(mount)}" for where, mount in found)


def _without_numbers(mount: Mount) -> str:
    """A line of the table without what is numbered anew each time: mounts, peers, devices."""
    options = ",".join(sorted(mount.options))
    spread = f"shared={mount.shared > 0} slave={mount.master > 0}"
    rest = mount.line.partition(" - ")[2]
    return f"{mount.root} {mount.point} {options} {spread} {rest}"


def _difference(node: Node, before: Counter[str]) -> list[str]:
    now = _mounts(node)
    return [*(f"+ {one}" for one in now - before), *(f"- {one}" for one in before - now)]


def _warning(node: Node, namespace: str, name: str) -> str:
    about = f"involvedObject.kind=Dataset,involvedObject.name={name},type=Warning"
    return node.kubectl(
        "-n", namespace, "get", "events", "--field-selector", about, "-o", "jsonpath={.items[*].message}"
    )
