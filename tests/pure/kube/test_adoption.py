from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.kube import DESIRED_HASH, converge
from fluid.kube.adoption import with_inherited, without_shared
from fluid.kube.ownership import belongs
from fluid.models import ConfigMap
from tests.harness.server import FakeServer
from tests.pure.kube.support import CONFIG_MAPS

Json = dict[str, Any]
Paths = frozenset[tuple[str, ...]]
NAMES = st.sampled_from(["f:a", "f:b", "f:c"])
FIELDS = st.frozensets(st.lists(NAMES, min_size=1, max_size=3).map(tuple), max_size=6)


def tree(paths: Paths) -> Json:
    """The set of fields as the API server writes it."""
    root: Json = {}
    for path in sorted(paths):
        node = root
        for name in path:
            node = node.setdefault(name, {})
    for path in paths:
        node = root
        for name in path:
            node = node[name]
        if node:
            node["."] = {}
    return root


def entry(manager: str, operation: str, fields: Json, subresource: str = "") -> Json:
    where = {"subresource": subresource} if subresource else {}
    return {"manager": manager, "operation": operation, "fieldsV1": fields, **where}


def answer(*managed: Json, **status: Any) -> Json:
    return {"metadata": {"managedFields": [*managed]}, "status": status}


@given(FIELDS.filter(bool), FIELDS.filter(bool))
def test_what_we_applied_is_ours_alone_and_nothing_else_changes_hands(ours: Paths, theirs: Paths) -> None:
    mine, other = entry("fluid", "Apply", tree(ours)), entry("helm", "Update", tree(theirs))
    foreign = [entry("kubectl", "Apply", tree(ours)), entry("kcm", "Update", tree(ours), "status")]
    after = without_shared([mine, other, *foreign], "fluid")
    left = theirs - ours
    if left == theirs:
        assert after is None
    else:
        assert after is not None
        assert after == [mine, *([entry("helm", "Update", tree(left))] if left else []), *foreign]
        assert without_shared(after, "fluid") is None, "once"


@given(FIELDS.filter(bool), FIELDS.filter(bool))
def test_what_we_made_counts_as_applied_so_that_it_goes_when_we_leave_it_out(now: Paths, made: Paths) -> None:
    after = without_shared(
        [entry("fluid", "Update", tree(made)), entry("fluid", "Apply", tree(now))], "fluid"
    )
    assert after == [entry("fluid", "Apply", tree(now | made))]
    assert after is not None
    assert without_shared(after, "fluid") is None, "once"


@given(FIELDS.filter(bool), FIELDS.filter(bool))
def test_a_status_is_inherited_field_by_field(ours: Paths, theirs: Paths) -> None:
    mine = entry("fluid", "Apply", {"f:status": tree(ours)}, "status")
    other = entry("old", "Update", {"f:status": tree(theirs)}, "status")
    after = with_inherited(answer(mine, other), "fluid", ["a", "b"])
    taken = frozenset(path for path in theirs if path[0] != "f:c")
    if not taken:
        assert after is None
        return
    assert after is not None
    assert after[0] == entry("fluid", "Apply", {"f:status": tree(ours | taken)}, "status")
    rest = [entry("old", "Update", {"f:status": tree(theirs - taken)}, "status")] if theirs - taken else []
    assert after[1:] == rest
    assert with_inherited(answer(*after), "fluid", ["a", "b"]) is None, "once"


def test_a_list_that_was_one_field_is_inherited_item_by_item() -> None:
    conditions = [{"type": "Ready", "status": "True"}, {"type": "NotReady", "status": "True"}]
    ready: Json = {".": {}, "f:type": {}, "f:status": {}}
    mine = entry("fluid", "Apply", {"f:status": {"f:conditions": {'k:{"type":"Ready"}': ready}}}, "status")
    other = entry("old", "Update", {"f:status": {"f:conditions": {}}}, "status")
    after = with_inherited(answer(mine, other, conditions=conditions), "fluid", None)
    both: Json = {'k:{"type":"Ready"}': ready, 'k:{"type":"NotReady"}': {".": {}}}
    assert after == [entry("fluid", "Apply", {"f:status": {"f:conditions": both}}, "status")]


def test_before_anything_was_applied_nothing_changes_hands() -> None:
    other = entry("old", "Update", {"f:status": {"f:a": {}}}, "status")
    assert with_inherited(answer(other), "fluid", ["a"]) is None
    assert without_shared([other], "fluid") is None


def config_map(**metadata: Any) -> Json:
    return {"metadata": {"name": "hbase-config", "namespace": "default", **metadata}, "data": {"mine": "1"}}


OWNER = {"apiVersion": "v1", "kind": "JindoRuntime", "name": "hbase", "uid": "u", "controller": True}
STANDARD = {
    "release": "hbase",
    "chart": "jindofs-1.0.5",
    "app.kubernetes.io/managed-by": "Helm",
    "fluid.io/managed-by": "fluid",
    "fluid.io/dataset-id": "default-hbase",
}
"""What is written on every object of a release."""
WANTED = ConfigMap.model_validate(config_map(labels=STANDARD, ownerReferences=[OWNER]))
VALUES = {name: STANDARD[name] for name in ("fluid.io/managed-by", "fluid.io/dataset-id")}
HELM = {"annotations": {"meta.helm.sh/release-name": "website"}}


def but(*missing: str, **other: str) -> Json:
    """The standard labels without some, and with others."""
    renamed = {name.replace("_", "-"): value for name, value in other.items()}
    return {"labels": {name: value for name, value in STANDARD.items() if name not in missing} | renamed}


def owned(**other: object) -> Json:
    return {"ownerReferences": [{**OWNER, **other}]}


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": STANDARD},
        {"labels": STANDARD, **HELM},
        but(chart="jindofs-1.0.4"),
        but("chart", "fluid.io/managed-by"),
        but("app.kubernetes.io/managed-by", "fluid.io/managed-by"),
        owned(),
        {**owned(), **HELM},
    ],
)
def test_what_a_former_installation_left_of_the_release_is_ours(metadata: Json) -> None:
    assert belongs(ConfigMap.model_validate(config_map(**metadata)), WANTED)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        HELM,
        {"labels": {"app": "mysite"}, **HELM},
        {"labels": {"release": "hbase"}},
        {"labels": {"release": "hbase", "fluid.io/dataset-id": "default-hbase"}},
        {"labels": {"release": "hbase", "app.kubernetes.io/managed-by": "Helm"}, **HELM},
        {"labels": {"fluid.io/managed-by": "fluid", "fluid.io/dataset-id": "default-hbase"}},
        but(release="other"),
        but("fluid.io/dataset-id"),
        {"labels": {**STANDARD, "fluid.io/dataset-id": "default-other"}},
        owned(uid="another"),
        {"labels": STANDARD, **owned(uid="another")},
        {"labels": STANDARD, **owned(kind="Deployment", name="someone", uid="d")},
        owned(controller=False),
    ],
)
def test_what_carries_less_or_is_controlled_by_another_is_a_strangers(metadata: Json) -> None:
    assert not belongs(ConfigMap.model_validate(config_map(**metadata)), WANTED)


@pytest.mark.parametrize(
    ("labels", "ours"),
    [
        ({"fluid.io/dataset-id": "u-1"}, True),
        ({"fluid.io/dataset-id": "default-hbase"}, True),
        ({"fluid.io/dataset-id": "default-other"}, False),
        ({"fluid.io/managed-by": "fluid"}, False),
    ],
)
def test_values_have_a_dataset_id_alone_which_others_may_have_had_too(
    labels: dict[str, str], ours: bool
) -> None:
    wanted = config_map(labels={**VALUES, "fluid.io/dataset-id": "u-1"}, ownerReferences=[OWNER])
    found = ConfigMap.model_validate(config_map(labels=labels))
    assert belongs(found, ConfigMap.model_validate(wanted)) is ours


@pytest.mark.anyio
async def test_a_strangers_object_is_left_as_it_is_and_told() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, config_map())
    before = server.get(CONFIG_MAPS, "default", "hbase-config")
    async with server.connect() as connection:
        report = await converge([WANTED], [], apis=connection, owner_uid="u")
    [(refused, error)] = report.refused
    assert (refused, error.reason) == (WANTED, "NameTaken")
    assert server.writes() == ["POST /api/v1/namespaces/default/configmaps"], "which is refused"
    assert server.get(CONFIG_MAPS, "default", "hbase-config") == before


@pytest.mark.anyio
async def test_what_was_applied_once_costs_one_request_to_change() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        api = connection.api(ConfigMap)
        [made] = (await converge([WANTED], [], apis=connection)).applied
        live = await api.get(made.key)
        assert (await converge([WANTED], [live], apis=connection)).unchanged == [WANTED]
        for number, requests in ((2, 2), (3, 1)):  # without managedFields there is nothing to hand over
            before = len(server.requests)
            changed = WANTED.model_copy(update={"data": {"mine": str(number)}})
            await converge([changed], [live], apis=connection)
            assert len(server.requests) == before + requests
            live = await api.get(made.key)
            assert DESIRED_HASH in (live.metadata.annotations or {})


@pytest.mark.anyio
async def test_an_object_that_an_earlier_process_made_is_recognised() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        await converge([WANTED], [], apis=connection)
        report = await converge([WANTED], [], apis=connection)
    assert report.refused == []
    assert report.applied == [WANTED]
