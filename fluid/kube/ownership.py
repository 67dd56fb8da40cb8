"""Whose an object is that has a name which we need: ours, a former controller's that served the same, or not.

A former installation left objects that its controller made, with the same owner as ours, and few without an
owner. Those carry what it wrote on each kind: the release, which is named like what it served, the chart and
who manages the release, and the dataset id. One label alone proves nothing: anybody writes labels, and other
charts have releases.
"""

from collections.abc import Mapping

from fluid.models import OwnerReference
from fluid.naming import DATASET_ID, MANAGED_BY, joined
from fluid.types import KubeObject

_RELEASE, _CHART, _HELM = "release", "chart", "app.kubernetes.io/managed-by"


def belongs(found: KubeObject, wanted: KubeObject) -> bool:
    """Whether a live object is what `wanted` would be, so that it may be changed and, later, deleted.

    What a controller owns is that controller's: ours if ours has its UID, and nobody's else.
    """
    holder, ours = controller_of(found), controller_of(wanted)
    if holder is not None:
        return ours is not None and holder.uid == ours.uid
    labels, expected = found.metadata.labels or {}, wanted.metadata.labels or {}
    if DATASET_ID in expected and labels.get(DATASET_ID) not in _ids(wanted, expected[DATASET_ID]):
        return False
    if _RELEASE not in expected:
        return DATASET_ID in expected  # the values of a release: nothing else was written on them
    return labels.get(_RELEASE) == expected[_RELEASE] and _same_maker(labels, expected)


def controller_of(obj: KubeObject) -> OwnerReference | None:
    """The owner that says that it controls the object."""
    return next((owner for owner in obj.metadata.owner_references or () if owner.controller), None)


def _ids(wanted: KubeObject, expected: str) -> tuple[str, ...]:
    """The dataset id, and the one that a former installation gave without regard to others that have it."""
    ours = controller_of(wanted)
    return (expected, joined(wanted.namespace, ours.name)) if ours else (expected,)


def _same_maker(labels: Mapping[str, str], expected: Mapping[str, str]) -> bool:
    """Whether chart, in any version, or manager are the expected ones."""
    chart = _chart(expected)
    if chart and _chart(labels) == chart:
        return True
    return any(name in expected and labels.get(name) == expected[name] for name in (_HELM, MANAGED_BY))


def _chart(labels: Mapping[str, str]) -> str:
    return labels.get(_CHART, "").rpartition("-")[0]
