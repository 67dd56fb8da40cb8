"""Whether an object with a needed name is Fluid's, a former controller's for the same purpose, or foreign.

A former installation left objects that its controller made with the same owner as Fluid's objects, and a few
without an owner. The latter carry the labels of that installation: the release, named like the object that it
served, the chart, the manager of the release, and the dataset id. One label alone is no proof: any user can
write labels, and other charts have releases.
"""

from collections.abc import Mapping

from fluid.models import OwnerReference
from fluid.naming import DATASET_ID, MANAGED_BY, joined
from fluid.types import KubeObject

_RELEASE, _CHART, _HELM = "release", "chart", "app.kubernetes.io/managed-by"


def belongs(found: KubeObject, wanted: KubeObject) -> bool:
    """Whether a live object is the one that `wanted` describes, so that it may be changed and later deleted.

    An object with a controlling owner matches only if `wanted` has the same controlling owner, by UID.
    """
    holder, ours = controller_of(found), controller_of(wanted)
    if holder is not None:
        return ours is not None and holder.uid == ours.uid
    labels, expected = found.metadata.labels or {}, wanted.metadata.labels or {}
    if DATASET_ID in expected and labels.get(DATASET_ID) not in _ids(wanted, expected[DATASET_ID]):
        return False
    if _RELEASE not in expected:
        return DATASET_ID in expected  # the values of a release have no other labels
    return labels.get(_RELEASE) == expected[_RELEASE] and _same_maker(labels, expected)


def controller_of(obj: KubeObject) -> OwnerReference | None:
    """The controlling owner of the object."""
    return next((owner for owner in obj.metadata.owner_references or () if owner.controller), None)


def _ids(wanted: KubeObject, expected: str) -> tuple[str, ...]:
    """The dataset id, and the one that a former installation assigned without a check for duplicates."""
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
