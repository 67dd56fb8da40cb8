# pyright: basic
"""The operator of this checkout takes over from that of an earlier commit: no workload notices.

The tests look at one upgrade, in their order: first what it did, then what goes on afterwards. The page
docs/architecture.md says what it proves, and how to move the commit.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.plane.takeover import Name, Objects, Upgrade, everything, pinned, upgraded
from tests.plane.tenants import BOUND, FOREIGN, PHASES, Tenants, mount
from tests.plane.user import Json, now, until

pytestmark = pytest.mark.plane
Write = tuple[str, str, str]
"""Verb, resource with subresource, name."""
FIRST_CHANGE = 3
"""Requests of the first change of what was made by POST (docs/decisions/server-side-apply.md)."""
NO_WATERMARK = ("host", "keys", "leaving", "rotating", "words")
"""JindoRuntimes that ask for none."""
CHANGED_BEFORE = "rotating-jindocache-values"
"""Written by the old release again after its POST."""
ALLOWED: dict[str, dict[Write, int]] = {
    "A watermark that nobody asked for leaves the configuration; a cache reads it at its next start": {
        ("patch", "configmaps", f"{name}-{part}"): FIRST_CHANGE
        for name in NO_WATERMARK
        for part in ("jindofs-config", "jindocache-values")
        if f"{name}-{part}" != CHANGED_BEFORE
    },
    "The same, of an object that was applied before": {("patch", "configmaps", CHANGED_BEFORE): 1},
    "A word that means nothing is shown (which it is, is noted in the values that change anyway)": {
        ("patch", "jindoruntimes/status", "words"): 1
    },
    "... and told": {("create", "events", "words"): 1},
}
"""Every write of the takeover, how often, and why."""
UPGRADED_KINDS = "storage is (re)initializing"
"""What a watch hears when its CRD is replaced."""


@pytest.fixture(scope="module")
def upgrade() -> Iterator[Upgrade]:
    with upgraded(pinned()) as done:
        yield done


@pytest.fixture
def tenants(upgrade: Upgrade) -> Tenants:
    return upgrade.tenants


def test_no_template_changes(upgrade: Upgrade) -> None:
    kinds = ("StatefulSet", "DaemonSet", "CronJob", "Job")
    before, after = (
        {name: (one["metadata"]["uid"], one["spec"]) for name, one in objects.items() if name[0] in kinds}
        for objects in map(_steady, (upgrade.before, upgrade.after))
    )
    assert {kind for kind, _ in before} == {*kinds}
    assert after == before


def test_no_pod_is_replaced_or_restarted(upgrade: Upgrade) -> None:
    before, after = _pods(upgrade.before), _pods(upgrade.after)
    assert len(before) > 25
    assert after == before


def test_every_write_is_one_that_is_listed(upgrade: Upgrade) -> None:
    listed = Counter[Write]()
    for writes in ALLOWED.values():
        listed.update(writes)
    assert _writes(upgrade) == listed


def test_nothing_else_changes(upgrade: Upgrade) -> None:
    """By nobody's hand: versions are the same, and statuses and conditions with their times."""
    before, after = _steady(upgrade.before), _steady(upgrade.after)
    differ = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    written = {(_KINDS[resource], name) for _, resource, name in _writes(upgrade)}
    assert {(kind, _stem(name)) for kind, name in differ} == written


def test_what_was_bound_and_ready_still_is(upgrade: Upgrade) -> None:
    for name in BOUND:
        before, after = (objects["Dataset", name]["status"] for objects in (upgrade.before, upgrade.after))
        assert after == before
        assert after["phase"] == "Bound"
        assert _condition(after, "Ready")["status"] == "True"
    for plural, name, phase in PHASES:
        if name != "minutely":
            assert upgrade.tenants.status(plural, name)["phase"] == phase


def test_what_was_told_is_told(upgrade: Upgrade) -> None:
    told = {
        ("Dataset", "refused"): "NotReady",
        ("Dataset", "leaving"): "DeletionBlocked",
        ("Dataset", "rotating"): "Updating",
        ("ThinRuntime", "images"): "UpdatePending",
    }
    for name, kind in told.items():
        before, after = (_condition(one[name]["status"], kind) for one in (upgrade.before, upgrade.after))
        assert after == before
        assert after["status"] == "True"
    words = _condition(upgrade.after["JindoRuntime", "words"]["status"], "SpecWarning")
    assert FOREIGN in words["message"]


def test_no_source_is_mounted_again(upgrade: Upgrade) -> None:
    assert _mounts(upgrade.commands(datetime.min.replace(tzinfo=upgrade.since.tzinfo))), "they were once"
    assert _changes(upgrade.commands()) == []


def test_the_rights_of_the_new_release_suffice_both_and_neither_stumbles(upgrade: Upgrade) -> None:
    assert [one for one in upgrade.tenants.requests(upgrade.since) if one.denied] == []
    said = [line for one in (upgrade.old, upgrade.new) for line in one.lines() if line["level"] != "info"]
    assert [line for line in said if UPGRADED_KINDS not in str(line)] == []
    assert not any("Traceback" in one.log.read_text() for one in (upgrade.old, upgrade.new))


def test_edits_arrive(upgrade: Upgrade, tenants: Tenants) -> None:
    since, before = now(), _pods(everything(tenants))
    tenants.patch("jindoruntime/pods", {"spec": {"replicas": 2}})
    tenants.patch("dataset/pods", {"spec": {"mounts": [mount("data"), mount("more")]}})
    tenants.patch("dataset/plain", {"spec": {"mounts": [mount("one"), mount("more")]}})
    tenants.patch("dataset/refused", {"spec": {"mounts": [mount("data"), mount("more")]}})
    for name in ("pods", "plain", "refused"):
        until(lambda name=name: _paths(tenants, name) > {"/more"}, f"{name} has both mounts")
        tenants.phase(name)
    until(lambda: tenants.status("jindoruntimes", "pods").get("workerNumberReady") == 2, "two workers")
    mounted = [(f"{name}-jindofs-master-0", "/more") for name in ("pods", "refused")]
    assert sorted((one[0], one[3]) for one in _mounts(upgrade.commands(since))) == mounted
    after = _pods(everything(tenants))
    assert after.keys() - before.keys() == {"pods-jindofs-worker-1"}
    assert before.items() <= after.items()


def test_a_meaningless_word_stays_and_no_other_joins_it(tenants: Tenants) -> None:
    options = {FOREIGN: "true", f"{FOREIGN}.too": "true"}
    tenants.patch("dataset/words", {"spec": {"mounts": [mount("data", options=options)]}})
    refused = tenants.until_condition("datasets", "words", "NotReady", "True")
    assert "means nothing" in refused["message"]
    tenants.patch("dataset/words", {"spec": {"mounts": [mount("data", options={FOREIGN: "true"})]}})
    until(lambda: not tenants.condition("datasets", "words", "NotReady"), "nothing is refused any more")
    assert tenants.phase("words")["phase"] == "Bound"


def test_a_rotation_ends_when_the_last_reader_goes(tenants: Tenants) -> None:
    clients = ("pods", "release=rotating,role=jindofs-fuse")
    before = {*tenants.uids(*clients).values()}
    assert len(before) == 1
    tenants.kubectl("delete", "pod", "reader-rotating")
    until(lambda: before.isdisjoint(tenants.uids(*clients).values()), "the client is replaced", 40)
    tenants.phase("rotating")


def test_a_blocked_deletion_ends_when_the_reader_goes(tenants: Tenants) -> None:
    assert "reader-leaving" in tenants.condition("datasets", "leaving", "DeletionBlocked")["message"]
    tenants.kubectl("delete", "pod", "reader-leaving")
    for plural in ("datasets", "jindoruntimes", "persistentvolumeclaims"):
        tenants.gone(plural, "leaving", 30)
    until(lambda: tenants.uids("pods", "release=leaving") == {}, "its pods are gone")


def test_a_schedule_goes_on_and_each_run_has_one_job(upgrade: Upgrade, tenants: Tenants) -> None:
    def begun() -> list[Json]:
        jobs = [one for one in tenants.all("jobs") if one["metadata"]["name"].startswith("minutely-")]
        return [one for one in jobs if _made(one) > upgrade.end]

    until(begun, "another run", 70)
    until(lambda: all(one["status"].get("succeeded") for one in begun()), "it is done")
    minutes = Counter(_made(one).replace(second=0) for one in begun())
    assert {*minutes.values()} == {1}
    tenants.until_phase("dataloads", "minutely", "Complete")
    last = tenants.status("dataloads", "minutely")["lastScheduleTime"]
    assert datetime.fromisoformat(last) >= upgrade.end - timedelta(minutes=1)


def test_what_nobody_touched_is_still_untouched(upgrade: Upgrade, tenants: Tenants) -> None:
    """What is written again and again would be different by now."""
    until(lambda: now() - upgrade.end > timedelta(seconds=20), "some time has passed", 25)
    still = everything(tenants)
    for name in ("host", "keys", "images"):
        for kind in ("Dataset", "JindoRuntime", "ThinRuntime"):
            assert still.get((kind, name)) == upgrade.after.get((kind, name))


def test_a_deletion_leaves_nothing_of_what_the_old_release_made(tenants: Tenants) -> None:
    tenants.kubectl("delete", "pod", *(f"reader-{name}" for name in ("host", "images", "keys")))
    tenants.kubectl("delete", "dataloads,dataprocesses,datasets", "--all", "--timeout=60s")
    kept = {("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")}
    wide = {"Event", "Node", "ThinRuntimeProfile"}

    def left() -> set[Name]:
        found = everything(tenants)
        labels = {one for name in found if name[0] == "Node" for one in found[name]["metadata"]["labels"]}
        ours = {("label", one) for one in labels if tenants.namespace in one}
        return {name for name in found if name[0] not in wide} - kept | ours

    until(lambda: not left(), "nothing is left", 60, left)


_KINDS = {"configmaps": "ConfigMap", "jindoruntimes/status": "JindoRuntime", "events": "Event"}


def _writes(upgrade: Upgrade) -> Counter[Write]:
    """What was written, and how often; runs of the schedule aside."""
    found = [one for one in upgrade.requests if one.verb not in ("get", "list", "watch")]
    assert {one.code for one in found} <= {200, 201}
    return Counter(
        (one.verb, "/".join(filter(None, (one.resource, one.subresource))), _stem(one.name))
        for one in found
        if one.resource != "leases" and not one.name.startswith("minutely")
    )


def _stem(name: str) -> str:
    """An event has the name of what it is about, and a number."""
    return name.split(".")[0]


def _steady(objects: Objects) -> Objects:
    """Without what a schedule does every minute: of its CronJob, what is wanted stays."""
    rest = {name: one for name, one in objects.items() if not name[1].startswith("minutely")}
    job = objects["CronJob", "minutely-loader-job"]
    metadata = {name: job["metadata"][name] for name in ("name", "uid", "generation")}
    rest["CronJob", "minutely-loader-job"] = {"metadata": metadata, "spec": job["spec"]}
    return rest


def _pods(objects: Objects) -> dict[str, tuple[str, list[int]]]:
    """UID and restarts of each pod, by its name."""
    found: dict[str, tuple[str, list[int]]] = {}
    for (kind, name), one in _steady(objects).items():
        if kind == "Pod":
            statuses = one["status"].get("containerStatuses", [])
            found[name] = one["metadata"]["uid"], [status["restartCount"] for status in statuses]
    return found


def _condition(status: Json, kind: str) -> Json:
    return next((one for one in status["conditions"] if one["type"] == kind), {})


def _paths(tenants: Tenants, name: str) -> set[str]:
    return {one["path"] for one in tenants.status("datasets", name).get("mounts") or []}


def _mounts(commands: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those that attach a source: without a path the command lists them."""
    return [one for one in commands if one[1:3] == ("jindocache", "-mount") and len(one) > 3]


def _changes(commands: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Those that change what a cache has, or make it read its files."""
    asks = {"-report", "-mount", "-count", "fs"}
    others = [one for one in commands if len(one) > 2 and one[2] not in asks]
    return [*_mounts(commands), *others]


def _made(one: Json) -> datetime:
    return datetime.fromisoformat(one["metadata"]["creationTimestamp"])
