# pyright: basic
"""Datasets that refer to others, at a real API server: consent, revocation, deletions in any order."""

import itertools
import json
import secrets
from collections.abc import Iterator

import pytest
import yaml

from cluster import ControlPlane, Operator
from cluster.access import KubectlError
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import read_policies
from fluid.engines.core.settings import Settings
from fluid.operator.admission import admission_objects
from tests.plane.user import API, Json, User, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
ALLOWED = "data.fluid.io/allowed-reference-namespaces"
SETTING = "FLUID_REFERENCES_FROM_ANY_NAMESPACE"
SOON = 5.0
"""Seconds in which a reference follows what happens to the other Dataset."""


class Owner(User):
    """Has a namespace with a Dataset `data`, served by a FUSE client."""

    def lend(self, name: str = "data", *allowed: str, **spec: object) -> None:
        dataset = self.dataset(name, {"mountPoint": "s3://one/", "name": "one"}, placement="Shared", **spec)
        dataset["metadata"]["annotations"] = {ALLOWED: ",".join(allowed)}
        fuse = {"image": "reg.example.com/client", "imageTag": "v1", "options": {"secret": "hunter2"}}
        runtime = {
            "apiVersion": API,
            "kind": "ThinRuntime",
            "metadata": {"name": name},
            "spec": {"fuse": fuse},
        }
        self.apply(dataset, runtime)

    def allow(self, *namespaces: str) -> None:
        self.patch("dataset/data", {"metadata": {"annotations": {ALLOWED: ",".join(namespaces)}}})

    def listed(self, name: str = "data") -> list[str]:
        return self.status("datasets", name).get("datasetRef") or []


class Tenant(User):
    """Has another namespace, and refers."""

    def refer(self, name: str, address: str, **spec: object) -> None:
        self.apply(self.dataset(name, {"mountPoint": address, "name": "x"}, **spec))

    def until_ready_says(self, name: str, reason: str, seconds: float = SOON) -> str:
        def look() -> str:
            ready = self.condition("datasets", name, "Ready")
            return ready.get("message", "") if ready.get("reason") == reason else ""

        return until(look, f"{name}: {reason}", seconds, lambda: self.status("datasets", name))

    def made(self, name: str) -> list[str]:
        """Which objects of a reference there are."""
        volume = f"{self.namespace}-{name}"
        names = [("thinruntimes", name), ("persistentvolumeclaims", name), ("persistentvolumes", volume)]
        return [plural for plural, one in names if self.get(plural, one) is not None]

    def read(self, name: str, pod: str = "reader") -> None:
        """A pod that uses the claim; simulated nodes run it."""
        claim = {"name": "data", "persistentVolumeClaim": {"claimName": name}}
        container = {"name": "main", "image": "reg.example.com/reader"}
        spec = {"containers": [container], "volumes": [claim]}
        self.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod}, "spec": spec})
        until(lambda: self.status("pods", pod).get("phase") == "Running", f"pod {pod} runs", 20)


@pytest.fixture
def owner(plane: ControlPlane, namespace: str) -> Owner:
    return Owner(plane, namespace)


@pytest.fixture
def tenant(plane: ControlPlane) -> Iterator[Tenant]:
    name = f"tenant-{secrets.token_hex(4)}"
    plane.kubectl("create", "namespace", name)
    yield Tenant(plane, name)
    plane.kubectl("delete", "namespace", name, "--wait=false")


def test_without_consent_nothing_is_made_and_with_it_the_reference_is_bound(
    owner: Owner, tenant: Tenant
) -> None:
    owner.lend()
    owner.phase("data")
    tenant.refer("mine", f"dataset://{owner.namespace}/data/some/folder")
    tenant.refer("guess", f"dataset://{owner.namespace}/absent")
    refused = tenant.until_ready_says("mine", "ReferenceNotAllowed")
    guessed = tenant.until_ready_says("guess", "ReferenceNotAllowed")
    assert refused.replace("/data", "/absent") == guessed, "nobody learns which Datasets there are"
    assert f"has to add {tenant.namespace} to its annotation {ALLOWED}" in refused
    assert tenant.made("mine") == []
    assert owner.listed() == []
    assert "does not allow references" in tenant.events("mine", "ErrorCreateDataset")[0]["message"]

    owner.allow("somebody", tenant.namespace)
    tenant.phase("mine", seconds=SOON)
    assert owner.listed() == [f"{tenant.namespace}/mine"]
    _check_objects(owner, tenant)
    tenant.until_quiet()


def _check_objects(owner: Owner, tenant: Tenant) -> None:
    dataset, mine = tenant.get("datasets", "mine") or {}, f"{tenant.namespace}-mine"
    runtime = tenant.get("thinruntimes", "mine") or {}
    [reference] = runtime["metadata"]["ownerReferences"]
    assert reference == {
        "apiVersion": API,
        "kind": "Dataset",
        "name": "mine",
        "uid": dataset["metadata"]["uid"],
        "controller": True,
    }
    assert runtime["spec"] == {}
    lent = (owner.get("persistentvolumes", f"{owner.namespace}-data") or {})["spec"]
    volume = tenant.get("persistentvolumes", mine) or {}
    spec, csi = volume["spec"], volume["spec"]["csi"]
    assert csi["volumeHandle"] == mine
    assert csi["volumeAttributes"] == {
        **lent["csi"]["volumeAttributes"],
        "fluid_sub_path": "some/folder",
    }
    assert csi["volumeAttributes"]["runtime_namespace"] == owner.namespace
    assert (spec["accessModes"], spec["capacity"]) == (["ReadOnlyMany"], lent["capacity"])
    claim = tenant.get("persistentvolumeclaims", "mine") or {}
    assert claim["metadata"]["labels"] == {
        f"fluid.io/s-{mine}": "true",
        "fluid.io/dataset-id": mine,
        "fluid.io/dataset.referring-name": "data",
        "fluid.io/dataset.referring-namespace": owner.namespace,
    }
    status = dataset["status"]
    assert status["runtimes"] == [
        {
            "name": "mine",
            "namespace": tenant.namespace,
            "category": "Accelerate",
            "type": "thin",
            "masterReplicas": 0,
        }
    ]
    address = f"dataset://{owner.namespace}/data/some/folder"
    assert status["mounts"] == [{"mountPoint": address, "name": "x"}]
    seen = json.dumps([tenant.all(one) for one in ("datasets", "thinruntimes", "configmaps")])
    assert "hunter2" not in seen
    assert "s3://one" not in seen


def test_a_reference_in_the_same_namespace_needs_no_consent_and_can_come_first(owner: Owner) -> None:
    tenant = Tenant(owner.plane, owner.namespace)
    tenant.refer("early", f"dataset://{owner.namespace}/data", accessModes=["ReadWriteMany"])
    assert "there is no Dataset" in tenant.until_ready_says("early", "ReferencedDatasetNotFound")
    owner.lend(accessModes=["ReadWriteMany"])
    owner.phase("data")
    tenant.phase("early", seconds=SOON)
    spec = (tenant.get("persistentvolumes", f"{tenant.namespace}-early") or {})["spec"]
    assert spec["accessModes"] == ["ReadWriteMany"]


def test_the_cache_of_another_engine_is_lent_alike(owner: Owner, tenant: Tenant) -> None:
    dataset, runtime = owner.pair("data")
    dataset["metadata"]["annotations"] = {ALLOWED: tenant.namespace}
    owner.apply(dataset, runtime)
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    owner.phase("data")
    status = tenant.phase("mine", seconds=SOON)
    assert status["runtimes"][0]["type"] == "thin"
    csi = (tenant.get("persistentvolumes", f"{tenant.namespace}-mine") or {})["spec"]["csi"]
    assert csi["volumeAttributes"]["fluid_path"].endswith(f"/jindo/{owner.namespace}/data/jindofs-fuse")
    owner.kubectl("delete", "jindoruntime", "data", "--wait=false")
    told = owner.until_condition("datasets", "data", "NotReady", "True")
    assert f"JindoRuntime {owner.namespace}/data cannot be deleted" in told["message"]
    owner.allow()
    owner.gone("jindoruntimes", "data", 40)
    tenant.until_ready_says("mine", "ReferenceNotAllowed", 20)


def test_a_claim_that_is_deleted_is_made_anew_with_its_modes(owner: Owner) -> None:
    tenant = Tenant(owner.plane, owner.namespace)
    owner.lend(accessModes=["ReadWriteMany"])
    tenant.refer("mine", f"dataset://{owner.namespace}/data", accessModes=["ReadOnlyMany"])
    tenant.phase("mine")
    uid = tenant.uids("persistentvolumeclaims")["mine"]
    tenant.kubectl("delete", "pvc", "mine", "--wait=false")
    until(lambda: tenant.uids("persistentvolumeclaims").get("mine", uid) != uid, "another claim")
    tenant.phase("mine")
    claim = tenant.get("persistentvolumeclaims", "mine") or {}
    assert claim["spec"]["accessModes"] == ["ReadOnlyMany"]


def test_what_is_revoked_is_named_and_goes_with_its_last_reader(owner: Owner, tenant: Tenant) -> None:
    owner.lend("data", tenant.namespace)
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    tenant.phase("mine")
    tenant.read("mine")
    owner.allow()
    until(lambda: owner.listed() == [], "it is listed no more", SOON)
    told = owner.until_condition("datasets", "data", "ReadWithoutConsent", "True")
    assert (told["reason"], f"{tenant.namespace}/mine" in told["message"]) == ("Revoked", True)
    until(
        lambda: "used by reader" in tenant.condition("datasets", "mine", "Ready").get("message", ""),
        "its reader is named",
        20,
        lambda: tenant.status("datasets", "mine"),
    )
    assert tenant.status("datasets", "mine")["phase"] == "Failed"
    claim = tenant.get("persistentvolumeclaims", "mine") or {}
    assert claim["metadata"].get("deletionTimestamp"), "no new pod can use it"
    until(lambda: tenant.events("reader", "ReferenceNotAllowed"), "its reader is told")

    tenant.kubectl("delete", "pod", "reader", "--wait=false", "--grace-period=0", "--force")
    until(lambda: tenant.made("mine") == ["thinruntimes"], "claim and volume are gone", 30)
    tenant.until_ready_says("mine", "ReferenceNotAllowed")
    assert "runtimes" not in tenant.status("datasets", "mine")
    until(lambda: not owner.condition("datasets", "data", "ReadWithoutConsent"), "nobody reads", SOON)
    owner.allow("*")
    tenant.phase("mine", seconds=SOON)


def test_an_edit_of_the_address_moves_the_reference(owner: Owner, tenant: Tenant) -> None:
    owner.lend("data", tenant.namespace)
    owner.lend("other", tenant.namespace)
    tenant.refer("mine", f"dataset://{owner.namespace}/data/a")
    tenant.phase("mine")
    tenant.refer("mine", f"dataset://{owner.namespace}/other/b")

    def attributes() -> Json:
        volume = tenant.get("persistentvolumes", f"{tenant.namespace}-mine") or {}
        return volume.get("spec", {}).get("csi", {}).get("volumeAttributes", {})

    until(lambda: attributes().get("runtime_name") == "other", "the volume of the other one", SOON)
    until(lambda: tenant.status("datasets", "mine").get("phase") == "Bound", "Bound again", SOON)
    until(
        lambda: (owner.listed(), owner.listed("other")) == ([], [f"{tenant.namespace}/mine"]), "lists", SOON
    )
    assert attributes()["fluid_sub_path"] == "b"


def test_an_edit_of_a_bound_dataset_to_an_address_is_refused_and_its_cache_goes_on(
    owner: Owner, tenant: Tenant
) -> None:
    owner.lend("data", tenant.namespace)
    owner.lend("third")
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    tenant.phase("mine")
    owner.phase("third")
    tenant.read("mine")
    own = ("daemonsets", "persistentvolumeclaims")
    before = [owner.uids(one)[name] for one, name in zip(own, ("data-fuse", "data"), strict=True)]
    mounts = (owner.get("datasets", "data") or {})["spec"]["mounts"]
    for address in ("absent", "third", "data"):
        edit = [{"mountPoint": f"dataset://{owner.namespace}/{address}", "name": "one"}]
        owner.patch("dataset/data", {"spec": {"mounts": edit}})
        generation = (owner.get("datasets", "data") or {})["metadata"]["generation"]
        until(
            lambda generation=generation: (
                (told := owner.condition("datasets", "data", "NotReady")).get("reason")
                == "ReferenceNotSupported"
                and told.get("observedGeneration") == generation
            ),
            "the edit is refused",
            SOON,
            lambda: owner.status("datasets", "data"),
        )
        owner.until_quiet()
        assert [owner.uids(one)[name] for one, name in zip(own, ("data-fuse", "data"), strict=True)] == before
        for one in (
            owner.get("persistentvolumeclaims", "data"),
            tenant.get("persistentvolumeclaims", "mine"),
        ):
            assert one is not None
            assert "deletionTimestamp" not in one["metadata"]
        assert owner.listed("third") == []
        assert not owner.condition("datasets", "third", "ReadWithoutConsent")
    assert owner.listed() == [f"{tenant.namespace}/mine"]
    owner.patch("dataset/data", {"spec": {"mounts": mounts}})
    until(lambda: not owner.condition("datasets", "data", "NotReady"), "the edit is undone", SOON)
    tenant.phase("mine", seconds=SOON)


@pytest.mark.parametrize(
    ("address", "reason", "words"),
    [
        ("dataset://only-one", "InvalidMounts", "names no Dataset"),
        ("dataset://{0}/data/../other", "InvalidMounts", "'..'"),
        ("dataset://{0}/data//folder", "InvalidMounts", "empty part"),
        ("dataset:///etc/passwd", "InvalidMounts", "names no Dataset"),
        ("Dataset://{0}/data", "InvalidMounts", "names no Dataset"),
        ("dataset://{0}/bad", "ReferenceToReference", "refers to another Dataset itself"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(
    owner: Owner, address: str, reason: str, words: str
) -> None:
    tenant = Tenant(owner.plane, owner.namespace)
    tenant.refer("bad", address.format(owner.namespace))
    assert words in tenant.until_ready_says("bad", reason)
    assert tenant.made("bad") == []


def test_dataset_and_runtime_that_are_read_elsewhere_cannot_be_deleted(owner: Owner, tenant: Tenant) -> None:
    owner.lend("data", tenant.namespace)
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    tenant.phase("mine")
    owner.kubectl("delete", "thinruntime", "data", "--wait=false")
    told = owner.until_condition("datasets", "data", "NotReady", "True")
    assert f"Dataset {tenant.namespace}/mine refers to its Dataset" in told["message"]
    assert owner.status("datasets", "data")["phase"] == "Bound", "it is served as long as it is read"
    owner.kubectl("delete", "dataset", "data", "--wait=false")
    blocked = owner.until_condition("datasets", "data", "DeletionBlocked", "True")
    assert (blocked["reason"], f"{tenant.namespace}/mine" in blocked["message"]) == (
        "DatasetReferenced",
        True,
    )
    assert owner.get("daemonsets", "data-fuse") is not None
    tenant.kubectl("delete", "dataset", "mine", "--wait=false")
    tenant.gone("datasets", "mine")
    owner.gone("datasets", "data", 30)
    owner.gone("thinruntimes", "data", 30)
    until(lambda: tenant.made("mine") == [], "nothing is left", 30)


def test_a_reference_without_consent_holds_up_no_deletion(owner: Owner, tenant: Tenant) -> None:
    owner.lend()
    owner.phase("data")
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    tenant.until_ready_says("mine", "ReferenceNotAllowed")
    owner.kubectl("delete", "dataset", "data", "--wait=false")
    owner.gone("datasets", "data", 30)


def test_a_runtime_that_is_deleted_comes_back(owner: Owner, tenant: Tenant) -> None:
    owner.lend("data", tenant.namespace)
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    tenant.phase("mine")
    uid = tenant.uids("thinruntimes")["mine"]
    tenant.kubectl("delete", "thinruntime", "mine", "--wait=false")
    until(lambda: tenant.uids("thinruntimes").get("mine", uid) != uid, "another runtime", 20)
    tenant.phase("mine")


def test_data_operations_on_a_reference_are_refused_with_the_next_step(owner: Owner, tenant: Tenant) -> None:
    owner.lend("data", tenant.namespace)
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    tenant.phase("mine")
    target = {"dataset": {"name": "mine", "namespace": tenant.namespace}}
    tenant.apply({"apiVersion": API, "kind": "DataLoad", "metadata": {"name": "load"}, "spec": target})
    until(lambda: tenant.status("dataloads", "load").get("phase") == "Failed", "refused")
    [condition] = [one for one in tenant.status("dataloads", "load")["conditions"] if one["status"] == "True"]
    assert f"create it in namespace {owner.namespace}, for Dataset data" in condition["message"]


def test_the_setting_for_a_migration_asks_for_no_consent_and_says_so(
    owner: Owner, tenant: Tenant, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.lend()
    owner.phase("data")
    tenant.refer("mine", f"dataset://{owner.namespace}/data")
    tenant.until_ready_says("mine", "ReferenceNotAllowed")
    try:
        operator.stop()
        with monkeypatch.context() as patched:
            patched.setenv(SETTING, "true")
            operator.start()
        tenant.phase("mine")
        told = owner.until_condition("datasets", "data", "ReadWithoutConsent", "True")
        assert told["reason"] == "AllowedBySetting"
        assert f"{tenant.namespace}/mine" in told["message"]
        mine = tenant.until_condition("datasets", "mine", "ReadWithoutConsent", "True")
        assert SETTING in mine["message"]
        assert owner.events("data", "ReferenceWithoutConsent")
        owner.allow(tenant.namespace)
        until(lambda: not owner.condition("datasets", "data", "ReadWithoutConsent"), "consent", SOON)
        until(lambda: not tenant.condition("datasets", "mine", "ReadWithoutConsent"), "consent", SOON)
    finally:
        operator.stop()
        operator.start()
    tenant.phase("mine")
    assert tenant.made("mine") == ["thinruntimes", "persistentvolumeclaims", "persistentvolumes"]


POLICY = """
policies:
  - name: {0}
    namespaceSelector: {{matchLabels: {{fluid.test/held: {0}}}}}
    requiredProfile: true
    hostNetwork: false
"""


def test_a_reference_is_made_where_a_runtime_policy_requires_a_profile(owner: Owner, tenant: Tenant) -> None:
    name = f"refs-{secrets.token_hex(3)}"
    made = admission_objects(read_policies(POLICY.format(name)), Settings(), Registry.discover())
    text = yaml.safe_dump_all([one.to_wire() for one in made])
    owner.lend("data", tenant.namespace)
    owner.phase("data")
    tenant.plane.kubectl("label", "namespace", tenant.namespace, f"fluid.test/held={name}")
    tenant.plane.kubectl("apply", "--validate=strict", "-f", "-", stdin=text)
    try:
        fuse = {"image": "reg.example.com/client", "imageTag": "v1"}
        runtime = {
            "apiVersion": API,
            "kind": "ThinRuntime",
            "metadata": {"name": "own"},
            "spec": {"fuse": fuse},
        }

        def said() -> str:
            try:
                tenant.kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(runtime))
            except KubectlError as error:
                return str(error)
            return ""

        until(lambda: f"runtime policy {name}" in said(), "the policy holds", 60, said)
        tenant.refer("mine", f"dataset://{owner.namespace}/data")
        tenant.phase("mine", seconds=20)
    finally:
        tenant.plane.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=text)


def test_in_whatever_order_all_is_deleted_nothing_is_stuck(plane: ControlPlane) -> None:
    """All 24 orders at once: reference, Dataset, its runtime, and its namespace."""
    orders = list(itertools.permutations(("reference", "dataset", "runtime", "namespace")))
    mark = secrets.token_hex(3)
    pairs = [
        (Owner(plane, f"lend-{mark}-{n}"), Tenant(plane, f"read-{mark}-{n}")) for n in range(len(orders))
    ]
    for owner, tenant in pairs:
        plane.kubectl("create", "namespace", owner.namespace)
        plane.kubectl("create", "namespace", tenant.namespace)
        owner.lend("data", tenant.namespace)
        tenant.refer("mine", f"dataset://{owner.namespace}/data")
    for _, tenant in pairs:
        tenant.phase("mine", seconds=60)
    for order, (owner, tenant) in zip(orders, pairs, strict=True):
        for what in order:
            if what == "reference":
                tenant.kubectl("delete", "dataset", "mine", "--wait=false")
            elif what == "namespace":
                plane.kubectl("delete", "namespace", owner.namespace, "--wait=false")
            else:
                kind = "thinruntime" if what == "runtime" else "dataset"
                owner.kubectl("delete", kind, "data", "--wait=false", "--ignore-not-found")
    for order, (owner, tenant) in zip(orders, pairs, strict=True):
        gone = f"all is gone after {order}"
        until(lambda tenant=tenant: tenant.made("mine") == [], gone, 60)
        until(lambda owner=owner: _namespace(owner) is None, gone, 60, lambda owner=owner: _namespace(owner))
        plane.kubectl("delete", "namespace", tenant.namespace, "--wait=false")


def _namespace(owner: Owner) -> Json | None:
    found = owner.plane.kubectl("get", "namespace", owner.namespace, "-o", "json", "--ignore-not-found")
    return json.loads(found)["status"] if found.strip() else None
