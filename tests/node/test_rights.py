"""The rights of operator and node plugin: what they have, what they use, what they are denied."""

import secrets
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from pydantic import JsonValue

from cluster.audit import AuditEvent
from cluster.credentials import write_kubeconfig
from cluster.node import Node, datapath
from cluster.node.settings import NAME
from cluster.operator import NAMESPACE, USER
from fluid import models
from fluid.csi.cluster import Cluster
from fluid.csi.manifests import NAME as PLUGIN
from fluid.kube import Connection, Forbidden
from fluid.types import Key
from tests.harness.rights import Right, granted, listed, table, used
from tests.node.datapath import bound, deleted, events, kill_client
from tests.node.support import until

PLUGIN_USER = f"system:serviceaccount:{NAMESPACE}:{PLUGIN}"
RECORDS = "/var/lib/kubelet/plugins/fuse.csi.fluid.io/volumes"
UNUSED = {
    Right("", "events", "patch"): "counts the repeats of an event, after a minute at the earliest",
    **{
        Right(
            "data.fluid.io", plural, "get"
        ): "the clean policy, if the runtime is of that kind, or says none"
        for plural in ("alluxioruntimes", "jindoruntimes", "juicefsruntimes", "thinruntimeprofiles")
    },
}
"""Rights of the plugin that the life of one Dataset does not take, with the reason."""
LABEL = "fluid.io/f-default-hbase"


class Life(NamedTuple):
    """When something ran."""

    began: datetime
    ended: datetime

    def requests(self, node: Node, user: str) -> list[AuditEvent]:
        return [one for one in node.audit(self.began) if one.user == user and one.time <= self.ended]


@pytest.fixture(scope="module")
def life(stored: Node) -> Life:
    """A Dataset from apply to deletion: read, its FUSE client killed, its plugin bereft of what it noted."""
    began, namespace = datetime.now(UTC), f"test-{secrets.token_hex(4)}"
    stored.kubectl("create", "namespace", namespace)
    datapath.serve(stored, namespace)
    name = bound(stored, namespace, "rclone")
    policy = '{"spec": {"fuse": {"cleanPolicy": "OnFuseChanged"}}}'
    stored.kubectl("-n", namespace, "patch", "thinruntime", name, "--type=merge", "--patch", policy)
    datapath.read_by(stored, namespace, name)
    kill_client(stored, namespace, name)
    until(lambda: "FuseRecoverSucceed" in events(stored, namespace), "the recovery is told")
    stored.exec("sh", "-c", f"rm {RECORDS}/*/volume.json")
    stored.kubectl("-n", namespace, "delete", "pod", "reader", "--timeout=30s")
    wanted = Right("", "persistentvolumes", "get")
    until(lambda: wanted in used(asked_by(stored, PLUGIN_USER, began)), "the plugin asks for the volume")
    deleted(stored, namespace, name)
    found = Life(began, datetime.now(UTC))
    stored.kubectl("delete", "namespace", namespace, "--wait=false")
    return found


def asked_by(node: Node, user: str, since: datetime) -> list[AuditEvent]:
    return [event for event in node.audit(since) if event.user == user]


@pytest.mark.parametrize("user", [USER, PLUGIN_USER])
def test_nothing_that_it_asks_is_forbidden(stored: Node, life: Life, user: str) -> None:
    requests = life.requests(stored, user)
    assert requests, "or the log would say nothing"
    assert [event.uri for event in requests if event.denied or event.code == 403] == []


@pytest.mark.parametrize(("user", "part"), [(USER, "--rbac"), (PLUGIN_USER, "--csi")])
def test_it_has_what_the_manifests_grant_and_uses_nothing_else(
    stored: Node, life: Life, user: str, part: str
) -> None:
    given = granted(part)
    assert listed(printed(stored, user)[1:]) == given
    assert used(life.requests(stored, user)) <= given


def test_the_plugin_uses_every_right_that_it_has(stored: Node, life: Life) -> None:
    """That of the operator is shown at the control plane, where a life has more in it (test_rbac)."""
    given, taken = granted("--csi"), used(life.requests(stored, PLUGIN_USER))
    assert given >= UNUSED.keys()
    assert given - taken <= UNUSED.keys(), f"used, and granted:\n{table(given, taken)}"


@pytest.mark.parametrize("user", [USER, PLUGIN_USER])
def test_the_page_shows_what_it_has(deployed: Node, user: str) -> None:
    command = f"$ kubectl auth can-i --list --namespace {NAMESPACE} --as {user}\n"
    shown = (datapath.CHECKOUT / "docs" / "rights.md").read_text().partition(command)[2].partition("```")[0]
    now = "\n".join(printed(deployed, user))
    assert shown.split() == now.split(), f"docs/rights.md is of another version; now it is\n{now}"


def printed(node: Node, user: str) -> list[str]:
    """The lines of `kubectl auth can-i --list` on resources, without what everybody may ask about himself."""
    lines = node.kubectl("auth", "can-i", "--list", f"--as={user}", "--namespace", NAMESPACE).splitlines()
    return [line for line in lines if not line.startswith((" ", "selfsubject"))]


@pytest.fixture(scope="module")
def other(deployed: Node) -> Iterator[str]:
    """Another node, which nothing plays."""
    name = f"other-{secrets.token_hex(3)}"
    document = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}}
    deployed.kubectl("create", "--filename", "-", stdin=yaml.safe_dump(document))
    yield name
    # No controller takes away the plugin's pod that was to run there, and none makes it once the node is gone
    stray = ("--namespace", NAMESPACE, f"--selector=app={PLUGIN}", f"--field-selector=spec.nodeName!={NAME}")
    until(lambda: deployed.kubectl("get", "pods", *stray, "--output=name"), "a pod was made for it")
    deployed.kubectl("delete", "node", name)
    deployed.kubectl("delete", "pods", *stray, "--force")
    until(lambda: not deployed.kubectl("get", "pods", *stray, "--output=name"), "it is gone")


@pytest.fixture
async def own(deployed: Node, tmp_path: Path) -> AsyncGenerator[Connection]:
    """A connection with the token that the kubelet gave the plugin's pod."""
    token = "/var/run/secrets/kubernetes.io/serviceaccount/token"
    program = f"print(open({token!r}).read(), end='')"
    pod = ("exec", "--namespace", NAMESPACE, f"daemonset/{PLUGIN}", "--", "python3", "-c", program)
    api, file = deployed.api(), tmp_path / "kubeconfig"
    write_kubeconfig(
        file,
        server=api.url,
        authority=api.authority,
        user=PLUGIN,
        token=deployed.kubectl(*pod),
        namespace=NAMESPACE,
    )
    async with Connection.open(kubeconfig=file) as connection:
        yield connection


@pytest.mark.anyio
async def test_the_plugins_token_labels_its_own_node(own: Connection, deployed: Node) -> None:
    def labels() -> str:
        return deployed.kubectl("get", "node", NAME, "--output=jsonpath={.metadata.labels}")

    await Cluster(own, NAME).add_label(LABEL)
    assert LABEL in labels()
    await Cluster(own, NAME).remove_label(LABEL)
    assert LABEL not in labels()


@pytest.mark.anyio
async def test_the_plugins_token_cannot_label_another_node(own: Connection, other: str) -> None:
    with pytest.raises(Forbidden, match="its own node only"):
        await Cluster(own, other).add_label(LABEL)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"metadata": {"labels": {"zone": "b"}}}, "labels that begin with fluid.io/f-"),
        ({"metadata": {"labels": {"kubernetes.io/hostname": None}}}, "labels that begin with fluid.io/f-"),
        ({"metadata": {"labels": {"fluid.io/s-default-hbase": "true"}}}, "labels that begin with"),
        ({"metadata": {"labels": {LABEL: "true", "node-role.kubernetes.io/x": ""}}}, "labels that begin"),
        ({"metadata": {"annotations": {"a": "b"}}}, "annotations"),
        ({"spec": {"unschedulable": True}}, "spec"),
        ({"spec": {"taints": [{"key": "a", "effect": "NoExecute"}]}}, "spec"),
    ],
    ids=["label", "label-removed", "other-prefix", "mixed", "annotation", "cordon", "taint"],
)
async def test_the_plugins_token_changes_nothing_else_of_its_own_node(
    own: Connection, change: dict[str, JsonValue], said: str
) -> None:
    with pytest.raises(Forbidden, match=said):
        await own.api(models.Node).merge(Key("", NAME), change)


@pytest.mark.anyio
async def test_the_plugins_token_has_no_right_on_status_and_deletion_and_reads_no_node(
    own: Connection,
) -> None:
    nodes = own.api(models.Node)
    change: dict[str, JsonValue] = {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}
    with pytest.raises(Forbidden, match="cannot patch resource"):
        await nodes.merge(Key("", NAME), change, subresource="status")
    with pytest.raises(Forbidden, match="cannot delete resource"):
        await nodes.delete(Key("", NAME))
    with pytest.raises(Forbidden, match="cannot get resource"):
        await nodes.find(Key("", NAME))
