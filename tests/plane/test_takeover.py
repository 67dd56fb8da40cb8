# pyright: basic
"""What others wrote without apply becomes ours at a real API server, and goes when we stop writing it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cluster import ControlPlane
from fluid.kube import Connection, Report, converge
from fluid.kube.adoption import adopt_status
from fluid.models import ConfigMap, Dataset, PolicyRule, StatefulSet
from fluid.types import KubeObject
from tests.plane.support import operator_account
from tests.plane.user import Json, User, now

pytestmark = [pytest.mark.plane, pytest.mark.anyio]
OURS = ["phase", "conditions", "runtimes", "ufsTotal", "hcfs"]
RULES = [
    PolicyRule(api_groups=[""], resources=["configmaps"], verbs=["list", "create", "patch", "delete"]),
    PolicyRule(api_groups=["apps"], resources=["statefulsets"], verbs=["create", "patch", "delete"]),
    PolicyRule(api_groups=["data.fluid.io"], resources=["datasets", "datasets/status"], verbs=["patch"]),
]
"""Nothing is read: who owns which field is in the answer to an apply."""


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def credentials(plane: ControlPlane, namespace: str, tmp_path: Path) -> Path:
    return operator_account(plane, namespace, RULES, tmp_path)


class Controller:
    """Makes children what they should be, as a runtime's controller does."""

    def __init__(self, connection: Connection, user: User, owner: str) -> None:
        self.connection = connection
        self.user = user
        self.owner = owner

    async def converge(self, wanted: Json) -> Report:
        model: type[KubeObject] = {"ConfigMap": ConfigMap, "StatefulSet": StatefulSet}[wanted["kind"]]
        found = self.user.get(f"{wanted['kind'].lower()}s", wanted["metadata"]["name"])
        live = [model.model_validate(found)] if found and found["metadata"].get("ownerReferences") else []
        return await converge(
            [model.model_validate(wanted)], live, apis=self.connection, owner_uid=self.owner
        )


@asynccontextmanager
async def controller(credentials: Path, user: User) -> AsyncGenerator[Controller]:
    user.create(user.dataset("owner"))
    owner = (user.get("datasets", "owner") or {})["metadata"]["uid"]
    async with Connection.open(kubeconfig=credentials) as connection:
        yield Controller(connection, user, owner)


def child(kind: str, one: Controller, content: Json, **metadata: object) -> Json:
    api = "apps/v1" if kind == "StatefulSet" else "v1"
    reference = {"apiVersion": "data.fluid.io/v1alpha1", "kind": "Dataset", "name": "owner"}
    owners = [{**reference, "uid": one.owner, "controller": True}]
    labels = {"release": "hbase", "fluid.io/managed-by": "fluid"}
    named = {"name": "hbase-config", "namespace": one.user.namespace, "labels": labels}
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {**named, "ownerReferences": owners, **metadata},
        **content,
    }


def workload(*variables: str) -> Json:
    container = {
        "name": "main",
        "image": "busybox",
        "env": [{"name": name, "value": "1"} for name in variables],
    }
    labels = {"app": "hbase"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "spec": {"serviceName": "x", "replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    }


async def test_what_we_stop_writing_goes_from_a_child_that_another_made(
    user: User, credentials: Path
) -> None:
    helm = {"meta.helm.sh/release-name": "hbase"}
    async with controller(credentials, user) as one:
        user.create(child("ConfigMap", one, {"data": {"a": "1", "b": "1", "theirs": "1"}}, annotations=helm))
        await one.converge(child("ConfigMap", one, {"data": {"a": "2", "b": "1"}}))
        await one.converge(child("ConfigMap", one, {"data": {"a": "2"}}))
        found = user.get("configmaps", "hbase-config") or {}
        assert found["data"] == {"a": "2", "theirs": "1"}, "what we never wrote is not ours to remove"
        assert found["metadata"]["annotations"].items() >= helm.items()


async def test_a_variable_that_we_stop_writing_goes_from_a_workload_without_touching_the_rest(
    user: User, credentials: Path
) -> None:
    async with controller(credentials, user) as one:
        user.create(child("StatefulSet", one, workload("A", "B")))
        user.kubectl("scale", "statefulset", "hbase-config", "--replicas=1")
        both = child("StatefulSet", one, workload("A", "B"))
        both["spec"].pop("replicas")
        assert (await one.converge(both)).applied
        before = user.get("statefulsets", "hbase-config") or {}
        assert before["metadata"]["generation"] == 2, "adoption changes no spec"
        assert before["spec"]["replicas"] == 1
        assert not (await one.converge(both)).changed
        fewer = child("StatefulSet", one, workload("A"))
        fewer["spec"].pop("replicas")
        await one.converge(fewer)
        [container] = (user.get("statefulsets", "hbase-config") or {})["spec"]["template"]["spec"][
            "containers"
        ]
        assert [one["name"] for one in container["env"]] == ["A"]


async def test_an_object_without_owner_that_carries_our_label_is_adopted(
    user: User, credentials: Path
) -> None:
    async with controller(credentials, user) as one:
        user.create(child("ConfigMap", one, {"data": {"a": "1", "b": "1"}}, ownerReferences=[]))
        await one.converge(child("ConfigMap", one, {"data": {"a": "1", "b": "1"}}))
        await one.converge(child("ConfigMap", one, {"data": {"a": "1"}}))
        assert (user.get("configmaps", "hbase-config") or {})["data"] == {"a": "1"}


async def test_a_strangers_object_of_a_childs_name_is_neither_changed_nor_deleted(
    user: User, credentials: Path
) -> None:
    user.kubectl("create", "configmap", "hbase-config", "--from-literal=mine=1")
    before = user.get("configmaps", "hbase-config")
    async with controller(credentials, user) as one:
        report = await one.converge(child("ConfigMap", one, {"data": {"a": "1"}}))
        assert [error.reason for _, error in report.refused] == ["NameTaken"]
    assert user.get("configmaps", "hbase-config") == before


@pytest.mark.parametrize("atomic", [False, True])
async def test_what_a_former_controller_wrote_of_a_status_goes_when_it_holds_no_more(
    user: User, credentials: Path, atomic: bool
) -> None:
    user.create(user.dataset("hbase"))
    not_ready, ready = ({"type": kind, "status": "True", "reason": "X"} for kind in ("NotReady", "Ready"))
    user.patch("dataset/hbase", {"status": {**_bound(user, not_ready, ready)}}, status=True)
    if atomic:
        _as_written_under_a_list_without_keys(user)
    async with Connection.open(kubeconfig=credentials) as connection:
        api = connection.api(Dataset)
        first = await adopt_status(
            api, _with(user, _bound(user, ready)), manager="fluid-runtime", fields=OURS
        )
        assert first.status
        assert [one.type for one in first.status.conditions] == ["Ready"]
        assert user.status("datasets", "hbase")["runtimes"], "what holds stays"
        unbound = {"phase": "NotBound", "conditions": [{**ready, "status": "False"}]}
        await adopt_status(api, _with(user, unbound), manager="fluid-runtime", fields=OURS)
    left = user.status("datasets", "hbase")
    assert left == {**unbound, "operationRef": {"DataLoad": "warm"}}, "that one is another's"


async def test_a_status_that_nobody_else_wrote_costs_one_request(user: User, credentials: Path) -> None:
    user.create(user.dataset("hbase"))
    since = now()
    async with Connection.open(kubeconfig=credentials) as connection:
        versions = []
        for message in ("a", "b"):
            ready = {"type": "Ready", "status": "False", "message": message}
            status = _with(user, {"phase": "NotBound", "conditions": [ready]})
            done = await adopt_status(connection.api(Dataset), status, manager="fluid-runtime", fields=OURS)
            versions.append(done.metadata.resource_version)
        assert versions[0] != versions[1]
    requests = [one for one in user.plane.audit(since) if one.user.endswith(f":{user.namespace}:operator")]
    assert [(one.verb, one.subresource) for one in requests] == [("patch", "status")] * 2


def _as_written_under_a_list_without_keys(user: User) -> None:
    """CRDs of existing installations say nothing of the keys of `conditions`."""
    found = user.plane.kubectl(
        "-n", user.namespace, "get", "dataset", "hbase", "-o", "json", "--show-managed-fields"
    )
    managed = json.loads(found)["metadata"]["managedFields"]
    [status] = [one["fieldsV1"]["f:status"] for one in managed if one.get("subresource") == "status"]
    assert len(status["f:conditions"]) == 3
    status["f:conditions"] = {}
    change = [{"op": "replace", "path": "/metadata/managedFields", "value": managed}]
    user.kubectl("patch", "dataset", "hbase", "--type=json", "-p", json.dumps(change))


def _bound(user: User, *conditions: Json) -> Json:
    entry = {"name": "hbase", "namespace": user.namespace, "category": "Accelerate", "type": "jindo"}
    return {
        "phase": "Bound",
        "conditions": list(conditions),
        "runtimes": [entry],
        "ufsTotal": "11.72GiB",
        "hcfs": {"endpoint": "hbase"},
        "operationRef": {"DataLoad": "warm"},
    }


def _with(user: User, status: Json) -> Dataset:
    wire = {name: value for name, value in status.items() if name != "operationRef"}
    return Dataset.model_validate(
        {"metadata": {"name": "hbase", "namespace": user.namespace}, "status": wire}
    )
