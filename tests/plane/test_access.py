# pyright: basic
"""What users may do who have the cluster's own roles view and edit in one namespace."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster import ControlPlane, Operator
from fluid import Client, DataLoad, DataProcess, Dataset, Forbidden, ThinRuntime, s3, script
from tests.plane.user import until

PROFILE = {
    "apiVersion": "data.fluid.io/v1alpha1",
    "kind": "ThinRuntimeProfile",
    "spec": {"fileSystemType": "fuse.client", "fuse": {"image": "client"}},
}
DATASETS = "datasets.data.fluid.io"
Enter = Callable[[str], Client]


@pytest.fixture
def enter(plane: ControlPlane, namespace: str, installed: Operator, tmp_path: Path) -> Enter:
    """Makes a client of somebody who has a role in the namespace of the test, and nothing else."""
    assert installed

    def client(role: str) -> Client:
        plane.kubectl("create", "serviceaccount", role, "-n", namespace)
        binding = ("rolebinding", role, f"--clusterrole={role}", f"--serviceaccount={namespace}:{role}")
        plane.kubectl("create", *binding, "-n", namespace)
        until(lambda: may(plane, namespace, role, "get", DATASETS), "the roles are aggregated")
        return Client(kubeconfig=plane.service_account_kubeconfig(namespace, role, tmp_path / role))

    return client


def may(plane: ControlPlane, namespace: str, role: str, *what: str) -> bool:
    user = f"--as=system:serviceaccount:{namespace}:{role}"
    asked = plane.try_kubectl("auth", "can-i", *what, user, "-n", namespace)
    return asked.stdout.strip() == "yes"


@pytest.mark.parametrize("role", ["edit", "admin"])
def test_who_may_edit_a_namespace_makes_scales_and_deletes_what_is_in_it(enter: Enter, role: str) -> None:
    with enter(role) as client:
        Dataset.of("images", s3("bucket")).apply(client)
        ThinRuntime.of("images", "client").apply(client)
        DataLoad.of("warm", "images").apply(client)
        DataProcess.of("count", "images", "/data", script("true", "busybox")).apply(client)
        client.thin_runtimes.scale("images", 2)
        assert client.thin_runtimes.get("images").spec.replicas == 2
        for kind in (client.data_processes, client.data_loads, client.thin_runtimes, client.datasets):
            assert len(kind.list()) == 1
            kind.delete(kind.list()[0].name)


def test_who_may_edit_a_namespace_changes_nothing_outside_of_it_and_no_status(
    enter: Enter, plane: ControlPlane, namespace: str
) -> None:
    with enter("edit") as client:
        with pytest.raises(Forbidden, match="auth can-i patch datasets"):
            Dataset.of("images", s3("bucket"), namespace="default").apply(client)
        assert not may(plane, namespace, "edit", "patch", DATASETS, "--subresource=status")
        profile: dict[str, Any] = {**PROFILE, "metadata": {"name": f"{namespace}-mine"}}
        user = f"--as=system:serviceaccount:{namespace}:edit"
        tried = plane.try_kubectl("create", user, "-f", "-", stdin=yaml.safe_dump(profile))
        assert "cannot create resource" in tried.stderr


def test_who_may_view_a_namespace_reads_and_changes_nothing(
    enter: Enter, plane: ControlPlane, namespace: str
) -> None:
    with enter("view") as client:
        assert client.datasets.list() == []
        with pytest.raises(Forbidden):
            Dataset.of("images", s3("bucket")).apply(client)
    rules = json.loads(plane.kubectl("get", "clusterrole", "fluid-view", "-o", "json"))["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
