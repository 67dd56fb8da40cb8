# pyright: basic
"""What the demo makes of a cluster's words, without one."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from cluster.access import Cluster
from cluster.node import trouble
from cluster.node.datapath import EXAMPLES
from cluster.node.installation import LABEL, Installation, RefusedError, identity
from cluster.node.names import Names

OPERATOR, PLUGIN = "deployment/fluid-operator", "daemonset/csi-nodeplugin-fluid"


class Somewhere(Cluster):
    """A cluster that has some of what an installation is made of, and notes what is asked."""

    def __init__(self, there: dict[str, bool], used: str = "") -> None:
        self.there = there
        self.used = used
        self.asked: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        return {}

    def run(self, *command: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        objects = [identity(one) for one in yaml.safe_load_all(stdin or "") if one]
        self.asked.append(f"{command[1]} {' '.join(objects)}".strip())
        return subprocess.CompletedProcess(command, 0, self.answer(command, stdin or ""), "")

    def answer(self, command: tuple[str, ...], stdin: str) -> str:
        if command[1:4] == ("get", "--ignore-not-found", "-o"):
            items = [one for one in yaml.safe_load_all(stdin) if identity(one) in self.there]
            for one in items:
                one["metadata"]["labels"] = {LABEL: "true"} if self.there[identity(one)] else {}
            return json.dumps({"kind": "List", "items": items})
        return self.used if command[1] == "get" else ""


@pytest.mark.parametrize(
    ("there", "made"),
    [
        ({}, True),
        ({OPERATOR: True, "namespace/fluid-system": True}, True),
        ({OPERATOR: False, PLUGIN: False, "namespace/fluid-system": False}, False),
    ],
)
def test_an_installation_is_the_demo_s_own_unless_somebody_s_is_whole(
    there: dict[str, bool], made: bool
) -> None:
    assert Installation(Somewhere(there), "image:1").made() is made


@pytest.mark.parametrize(
    "there",
    [
        {"customresourcedefinition/datasets.data.fluid.io": False},
        {PLUGIN: False},
        {"namespace/fluid-system": False},
    ],
)
def test_a_part_of_somebody_s_installation_is_refused_and_named(there: dict[str, bool]) -> None:
    cluster = Somewhere(there)
    with pytest.raises(RefusedError, match=rf"(?s)the cluster has {next(iter(there))}, but not .* Next: "):
        Installation(cluster, "image:1").provide()
    assert not any(asked.startswith(("create", "delete", "annotate")) for asked in cluster.asked)


def test_only_what_has_the_label_is_taken_away_the_kinds_first() -> None:
    kind = "customresourcedefinition/datasets.data.fluid.io"
    cluster = Somewhere({kind: True, OPERATOR: True, PLUGIN: False})
    assert Installation(cluster, "image:1").take_away() == []
    assert [one for one in cluster.asked if one.startswith("delete")] == [
        f"delete {kind}",
        f"delete {OPERATOR}",
    ]


def test_an_operator_that_somebody_uses_stays() -> None:
    cluster = Somewhere({"customresourcedefinition/datasets.data.fluid.io": True}, "dataset/own\n")
    assert Installation(cluster, "image:1").take_away() == ["dataset/own"]
    assert not any(asked.startswith("delete") for asked in cluster.asked)


def test_an_image_that_does_not_come_is_named_with_its_node_and_the_words_of_it() -> None:
    waiting = {"reason": "ImagePullBackOff", "message": "no such host"}
    pod = {
        "metadata": {"name": "s3"},
        "spec": {"nodeName": "node-0"},
        "status": {
            "initContainerStatuses": [{"image": "tools:1", "state": {"waiting": waiting}}],
            "containerStatuses": [
                {"image": "s3:1", "state": {"waiting": {"reason": "PodInitializing"}}},
                {"image": "shell:1", "state": {"running": {}}},
                {"image": "late:1", "state": {"waiting": {"reason": "ErrImagePull"}}},
            ],
        },
    }
    pods = json.dumps({"items": [pod, {"metadata": {"name": "new"}, "spec": {}}]})
    assert trouble.hopeless(pods) == ["node node-0 cannot get the image tools:1 (pod s3): no such host"]


def test_the_images_of_a_registry_go_into_all_objects() -> None:
    names = Names.under("registry.example.com:5000/fluid/")
    assert names.all()[1:] == (
        "registry.example.com:5000/fluid/tools:1",
        "registry.example.com:5000/fluid/s3:1",
        "registry.example.com:5000/fluid/thin-rclone:1",
    )
    profile = yaml.safe_load(names.profile((EXAMPLES / "rclone" / "profile.yaml").read_text(), "other"))
    assert profile["metadata"]["name"] == "other"
    fuse = profile["spec"]["fuse"]
    assert f"{fuse['image']}:{fuse['imageTag']}" == names.client
    objects = [path.read_text() for path in (Path(trouble.__file__).parent / "objects").iterdir()]
    assert all(any(word in text for text in objects) for word in names.words)
