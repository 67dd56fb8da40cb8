from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fluid.kube import Change, Entry, Malformed, Owner, Store
from fluid.kube.selector import label_selector
from fluid.kube.wire import prune
from fluid.models import ConfigMap, JindoRuntime
from fluid.types import Key
from tests.pure.kube.support import key, raw

NAMES = st.sampled_from(["a", "b", "c"])


def entry(name: str, version: int, label: str = "") -> Entry[ConfigMap]:
    return Entry(ConfigMap, raw(name, resourceVersion=str(version), labels={"l": label}))


class StoreAgainstServer(RuleBasedStateMachine):
    """A server with a history; the store may list, follow the history, or be told of an own write."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 0
        self.server: dict[Key, Entry[ConfigMap]] = {}
        self.history: list[tuple[str, Entry[ConfigMap]]] = []
        self.delivered = 0
        self.store: Store[ConfigMap] = Store(ConfigMap)
        self.store.add_index("label", lambda e: [e.labels["l"]])
        self.mirror: dict[Key, Entry[ConfigMap]] = {}
        self.store.subscribe(self.mirrored)

    def mirrored(self, change: Change[ConfigMap]) -> None:
        assert self.mirror.get(change.key) is change.before
        assert change.before is not change.after
        if change.after is None:
            del self.mirror[change.key]
        else:
            self.mirror[change.key] = change.after

    @rule(name=NAMES, label=st.sampled_from("pq"), own=st.booleans())
    def write(self, name: str, label: str, own: bool) -> None:
        self.version += 1
        written = entry(name, self.version, label)
        self.server[written.key] = written
        self.history.append(("MODIFIED", written))
        if own:
            self.store.observe(written)
            if self.store.synced.is_set():
                assert self.store.entry(written.key) is written

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if self.server.pop(key(name), None) is not None:
            self.version += 1
            self.history.append(("DELETED", entry(name, self.version)))

    @rule()
    def list_all(self) -> None:
        self.delivered = len(self.history)
        self.store.replace([*self.server.values()], self.version)

    @precondition(lambda self: self.store.synced.is_set() and self.delivered < len(self.history))
    @rule(count=st.integers(1, 4))
    def follow(self, count: int) -> None:
        for kind, event in self.history[self.delivered : self.delivered + count]:
            (self.store.remove if kind == "DELETED" else self.store.upsert)(event)
            self.delivered += 1

    @precondition(lambda self: self.store.synced.is_set() and self.delivered == len(self.history))
    @rule()
    def bookmark(self) -> None:
        self.store.advance(self.version)

    @rule(name=NAMES)
    def late_news_of_an_own_write_resurrects_nothing(self, name: str) -> None:
        past = [e for kind, e in self.history[: self.delivered] if kind == "MODIFIED" and e.key == key(name)]
        if past:
            before = self.store.entry(key(name))
            self.store.observe(past[-1])
            assert self.store.entry(key(name)) is before

    @invariant()
    def equals_the_server_when_all_is_delivered(self) -> None:
        if self.store.synced.is_set() and self.delivered == len(self.history):
            assert {e.key: e.version for e in self.store.entries()} == {
                e.key: e.version for e in self.server.values()
            }

    @invariant()
    def subscribers_and_indexes_agree(self) -> None:
        held = {e.key: e for e in self.store.entries()}
        assert self.mirror == held
        for value in "pq":
            found = {e.key for e in self.store.entries_by("label", value)}
            assert found == {k for k, e in held.items() if e.labels["l"] == value}


StoreAgainstServer.TestCase.settings = settings(max_examples=80, stateful_step_count=30, deadline=None)
TestStoreAgainstServer = StoreAgainstServer.TestCase


def filled(*entries: Entry[ConfigMap]) -> Store[ConfigMap]:
    store: Store[ConfigMap] = Store(ConfigMap)
    store.replace(entries, 10)
    return store


def test_an_object_is_decoded_once_per_version() -> None:
    store = filled(entry("a", 1))
    assert store.get(key("a")) is store.get(key("a"))
    assert store.get(key("z")) is None


def test_an_object_that_does_not_fit_harms_no_other() -> None:
    bad = Entry(ConfigMap, {**raw("bad", resourceVersion="1"), "data": {"k": 7}})
    store = filled(bad, entry("good", 2))
    store.add_index("data", lambda e: e.object.data or ["none"])
    assert [m.name for m in store.list()] == ["good"]
    assert [m.name for m in store.by("data", "none")] == ["good"]
    for _ in range(2):
        with pytest.raises(Malformed, match=r"x/bad: data\.k: "):
            store.get(key("bad"))


def test_relisting_an_unchanged_object_keeps_its_typed_form_and_stays_silent() -> None:
    store = filled(entry("a", 1))
    typed, changes = store.get(key("a")), list[Change[ConfigMap]]()
    store.subscribe(changes.append)
    store.replace([entry("a", 1)], 20)
    assert store.get(key("a")) is typed
    assert len(changes) == 1  # what subscribing itself announced


def test_a_list_from_before_what_was_seen_is_the_truth_of_a_restored_server() -> None:
    store = filled(entry("lost", 8), entry("changed", 9), entry("same", 3))
    store.observe(entry("own", 11))
    store.replace([entry("changed", 4), entry("same", 3)], 5)
    assert {e.key.name: e.version for e in store.entries()} == {"changed": 4, "same": 3}
    store.observe(entry("own", 6))
    assert store.entry(key("own")), "versions count from the restored one on"


def test_a_restored_server_that_has_overtaken_what_was_seen_is_believed_too() -> None:
    store = filled(entry("changed", 9))
    store.replace([entry("changed", 4)], 20)
    assert [e.version for e in store.entries()] == [4]


def test_an_object_leaves_an_index_whose_function_cannot_tell_its_values_any_more() -> None:
    store, told = filled(entry("a", 1, "p"), entry("b", 2, "p")), [True]
    store.add_index("label", lambda e: [e.labels["l"]] if told[0] else [])
    told[0] = False
    store.remove(entry("a", 11))
    store.upsert(entry("b", 12, "q"))
    assert store.by("label", "p") == []
    told[0] = True
    assert store.by("label", "q") == []
    store.file_again(key("b"))
    store.file_again(key("gone"))
    assert [one.name for one in store.by("label", "q")] == ["b"]


def test_a_new_list_leaves_what_has_not_changed_where_it_was_filed() -> None:
    store, told = filled(entry("a", 1, "p")), [True]
    store.add_index("label", lambda e: [e.labels["l"]] if told[0] else [])
    told[0] = False
    store.replace([entry("a", 1, "p"), entry("b", 12, "p")], 20)
    assert [one.name for one in store.by("label", "p")] == ["a"]
    store.replace([entry("b", 12, "p")], 21)
    assert store.by("label", "p") == []


def test_clearing_forgets_everything_and_says_so() -> None:
    store = filled(entry("a", 1))
    store.observe(entry("own", 11))
    gone: list[str] = []
    store.subscribe(lambda change: gone.append(change.key.name) if change.after is None else None)
    store.clear()
    assert (len(store), sorted(gone), store.synced.is_set()) == (0, ["a", "own"], True)


def test_an_entry_tells_its_metadata_without_decoding() -> None:
    reference = {"kind": "Dataset", "name": "d", "uid": "u", "controller": True}
    subject = Entry(
        ConfigMap, {**raw("a", uid="1", ownerReferences=[reference], generation=3), "data": "broken"}
    )
    assert (subject.uid, subject.controller, subject.generation) == ("1", Owner("Dataset", "d", "u"), 3)
    assert (dict(subject.labels), dict(subject.annotations), subject.deleting) == ({}, {}, False)


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("a=1", True), ("a==1", True), ("a=2", False), ("a!=1", False), ("a!=2,b!=9", True), ("a", True),
        ("!a", False), ("!z,a", True), ("a in (1, 2)", True), ("a notin (1,2)", False), ("z notin (1)", True),
        ("a=1,z=1", False), ("b=", True), ("fluid.io/s-h in (t),a", True),
    ],
)  # fmt: skip
def test_a_label_selector_means_what_kubectl_means(selector: str, matches: bool) -> None:
    assert label_selector(selector)({"a": "1", "b": "", "fluid.io/s-h": "t"}) is matches


def test_a_label_selector_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a label selector"):
        label_selector("a=1,b > 2")


def test_of_a_list_only_the_wanted_fields_of_its_items_are_kept() -> None:
    containers: list[dict[str, Any]] = [{"name": "a", "image": "x", "env": []}, {"name": "b", "image": "y"}]
    pod = {
        "metadata": {"name": "p"},
        "spec": {"nodeName": "n", "containers": containers},
        "status": {"phase": "Running"},
    }
    paths = [
        path.split(".")
        for path in ("spec.nodeName", "spec.containers[].name", "spec.volumes[].name", "status.phase")
    ]
    assert prune(pod, paths) == {
        "metadata": {"name": "p"},
        "spec": {"nodeName": "n", "containers": [{"name": "a"}, {"name": "b"}], "volumes": []},
        "status": {"phase": "Running"},
    }


def test_a_runtime_that_cannot_be_read_can_still_be_taken_down() -> None:
    spec = {"tieredstore": {"levels": [{"mediumtype": "MEM", "path": "/m", "quota": "1e1.5"}]}}
    stored = Entry(JindoRuntime, {"metadata": {"name": "a", "namespace": "x", "uid": "u"}, "spec": spec})
    with pytest.raises(Malformed):
        assert stored.object
    assert (stored.bare().key, stored.bare().uid, stored.bare().spec.tieredstore) == (
        Key("x", "a"),
        "u",
        None,
    )
