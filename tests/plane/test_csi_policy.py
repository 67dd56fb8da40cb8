# pyright: basic
"""The node plugin's rights at a real API server: FUSE labels of its own node, nothing else; propagation."""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from cluster import ControlPlane
from cluster.credentials import write_kubeconfig
from fluid.csi.cluster import Cluster
from fluid.csi.manifests import NAME
from fluid.kube import Connection, Forbidden
from fluid.naming import restricted_fuse_label

LABEL = "fluid.io/f-default-hbase"
GRANT = restricted_fuse_label(LABEL)
MORE_RIGHTS = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "csi-policy-test"},
    "rules": [{"apiGroups": [""], "resources": ["nodes", "nodes/status"], "verbs": ["*"]}],
}
"""All that RBAC can give on nodes: what is denied here, the policy denies."""


class Account(NamedTuple):
    """The plugin's pod on one node, and the kubeconfigs of its tokens."""

    node: str
    other: str
    bound: Path
    unbound: Path


def node(name: str) -> dict:
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"zone": "a"}}}


def manifests(namespace: str) -> list[dict]:
    fluid = [sys.executable, "-m", "fluid.cli", "manifests", "--csi", "--namespace", namespace]
    printed = subprocess.run(fluid, check=True, capture_output=True, text=True).stdout
    return [one for one in yaml.safe_load_all(printed) if one["kind"] != "DaemonSet"]


@pytest.fixture(scope="module")
def account(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Once for all tests: policies that come and go take effect late."""
    namespace, tmp_path = f"plugin-{secrets.token_hex(3)}", tmp_path_factory.mktemp("tokens")
    plane.kubectl("create", "namespace", namespace)
    objects = manifests(namespace)
    names = [f"{namespace}-1", f"{namespace}-2"]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "plugin", "namespace": namespace},
        "spec": {
            "serviceAccountName": NAME,
            "nodeName": names[0],
            "containers": [{"name": "plugin", "image": "plugin"}],
        },
    }
    text = yaml.safe_dump_all([*objects, MORE_RIGHTS, *map(node, names)])
    plane.kubectl("apply", "--server-side", "--validate=strict", "--force-conflicts", "-f", "-", stdin=text)
    more = ("--clusterrole=csi-policy-test", f"--serviceaccount={namespace}:{NAME}")
    plane.kubectl("create", "clusterrolebinding", namespace, *more)
    plane.kubectl("create", "-f", "-", stdin=yaml.safe_dump(pod))
    uid = plane.kubectl("get", "pod", "plugin", "-n", namespace, "-o", "jsonpath={.metadata.uid}")
    binding = ("--bound-object-kind=Pod", "--bound-object-name=plugin", f"--bound-object-uid={uid}")
    token = plane.kubectl("create", "token", NAME, "-n", namespace, *binding).strip()
    api, bound = plane.api(), tmp_path / "bound"
    write_kubeconfig(
        bound, server=api.url, authority=api.authority, user=NAME, token=token, namespace=namespace
    )
    unbound = plane.service_account_kubeconfig(namespace, NAME, tmp_path / "unbound")
    found = Account(names[0], names[1], bound, unbound)
    wait_until_the_policy_holds(plane, found)
    yield found
    plane.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", "-", stdin=text)
    plane.kubectl("delete", "clusterrolebinding", namespace)
    plane.kubectl("delete", "namespace", namespace, "--wait=false")


def as_plugin(plane: ControlPlane, kubeconfig: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return plane.try_kubectl("--kubeconfig", str(kubeconfig), *arguments)


def patch(plane: ControlPlane, account: Account, name: str, change: dict, *more: str) -> str:
    """What the API server says to a patch with the plugin's own token; empty for success."""
    body = ("--type=merge", "--patch", json.dumps(change), *more)
    done = as_plugin(plane, account.bound, "patch", "node", name, *body)
    return done.stderr if done.returncode else ""


def wait_until_the_policy_holds(plane: ControlPlane, account: Account) -> None:
    deadline = time.monotonic() + 20
    change = {"metadata": {"labels": {"probe": "x"}}}
    while not patch(plane, account, account.node, change, "--dry-run=server"):
        assert time.monotonic() < deadline, "the policy never took effect"
        time.sleep(0.2)


def labels(plane: ControlPlane, name: str) -> dict[str, str]:
    return json.loads(plane.kubectl("get", "node", name, "-o", "json"))["metadata"]["labels"]


@pytest.mark.anyio
async def test_the_plugin_labels_its_own_node_and_takes_the_label_away(
    plane: ControlPlane, account: Account
) -> None:
    async with Connection.open(kubeconfig=account.bound) as connection:
        mine, others = Cluster(connection, account.node), Cluster(connection, account.other)
        for _ in range(2):
            await mine.add_label(LABEL)
        assert labels(plane, account.node)[LABEL] == "true"
        for _ in range(2):
            await mine.remove_label(LABEL)
        assert LABEL not in labels(plane, account.node)
        with pytest.raises(Forbidden, match="its own node only"):
            await others.add_label(LABEL)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"metadata": {"labels": {"zone": "b"}}}, "labels that begin with fluid.io/f-"),
        ({"metadata": {"labels": {GRANT: "true"}}}, "labels that begin with fluid.io/f-"),
        ({"metadata": {"labels": {"zone": None}}}, "labels that begin with fluid.io/f-"),
        ({"metadata": {"labels": {"fluid.io/s-default-hbase": "true"}}}, "labels that begin with"),
        (
            {"metadata": {"labels": {LABEL: "true", "node-role.kubernetes.io/x": ""}}},
            "labels that begin with",
        ),
        ({"metadata": {"annotations": {"a": "b"}}}, "annotations"),
        ({"metadata": {"finalizers": ["example.org/stay"]}}, "finalizers"),
        (
            {
                "metadata": {
                    "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "x", "uid": "y"}]
                }
            },
            "ownerReferences",
        ),
        ({"spec": {"unschedulable": True}}, "spec"),
        ({"spec": {"taints": [{"key": "a", "effect": "NoExecute"}]}}, "spec"),
    ],
    ids=[
        "change",
        "grant",
        "remove",
        "other-prefix",
        "mixed",
        "annotation",
        "finalizer",
        "owner",
        "cordon",
        "taint",
    ],
)
def test_every_other_change_of_its_own_node_is_denied(
    plane: ControlPlane, account: Account, change: dict, said: str
) -> None:
    before = labels(plane, account.node)
    assert said in patch(plane, account, account.node, change)
    assert labels(plane, account.node) == before


def test_other_nodes_status_creation_and_deletion_are_denied(plane: ControlPlane, account: Account) -> None:
    label = {"metadata": {"labels": {LABEL: "true"}}}
    assert "its own node only" in patch(plane, account, account.other, label)
    status = {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}
    said = patch(plane, account, account.node, status, "--subresource=status")
    assert "nothing else about them" in said
    assert "denied" in as_plugin(plane, account.bound, "delete", "node", account.node).stderr
    text = ("create", "-f", "-")
    command = [plane.bin / "kubectl", "--kubeconfig", str(account.bound), *text]
    made = subprocess.run(
        command, input=yaml.safe_dump(node("made-up")), capture_output=True, text=True, check=False
    )
    assert made.returncode != 0
    assert "denied" in made.stderr
    assert labels(plane, account.other) == {"zone": "a"} | {
        key: value for key, value in labels(plane, account.other).items() if key != LABEL
    }


def test_a_token_that_names_no_node_can_change_none(plane: ControlPlane, account: Account) -> None:
    body = ("--type=merge", "--patch", json.dumps({"metadata": {"labels": {LABEL: "true"}}}))
    said = as_plugin(plane, account.unbound, "patch", "node", account.node, *body).stderr
    assert "its token has to name it" in said


def test_others_change_nodes_as_before(plane: ControlPlane, account: Account) -> None:
    plane.kubectl("label", "node", account.node, "admin=was-here")
    plane.kubectl("annotate", "node", account.node, "admin=was-here")


def claim(name: str, labels: dict) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "accessModes": ["ReadOnlyMany"],
            "storageClassName": "fluid",
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }


APP = """
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  initContainers:
    - {name: first, image: x, volumeMounts: [{name: data, mountPath: /data}]}
  containers:
    - name: one
      image: x
      volumeMounts:
        - {name: data, mountPath: /data}
        - {name: data, mountPath: /part, subPath: part, mountPropagation: None}
        - {name: second, mountPath: /second, readOnly: true}
        - {name: other, mountPath: /other}
    - {name: two, image: x}
  volumes:
    - {name: data, persistentVolumeClaim: {claimName: hbase}}
    - {name: second, persistentVolumeClaim: {claimName: spark}}
    - {name: other, persistentVolumeClaim: {claimName: foreign}}
"""


def test_mounts_of_fluid_claims_propagate_unless_their_author_said_otherwise(
    plane: ControlPlane, namespace: str, account: Account
) -> None:
    claims = [claim(name, {"fluid.io/dataset-id": f"{namespace}-{name}"}) for name in ("hbase", "spark")]
    text = yaml.safe_dump_all([*claims, claim("foreign", {})])
    plane.kubectl("create", "-n", namespace, "-f", "-", stdin=text)
    plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=10s")
    deadline = time.monotonic() + 20
    while True:
        dry = ("create", "-n", namespace, "--dry-run=server", "-o", "json", "-f", "-")
        pod = json.loads(plane.kubectl(*dry, stdin=APP))
        first, one, two = [*pod["spec"]["initContainers"], *pod["spec"]["containers"]]
        found = {mount["mountPath"]: mount.get("mountPropagation") for mount in one["volumeMounts"]}
        if found["/data"] and found["/second"]:
            break
        assert time.monotonic() < deadline, f"the policy never took effect: {found}"
        time.sleep(0.2)
    assert found["/data"] == found["/second"] == "HostToContainer"
    assert found["/part"] == "None"
    assert found["/other"] is None
    assert first["volumeMounts"][0]["mountPropagation"] == "HostToContainer"
    assert not [one for one in two.get("volumeMounts", []) if one["name"] == "data"]
    assert [mount["mountPath"] for mount in one["volumeMounts"]][:4] == [
        "/data",
        "/part",
        "/second",
        "/other",
    ]
    assert one["volumeMounts"][2]["readOnly"] is True
