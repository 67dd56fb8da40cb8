# pyright: basic
"""Addresses of references, consent, and the life of their volumes, whatever happens to the other side."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.conditions import find_condition
from fluid.controllers.binding import not_bindable
from fluid.engines.core import dataset_status
from fluid.engines.core.borrowed_volume import borrowed_claim, borrowed_volume
from fluid.engines.core.faulty_pass import decide_or_explain
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import ClaimUser, ClaimUsers, Results
from fluid.engines.core.query import AnyQuery
from fluid.engines.core.references import (
    Address,
    AddressError,
    Referred,
    address_of,
    allowed_namespaces,
    consents,
    has_own_cache,
    ignored_consent,
    is_borrowed,
    is_reference,
    obstacle,
    parse_address,
)
from fluid.engines.core.registered_code import carries_references
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.jindo.registration import registration as jindo
from fluid.engines.thin.registration import registration as thin
from fluid.models import (
    DaemonSet,
    Dataset,
    PersistentVolume,
    PersistentVolumeClaim,
    ThinRuntime,
)
from fluid.naming import ALLOWED_NAMESPACES, Identity
from fluid.types import Key

LENDER, MINE = Key("lending", "data"), Key("reading", "mine")
NOW = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
ATTRIBUTES = {
    "fluid_path": "/runtime-mnt/thin/lending/data/thin-fuse",
    "mount_type": "fuse",
    "runtime_namespace": "lending",
    "runtime_name": "data",
    "mount_pod_node_selector_key": "fluid.io/f-lending-data",
}
SECRET = "hunter2"


def dataset(key: Key, *mounts: str, **more: Any) -> Dataset:
    """A Dataset with an identity; `spec`, `status` and `annotations` in `more`."""
    metadata: dict[str, Any] = {"namespace": key.namespace, "name": key.name, "generation": 1}
    metadata |= {"uid": f"uid-{key.name}"}
    metadata |= {"labels": {"fluid.io/dataset-id": f"{key.namespace}-{key.name}"}}
    metadata |= {"annotations": more.pop("annotations", {})}
    spec = {"mounts": [{"mountPoint": one, "name": f"m{n}"} for n, one in enumerate(mounts)]}
    found = {"metadata": metadata, "spec": {**spec, **more.pop("spec", {})}, **more}
    return Dataset.model_validate(found)


def lender(
    *allowed: str, phase: str = "Bound", modes: Sequence[str] = ("ReadOnlyMany",), **status: Any
) -> Dataset:
    mount = {"mountPoint": "s3://b/", "name": "b", "options": {"key": SECRET}}
    runtimes = [{"name": "data", "namespace": "lending", "type": "thin"}]
    status = {"phase": phase, "conditions": [], "runtimes": runtimes, "mounts": [mount], **status}
    annotations = {ALLOWED_NAMESPACES: ",".join(allowed)} if allowed else {}
    return dataset(LENDER, "s3://b/", annotations=annotations, status=status, spec={"accessModes": [*modes]})


def volume_of(key: Key, modes: Sequence[str] = ("ReadOnlyMany",), **attributes: str) -> PersistentVolume:
    name = f"{key.namespace}-{key.name}"
    csi = {
        "driver": "fuse.csi.fluid.io",
        "volumeHandle": name,
        "volumeAttributes": {**ATTRIBUTES, **attributes},
    }
    spec = {"csi": csi, "claimRef": {"namespace": key.namespace, "name": key.name}, "accessModes": [*modes]}
    metadata = {"name": name, "uid": f"v-{name}", "annotations": {"CreatedBy": "fluid"}}
    return PersistentVolume.model_validate(
        {"metadata": metadata, "spec": {**spec, "capacity": {"storage": "1Ti"}}, "status": {"phase": "Bound"}}
    )


_IDENTITY = Identity.of(*MINE, "uid-mine", "reading-mine")


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("dataset://lending/data", ""),
        ("dataset://lending/data/", ""),
        ("dataset://lending/data/a", "a"),
        ("dataset://lending/data/a/b c/", "a/b c"),
        ("dataset://lending/data/...", "..."),
    ],
)
def test_an_address_names_a_dataset_and_a_folder(text: str, folder: str) -> None:
    assert parse_address(text) == Address(LENDER, folder)


@pytest.mark.parametrize(
    "text",
    [
        *("dataset://", "dataset:///", "dataset://only-one", "dataset://lending/", "dataset:///data"),
        *("DATASET://lending/data", "Dataset://lending/data", "dataset:/lending/data", "s3://lending/data"),
        *("dataset://lending/data//", "dataset://lending/data//a", "dataset://lending/data/a//b"),
        *("dataset://lending/data/..", "dataset://lending/data/../..", "dataset://lending/data/a/../b"),
        *(
            "dataset://lending/data/.",
            "dataset://lending/data/./a",
            "dataset://../data",
            "dataset://lending/..",
        ),
        *(
            "dataset://Lending/data",
            "dataset://lending/Data",
            "dataset://lending/1data",
            "dataset://l n/data",
        ),
        *("dataset://lending/data/a\nb", "dataset://lending/data/a\x00", "dataset://lending/data/\u202eb"),
        f"dataset://lending/data/{'a' * 4096}",
        f"dataset://{'a' * 64}/data",
    ],
)
def test_what_names_no_dataset_or_leads_out_of_one_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_address(text)


_PARTS = st.text(st.sampled_from("ab.-/ é\\\u202e\n"), max_size=12)


@given(
    text=st.just("dataset://ns/name/").flatmap(lambda start: _PARTS.map(lambda rest: start + rest))
    | st.text()
)
def test_no_address_that_is_read_leaves_its_dataset(text: str) -> None:
    try:
        found = parse_address(text)
    except AddressError:
        return
    parts = found.sub_path.split("/") if found.sub_path else []
    assert not {"", ".", ".."}.intersection(parts)
    assert all(part.isprintable() for part in parts)
    assert parse_address(str(found)) == found


@pytest.mark.parametrize(
    ("mounts", "problem"),
    [
        (["s3://a/"], None),
        (["dataset://lending/data"], None),
        (["dataset://lending/data", "s3://a/"], "spec.mounts[0].mountPoint refers to another Dataset, so"),
        (["s3://a/", "dataset://lending/data"], "spec.mounts[1].mountPoint refers to another Dataset, so"),
        (["dataset://lending/data", "dataset://lending/b"], "spec.mounts[0].mountPoint refers"),
        (["dataset://lending"], "spec.mounts[0].mountPoint: 'dataset://lending' names no Dataset"),
    ],
)
def test_a_reference_stands_alone(mounts: list[str], problem: str | None) -> None:
    found = dataset(MINE, *mounts)
    assert is_reference(found) == any(one.startswith("dataset:") for one in mounts)
    if problem is None:
        assert (address_of(found) is not None) == is_reference(found)
        return
    with pytest.raises(AddressError) as raised:
        address_of(found)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("annotation", "allowed"),
    [
        ("", False),
        ("reading", True),
        (" other , reading ", True),
        ("*", True),
        ("read*", False),
        ("Reading", False),
        ("reading.other", False),
        (f"reading,{'x' * 4096}", True),
        (f"reading,{'x' * 65536}", False),
    ],
)
def test_the_owner_says_who_may_refer(annotation: str, allowed: bool) -> None:
    found = dataset(LENDER, "s3://b/", annotations={ALLOWED_NAMESPACES: annotation})
    assert consents(found, "reading") is allowed
    assert consents(found, "lending"), "its own namespace needs no word"


def test_words_that_are_no_namespace_allow_nobody() -> None:
    found = dataset(LENDER, "s3://b/", annotations={ALLOWED_NAMESPACES: "a, B, , c_d, e"})
    assert allowed_namespaces(found) == {"a", "e"}


def test_an_annotation_that_is_too_long_takes_nobodys_volume_and_allows_nobody_new() -> None:
    text = ",".join(f"team-{number:05}" for number in range(7000))
    found = dataset(LENDER, "s3://b/", annotations={ALLOWED_NAMESPACES: text}, status={"conditions": []})
    assert found.status is not None
    found.status.dataset_ref = ["reading/mine", "gone"]
    assert consents(found, "reading")
    assert not consents(found, "team-00000")
    told = ignored_consent(found)
    assert told is not None
    assert (told[0], "shorten it" in told[1]) == ("TooLong", True)
    many = ",".join(f"team-of-the-department-{number:03}" for number in range(170))
    known = dataset(LENDER, "s3://b/", annotations={ALLOWED_NAMESPACES: many})
    assert (consents(known, "team-of-the-department-169"), ignored_consent(known)) == (True, None)


def test_words_that_are_no_namespace_are_told_short_and_in_quotes() -> None:
    text = ", ".join(["a", "B", "c\nd", "x" * 5000, *(f"{number}_" for number in range(9)), "*", ""])
    told = ignored_consent(dataset(LENDER, "s3://b/", annotations={ALLOWED_NAMESPACES: text}))
    assert told is not None
    assert told[0] == "NoNamespaces"
    assert "allow nobody: 'B', 'c\\nd', 'xxx" in told[1]
    assert "'1_' and 7 more; write" in told[1]
    assert len(told[1]) < 600


def _referred(other: Dataset | None, text: str = "dataset://lending/data", volume: bool = True) -> Referred:
    return Referred(parse_address(text), "", other, volume_of(LENDER) if volume else None)


@pytest.mark.parametrize(
    ("referred", "reason", "forbids"),
    [
        (_referred(lender("reading")), None, False),
        (_referred(lender()), "ReferenceNotAllowed", True),
        (_referred(None), "ReferenceNotAllowed", True),
        (_referred(lender("reading"), volume=False), "ReferencedDatasetNotReady", False),
        (_referred(lender("reading", runtimes=None)), "ReferencedDatasetNotReady", False),
        (
            _referred(dataset(LENDER, "dataset://a/b", annotations={ALLOWED_NAMESPACES: "*"})),
            "ReferenceToReference",
            True,
        ),
        (Referred(None), "InvalidMounts", True),
    ],
)
def test_what_stands_between_a_reference_and_the_other_dataset(
    referred: Referred, reason: str | None, forbids: bool
) -> None:
    found = obstacle(MINE, referred, Settings())
    assert (found.waiting.reason if found else None, bool(found and found.forbids)) == (reason, forbids)


def test_the_setting_for_a_migration_tells_what_is_not_there() -> None:
    settings = Settings(references_from_anywhere=True)
    assert obstacle(MINE, _referred(lender()), settings) is None
    found = obstacle(MINE, _referred(None), settings)
    assert found is not None
    assert found.waiting.reason == "ReferencedDatasetNotFound"


def test_a_volume_of_a_reference_that_was_one_before_is_lent_to_nobody() -> None:
    stale = volume_of(LENDER, runtime_namespace="third")
    assert is_borrowed(stale, LENDER)
    found = obstacle(MINE, Referred(Address(LENDER), "", lender("reading"), stale), Settings())
    assert found is not None
    assert found.waiting.reason == "ReferenceToReference"


@pytest.mark.parametrize(
    ("lent", "own", "modes"),
    [
        (["ReadOnlyMany"], ["ReadWriteMany"], ["ReadOnlyMany"]),
        (["ReadWriteMany"], None, ["ReadOnlyMany"]),
        (["ReadWriteMany"], ["ReadWriteMany"], ["ReadWriteMany"]),
        (["ReadWriteMany"], ["ReadOnlyMany"], ["ReadOnlyMany"]),
        (["ReadOnlyMany", "ReadWriteMany"], ["ReadWriteMany"], ["ReadOnlyMany"]),
    ],
)
def test_a_reference_narrows_the_access_modes(
    lent: list[str], own: list[str] | None, modes: list[str]
) -> None:
    mine = dataset(MINE, "dataset://lending/data", spec={"accessModes": own} if own else {})
    found = borrowed_volume(_IDENTITY, mine, Address(LENDER), volume_of(LENDER, lent))
    claim = borrowed_claim(_IDENTITY, mine, Address(LENDER), volume_of(LENDER, lent))
    assert (found.spec and found.spec.access_modes, claim.spec and claim.spec.access_modes) == (modes, modes)


def test_the_volume_is_that_of_the_other_dataset_under_a_handle_of_its_own() -> None:
    mine = dataset(MINE, "dataset://lending/data/a/b")
    lent = volume_of(LENDER, fluid_sub_path="theirs")
    volume = borrowed_volume(_IDENTITY, mine, Address(LENDER, "a/b"), lent).to_wire()
    assert volume["metadata"] == {
        "name": "reading-mine",
        "labels": {"fluid.io/s-reading-mine": "true", "fluid.io/dataset-id": "reading-mine"},
        "annotations": {"CreatedBy": "fluid"},
    }
    assert volume["spec"] == {
        "accessModes": ["ReadOnlyMany"],
        "capacity": {"storage": "1Ti"},
        "claimRef": {"namespace": "reading", "name": "mine"},
        "csi": {
            "driver": "fuse.csi.fluid.io",
            "volumeHandle": "reading-mine",
            "volumeAttributes": {**ATTRIBUTES, "fluid_sub_path": "a/b"},
        },
    }
    claim: Any = borrowed_claim(_IDENTITY, mine, Address(LENDER, "a/b"), lent).to_wire()
    assert claim["metadata"]["labels"] == {
        "fluid.io/s-reading-mine": "true",
        "fluid.io/dataset-id": "reading-mine",
        "fluid.io/dataset.referring-name": "data",
        "fluid.io/dataset.referring-namespace": "lending",
    }
    assert claim["spec"]["storageClassName"] == "fluid"
    assert claim["spec"]["volumeName"] == "reading-mine"


def test_runtimes_without_a_profile_carry_references_and_those_of_other_engines_never() -> None:
    named = ThinRuntime.model_validate({"metadata": {"name": "a"}, "spec": {"profileName": "p"}})
    empty = ThinRuntime.model_validate({"metadata": {"name": "a"}, "spec": {}})
    assert [carries_references(thin(), one) for one in (empty, named)] == [True, False]
    assert jindo().carries_references is None


@dataclass
class World:
    """One reference, the other Dataset, and what Kubernetes makes of volume and claim."""

    other: Dataset | None = None
    mine: Dataset = field(default_factory=lambda: dataset(MINE, "dataset://lending/data"))
    lent: bool = True
    volume: PersistentVolume | None = None
    claim: PersistentVolumeClaim | None = None
    readers: int = 0
    settings: Settings = field(default_factory=Settings)
    deleting: bool = False

    def decide(self) -> Plan:
        stamp = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if self.deleting else {}
        metadata = {"name": "mine", "namespace": "reading", "uid": "r", "generation": 1, **stamp}
        runtime = ThinRuntime.model_validate({"metadata": metadata, "spec": {}})
        address = address_of(self.mine)
        lent = volume_of(LENDER) if self.lent else None
        other = self.other if address is not None and address.dataset == LENDER else None
        snapshot = Snapshot(
            runtime=runtime,
            dataset=self.mine,
            identity=_IDENTITY,
            now=NOW,
            volume=self.volume,
            claim=self.claim,
            referred=Referred(address, "", other, lent),
        )
        users = tuple(ClaimUser(f"reader-{n}", "node", f"uid-{n}") for n in range(self.readers))
        answers: dict[AnyQuery, object] = {**dict.fromkeys(self._queries(), users)}
        plan = decide_or_explain(thin(), snapshot, None, Results(answers), self.settings)
        assert plan.fault is None, plan.fault
        return plan

    def _queries(self) -> list[ClaimUsers]:
        claim = self.claim
        since = claim.metadata.deletion_timestamp if claim is not None else None
        when = (
            f"{claim.uid} deleted at {since.isoformat()}" if claim is not None and since is not None else ""
        )
        return [ClaimUsers(MINE, when)]

    def act(self) -> Plan:
        """One pass, and what Kubernetes does about it."""
        plan = self.decide()
        for obj in plan.create:
            if isinstance(obj, PersistentVolume) and self.volume is None:
                self.volume = _made(obj, "Available")
            elif isinstance(obj, PersistentVolumeClaim) and self.claim is None:
                self.claim = _made(obj, "Bound")
        for obj in plan.delete:
            if isinstance(obj, PersistentVolume):
                self.volume = None
            elif self.claim is not None and self.readers:
                wire: Any = self.claim.to_wire()
                wire["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
                self.claim = PersistentVolumeClaim.model_validate(wire)
            else:
                self.claim = None
        if self.claim is not None and self.claim.metadata.deletion_timestamp and not self.readers:
            self.claim = None
        self.mine = self.mine.model_copy(update={"status": plan.dataset_status})
        if self.other is not None and self.other.status is not None:
            listed = (
                [str(MINE)]
                if consents(self.other, "reading") or self.settings.references_from_anywhere
                else []
            )
            status = self.other.status.model_copy(update={"dataset_ref": listed})
            self.other = self.other.model_copy(update={"status": status})
        return plan

    def settle(self) -> None:
        for _ in range(8):
            self.act()

    @property
    def ready(self) -> tuple[str, str]:
        status = self.mine.status
        found = find_condition(status.conditions if status else None, "Ready")
        return ((status.phase if status else None) or "", (found.reason if found else None) or "")


def _made(obj: Any, phase: str) -> Any:
    wire = obj.to_wire()
    wire["metadata"]["uid"] = f"uid-{wire['metadata']['name']}"
    return type(obj).model_validate({**wire, "status": {"phase": phase}})


def test_a_reference_is_published_only_once_the_other_dataset_lists_it() -> None:
    world = World(lender("reading"))
    assert world.decide().create == [], "not listed yet"
    world.settle()
    assert world.ready == ("Bound", "DatasetReady")
    assert (world.volume is not None, world.claim is not None) == (True, True)


def test_no_claim_is_made_for_a_volume_that_was_left_over_before_the_other_dataset_lists_it() -> None:
    world = World(lender("reading"))
    world.settle()
    world.claim, world.other = None, lender("reading")
    assert world.volume is not None
    plan = world.decide()
    assert (plan.create, plan.waiting and plan.waiting.reason) == ([], "ReferenceNotListed")
    world.settle()
    assert world.claim is not None
    assert world.ready == ("Bound", "DatasetReady")


def test_of_the_other_status_only_figures_are_shown() -> None:
    states = {"cached": "1GiB", "cacheCapacity": "2GiB", "endpoint": SECRET, "cacheHitRatio": SECRET * 20}
    world = World(
        lender("reading", cacheStates=states, ufsTotal="3GiB", fileNum="7", hcfs={"endpoint": SECRET})
    )
    world.settle()
    status = world.mine.status
    assert status is not None
    assert SECRET not in str(status.to_wire())
    assert (status.ufs_total, status.file_num) == ("3GiB", "7")
    assert status.cache_states == {"cacheCapacity": "2GiB", "cached": "1GiB"}
    assert [one.to_wire() for one in status.mounts or ()] == [
        {"mountPoint": "dataset://lending/data", "name": "m0"}
    ]


def test_what_is_wrong_with_the_other_dataset_is_said_without_its_words() -> None:
    world = World(lender("reading"))
    world.settle()
    bad = {"type": "Ready", "status": "False", "reason": "X", "message": SECRET}
    world.other = lender("reading", phase="Failed", conditions=[bad])
    world.settle()
    assert world.ready == ("Failed", "ReferencedDatasetNotReady")
    assert SECRET not in str(world.mine.to_wire())
    assert world.claim is not None, "a failure passes, and its pods read again then"
    world.other = lender("reading")
    world.settle()
    assert world.ready == ("Bound", "DatasetReady")


def test_a_reference_that_is_revoked_names_its_readers_and_goes_with_the_last() -> None:
    world = World(lender("reading"), readers=2)
    world.settle()
    world.other = lender("somebody")
    told = [notice for _ in range(4) for notice in world.act().notices if notice.pod is not None]
    assert {notice.pod.name for notice in told if notice.pod} == {"reader-0", "reader-1"}
    assert "reads on until it ends" in told[0].message
    world.settle()
    ready = find_condition(world.mine.status.conditions if world.mine.status else None, "Ready")
    assert world.ready == ("Failed", "ReferenceNotAllowed")
    assert ready is not None
    assert "used by reader-0, reader-1" in (ready.message or "")
    assert world.claim is not None
    assert world.claim.metadata.deletion_timestamp is not None
    world.readers = 0
    world.settle()
    assert (world.volume, world.claim) == (None, None)
    assert world.ready == ("NotBound", "ReferenceNotAllowed")
    assert not (world.mine.status and world.mine.status.runtimes)


def test_a_volume_of_an_earlier_installation_keeps_its_shared_handle() -> None:
    world = World(lender("reading"), dataset(MINE, "dataset://lending/data/a/"))
    world.settle()
    assert world.volume is not None
    assert world.volume.spec is not None
    assert world.volume.spec.csi is not None
    attributes = {**ATTRIBUTES, "fluid_sub_path": "a/"}
    former = {"volume_handle": "lending-data", "volume_attributes": attributes}
    shared = world.volume.spec.csi.model_copy(update=former)
    spec = world.volume.spec.model_copy(update={"csi": shared})
    world.volume = world.volume.model_copy(update={"spec": spec})
    plan = world.act()
    assert (plan.create, plan.delete) == ([], [])
    assert world.ready == ("Bound", "DatasetReady")


def test_a_dataset_that_is_no_reference_any_more_loses_the_volume_of_the_other_one() -> None:
    world = World(lender("reading"))
    world.settle()
    world.mine = dataset(MINE, "s3://own/", status=world.mine.status)
    world.settle()
    assert (world.volume, world.claim) == (None, None)


def _edited(address: str = "dataset://lending/data", **changes: Any) -> Snapshot[ThinRuntime]:
    """A runtime with a cache of its own, whose Dataset is bound and was edited to an address."""
    stamp = {"deletionTimestamp": "2026-01-01T00:00:00Z"} if changes.pop("leaving", False) else {}
    metadata = {"name": "mine", "namespace": "reading", "uid": "r", "generation": 1, **stamp}
    fuse = {"image": "reg/client", "imageTag": "v1"}
    runtime = ThinRuntime.model_validate({"metadata": metadata, "spec": {"fuse": fuse}})
    runtimes = [{"name": "mine", "namespace": "reading", "type": "thin"}]
    mounts = [{"mountPoint": "s3://own/", "name": "m0"}]
    bound = {"phase": "Bound", "conditions": [], "runtimes": runtimes, "mounts": mounts}
    child = {"name": "mine-fuse", "namespace": "reading", "uid": "d"}
    known: dict[str, Any] = {
        "dataset": dataset(MINE, address, status=bound),
        "volume": volume_of(MINE, runtime_namespace="reading", runtime_name="mine"),
        "claim": _made(
            borrowed_claim(_IDENTITY, dataset(MINE, address), Address(LENDER), volume_of(LENDER)), "Bound"
        ),
        "referred": Referred(parse_address(address), "", lender("reading"), volume_of(LENDER)),
        "children": [DaemonSet.model_validate({"metadata": child})],
    }
    return Snapshot(runtime=runtime, identity=_IDENTITY, now=NOW, **{**known, **changes})


@pytest.mark.parametrize("address", ["dataset://lending/data", "dataset://lending/absent"])
def test_a_bound_dataset_that_is_edited_to_an_address_keeps_claim_volume_and_fuse_pods(address: str) -> None:
    snapshot = _edited(address)
    assert snapshot.dataset is not None
    assert has_own_cache(snapshot.dataset, snapshot.volume)
    rejection = not_bindable(snapshot.runtime, snapshot.dataset, "thin", carries=False)
    assert rejection is not None
    assert "or undo the edit of spec.mounts" in rejection.message
    plan = decide_or_explain(thin(), snapshot, None, Results(), Settings(), rejection)
    assert plan.fault is None
    assert (plan.delete, plan.keep) == ([], {("DaemonSet", "mine-fuse")})
    assert (plan.rejection, plan.dataset_status.runtimes) == (rejection, snapshot.dataset.status.runtimes)  # type: ignore[union-attr]


def test_a_reference_whose_volume_was_deleted_has_no_cache_of_its_own() -> None:
    world = World(lender("reading"))
    world.settle()
    assert not has_own_cache(world.mine, world.volume)
    assert not has_own_cache(world.mine, None)
    assert not has_own_cache(dataset(MINE, "dataset://lending/data"), None)


def test_what_a_runtime_has_is_taken_away_with_it_although_its_dataset_was_edited_to_an_address() -> None:
    plan = decide_or_explain(
        thin(), _edited(leaving=True, volume=None, claim=None), None, Results(), Settings()
    )
    assert plan.fault is None
    assert [(one.resource.kind, one.name) for one in plan.delete] == [("DaemonSet", "mine-fuse")]


def test_references_to_a_dataset_that_was_edited_to_an_address_read_on() -> None:
    status = lender("reading").status
    other = dataset(LENDER, "dataset://third/x", annotations={ALLOWED_NAMESPACES: "reading"}, status=status)
    assert obstacle(MINE, Referred(Address(LENDER), "", other, volume_of(LENDER)), Settings()) is None


def _folder(world: World) -> str:
    """The part of the other Dataset that the volume shows."""
    spec = world.volume.spec if world.volume is not None else None
    attributes = (spec.csi.volume_attributes if spec is not None and spec.csi is not None else None) or {}
    return attributes.get("fluid_sub_path", "")


def test_another_folder_is_shown_once_no_pod_reads_the_one_before() -> None:
    world = World(lender("reading"))
    world.settle()
    world.readers = 1
    world.mine = dataset(MINE, "dataset://lending/data/folder", status=world.mine.status)
    world.settle()
    assert _folder(world) == ""
    assert world.ready == ("Failed", "ReferenceChanging")
    assert "used by reader-0" in str(world.mine.to_wire())
    world.readers = 0
    world.settle()
    assert _folder(world) == "folder"
    assert world.ready == ("Bound", "DatasetReady")


EVENTS = st.lists(
    st.sampled_from(
        (
            "allow",
            "revoke",
            "fail",
            "bind",
            "vanish",
            "unlend",
            "lend",
            "read",
            "end",
            "move",
            "back",
            "delete",
        )
    ),
    max_size=14,
)


@given(events=EVENTS, passes=st.lists(st.integers(0, 3), min_size=14, max_size=14))
def test_whatever_happens_nothing_is_published_without_consent_and_nothing_is_stuck(
    events: list[str], passes: list[int]
) -> None:
    world = World(lender("reading"))
    for event, times in zip(events, passes, strict=False):
        _happen(world, event)
        for _ in range(times):
            allowed = world.other is not None and consents(world.other, "reading")
            moved = "third" in (world.mine.spec.mounts or [])[0].mount_point
            plan = world.act()
            assert not plan.create or (allowed and not moved and not world.deleting)
    world.readers = 0
    world.settle()
    moved = "third" in (world.mine.spec.mounts or [])[0].mount_point
    consent = world.other is not None and consents(world.other, "reading") and not moved
    forbidden = world.deleting or not consent
    if consent and world.lent and not world.deleting:
        assert world.claim is not None
        folder = "folder" if "folder" in (world.mine.spec.mounts or [])[0].mount_point else ""
        assert _folder(world) == folder
    if forbidden:
        assert (world.volume, world.claim) == (None, None)
    if world.deleting:
        assert world.decide().finished


def _happen(world: World, event: str) -> None:
    status = world.mine.status
    match event:
        case "allow" | "bind":
            world.other = lender("reading")
        case "revoke":
            world.other = lender("somebody")
        case "fail":
            world.other = lender("reading", phase="Failed")
        case "vanish":
            world.other = None
        case "lend" | "unlend":
            world.lent = event == "lend"
        case "read" | "end":
            world.readers = int(event == "read" and world.claim is not None)
        case "move":
            world.mine = dataset(MINE, "dataset://third/data", status=status)
        case "back":
            world.mine = dataset(MINE, "dataset://lending/data/folder", status=status)
        case _:
            world.deleting = True


def test_the_runtime_that_is_read_elsewhere_goes_on_until_the_references_are_gone() -> None:
    world = World(lender("reading"))
    world.settle()
    metadata = {"name": "data", "namespace": "lending", "uid": "p", "generation": 1}
    metadata |= {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    runtime = ThinRuntime.model_validate({"metadata": metadata, "spec": {}})
    other = lender("reading")
    snapshot = Snapshot(
        runtime=runtime,
        dataset=other,
        identity=Identity.of(*LENDER, "uid-data", "lending-data"),
        now=NOW,
        volume=volume_of(LENDER),
        referrers=[MINE],
    )
    plan = decide_or_explain(thin(), snapshot, None, Results(), Settings())
    assert plan.fault is None
    assert (plan.delete, plan.finished) == ([], False)
    assert plan.rejection is not None
    assert "Dataset reading/mine refers to its Dataset" in plan.rejection.message
    assert dataset_status.owned_part(other).runtimes == plan.dataset_status.runtimes
