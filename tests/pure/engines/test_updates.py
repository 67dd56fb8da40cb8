"""What schemas say of a change of a field, against what the change does to rendered objects."""

from collections.abc import Mapping

import pytest

from fluid.engines.testing.updates import needed
from fluid.models import ConfigMap, DaemonSet, JindoRuntime, PersistentVolume, StatefulSet
from fluid.types import KubeObject, Update, update_at
from fluid.types.updates import ORDER, strongest
from tests.pure.engines.edits import KINDS, all_needed, bases, leaves, rendered, spec_model

_WEAKER: Mapping[tuple[str, str], str] = {
    ("JindoRuntime", "spec.worker.replicas"): "not used for workers",
    ("JindoRuntime", "spec.worker.volumeMounts"): "not used for workers",
    ("JindoRuntime", "spec.tieredstore.levels.volumeSource"): "not used by this engine",
    ("JuiceFSRuntime", "spec.tieredstore.levels.high"): "not used by this engine",
    ("ThinRuntime", "spec.tieredstore.levels.quota"): "not used by this engine",
    ("ThinRuntime", "spec.tieredstore.levels.quotaList"): "not used by this engine",
    ("ThinRuntime", "spec.tieredstore.levels.high"): "not used by this engine",
    ("ThinRuntime", "spec.tieredstore.levels.low"): "not used by this engine",
    ("Dataset", "spec.mounts.encryptOptions.name"): "another key of a store is refused",
    ("Dataset", "spec.sharedEncryptOptions.name"): "another key of a store is refused",
    ("ThinRuntimeProfile", "spec.nodePublishSecretPolicy"): "needs a claim with a Secret for its node plugin",
}
"""Fields whose edits need less than is said: the type has other users, or no edit here shows it."""
_TOGETHER = frozenset({("JuiceFSRuntime", "spec.volumeClaimTemplates.metadata.name")})
"""Fields that cannot be edited alone: a claim is mounted by its name."""
_FIELDS = [
    (kind, path)
    for kind in KINDS
    for path in leaves(spec_model(kind))
    if (kind.__name__, path) not in _TOGETHER
]


@pytest.mark.parametrize(("kind", "path"), _FIELDS, ids=lambda one: getattr(one, "__name__", one))
def test_the_policy_of_a_field_is_what_a_change_of_it_needs(kind: type[KubeObject], path: str) -> None:
    found = all_needed(kind, path)
    assert found, "no edit of the field changes anything that is not refused"
    said = update_at(kind.updates, path)
    assert said is not None
    if (kind.__name__, path) in _WEAKER:
        assert ORDER.index(strongest(found)) < ORDER.index(said)
    else:
        assert strongest(found) == said


def test_exceptions_are_fields_that_there_are() -> None:
    assert set(_WEAKER) <= {(kind.__name__, path) for kind, path in _FIELDS}


def _changed(kind: type[KubeObject], change: str) -> Update:
    """What a change of the rendered objects of a kind needs, of a JindoCache."""
    before, after = rendered(bases()[0]), rendered(bases()[0])
    for one in after:
        if isinstance(one, kind):
            _CHANGES[change](one)
    return needed(before, after)


def _template(one: KubeObject) -> None:
    assert isinstance(one, StatefulSet | DaemonSet)
    assert one.spec is not None
    assert one.spec.template.metadata is not None
    one.spec.template.metadata.labels = {"z": "z"}


def _revision(one: KubeObject) -> None:
    assert isinstance(one, StatefulSet | DaemonSet)
    assert one.spec is not None
    assert one.spec.template.metadata is not None
    one.spec.template.metadata.annotations = {"data.fluid.io/mounts-revision": "z"}


def _scaled(one: KubeObject) -> None:
    assert isinstance(one, StatefulSet)
    assert one.spec is not None
    one.spec.replicas = 9


def _rolled(one: KubeObject) -> None:
    _template(one)
    assert isinstance(one, StatefulSet)
    assert one.spec is not None
    one.spec.update_strategy = None


def _selected(one: KubeObject) -> None:
    assert isinstance(one, StatefulSet)
    assert one.spec is not None
    one.spec.selector.match_labels = {"z": "z"}


def _file(one: KubeObject) -> None:
    assert isinstance(one, ConfigMap)
    assert one.data is not None
    one.data = dict.fromkeys(one.data, "z")


def _sized(one: KubeObject) -> None:
    assert isinstance(one, PersistentVolume)
    assert one.spec is not None
    one.spec.capacity = {}


_CHANGES = {
    "template": _template,
    "mounts revision": _revision,
    "replicas": _scaled,
    "template that Kubernetes rolls out": _rolled,
    "selector": _selected,
    "file that is read at the start": _file,
    "size": _sized,
}


@pytest.mark.parametrize(
    ("kind", "change", "policy"),
    [
        (StatefulSet, "template", "on-restart"),
        (StatefulSet, "template that Kubernetes rolls out", "rolling"),
        (StatefulSet, "mounts revision", "rolling"),
        (StatefulSet, "replicas", "hot"),
        (StatefulSet, "selector", "recreate"),
        (DaemonSet, "template", "on-fuse-restart"),
        (DaemonSet, "mounts revision", "rolling"),
        (ConfigMap, "file that is read at the start", "on-restart"),
        (PersistentVolume, "size", "recreate"),
    ],
)
def test_what_a_change_needs_is_read_off_the_objects(
    kind: type[KubeObject], change: str, policy: Update
) -> None:
    assert _changed(kind, change) == policy


def test_of_several_policies_the_one_that_needs_most_counts() -> None:
    assert strongest(["rolling", "recreate", "hot"]) == "recreate"
    assert strongest(["on-fuse-restart", "on-restart", "rolling"]) == "on-restart"
    assert strongest([]) == "hot"


def test_the_policy_of_a_field_is_its_own_or_that_of_the_field_around() -> None:
    updates = JindoRuntime.updates
    assert update_at(updates, "spec.replicas") == "hot"
    assert update_at(updates, "spec.fuse.args[0]") == "on-fuse-restart"
    assert update_at(updates, "spec.tieredstore.levels[1].quota") == "on-restart"
    assert update_at(updates, "status.phase") is None
