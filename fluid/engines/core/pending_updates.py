"""Changed fields of a runtime's spec that are not in force yet, found by digests.

The status has digests of what the runtime was last applied with. A runtime that an earlier release brought up
has none until its spec changes for the first time, or a refusal or fault ends. Nothing here asks a clock: a
pod lacks a change if it is not newer than the newest pod that there was when the change came, and of the same
template.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pydantic import JsonValue

from fluid.engines.core.runtime_status import pods_of, revision_of
from fluid.engines.core.start_files import files_of, read_at_start
from fluid.models import AppliedSpec, DaemonSet, PendingUpdate, Pod, RuntimeStatus, StatefulSet
from fluid.types import KubeModel, KubeObject, Update, update_at

_DIGITS = 8
_MOST = 100
"""Fields that are recorded one by one; of a spec with more only its parts are."""
_REVISIONS = 16
"""Revisions of templates that are recorded; of pods of more, time alone decides."""
_SHOWN = 5
"""Fields and pods that a message names."""
_NEXT: Mapping[Update, str] = {
    "rolling": "pods are replaced one after another, FUSE pods when they have no readers",
    "on-fuse-restart": "FUSE pods take it when they are replaced: delete them when their readers have ended",
    "on-restart": "pods take it when they are replaced: delete them when it suits",
    "recreate": "volume and claim keep what they were made with: see the condition VolumeUpdatePending",
}


@dataclass(frozen=True)
class Applied:
    """What one pass applies.

    Attributes:
        runtime: The runtime.
        dataset_generation: Generation of its Dataset.
        children: All rendered objects.
        pods: Live pods of the runtime's workloads.
    """

    runtime: KubeObject
    dataset_generation: int
    children: Sequence[KubeObject]
    pods: Sequence[Pod]

    def record(self, status: RuntimeStatus, *, first: bool) -> None:
        """Find out what has changed since the last record, and write down what is to be waited for.

        Args:
            status: The status to change.
            first: Whether to begin with a record where there is none.
        """
        before, generation = status.applied_spec, self.runtime.metadata.generation or 0
        if before is None and not first:
            return
        if before and (before.generation, before.dataset_generation) == (generation, self.dataset_generation):
            return
        now = AppliedSpec(
            generation=generation,
            dataset_generation=self.dataset_generation,
            fields=_fields(self.runtime),
            workloads=_workloads(self.children),
        )
        if before is not None and before.generation != generation:
            status.pending_updates = self._pending(before, now, status.pending_updates or ())
        status.applied_spec = now

    def _pending(
        self, before: AppliedSpec, now: AppliedSpec, known: Sequence[PendingUpdate]
    ) -> list[PendingUpdate]:
        found = {one.field: one for one in known}
        affected = sorted(
            name for name, digest in now.workloads.items() if before.workloads.get(name, digest) != digest
        )
        for path in sorted({*before.fields, *now.fields}):
            old, new = before.fields.get(path, ""), now.fields.get(path, "")
            update = update_at(type(self.runtime).updates, path)
            if old == new or update is None or update == "hot":
                continue
            earlier = found.pop(path, None)
            if earlier is not None and earlier.before == new and not self._taken(earlier):
                continue  # it is again what it was, before any pod took the change
            # Several fields may change at once: of those of FUSE clients alone it is known what they concern.
            mine = [name for name in affected if update != "on-fuse-restart" or name in self._fuses]
            found[path] = self._update(path, update, earlier.before if earlier else old, mine)
        return list(found.values())

    @property
    def _fuses(self) -> set[str]:
        return {one.name for one in self.children if isinstance(one, DaemonSet)}

    def _update(self, path: str, update: Update, before: str, workloads: list[str]) -> PendingUpdate:
        pods = [pod for name in workloads for pod in pods_of(name, self.pods)]
        newest = max(filter(None, map(_created, pods)), default=None)
        given = PendingUpdate(field=path, update=update, before=before, workloads=workloads)
        if newest is None:
            return given
        revisions = sorted({found for pod in pods if (found := revision_of(pod))})
        known = revisions if len(revisions) <= _REVISIONS else None
        return given.model_copy(update={"pods_until": newest, "pod_revisions": known})

    def _taken(self, update: PendingUpdate) -> bool:
        """Whether some pod is newer than a change."""
        pods = [pod for name in update.workloads for pod in pods_of(name, self.pods)]
        return any(not _lacks(pod, update) for pod in pods)


def still_pending(
    updates: Sequence[PendingUpdate], pods: Sequence[Pod], *, kept: bool
) -> list[PendingUpdate]:
    """Those of some updates that are not in force yet.

    Args:
        updates: What was pending.
        pods: Live pods of the runtime's workloads.
        kept: Whether volume and claim keep something that the specs say otherwise.
    """
    return [one for one in updates if (kept and one.update == "recreate") or waiting_pods(one, pods)]


def waiting_pods(update: PendingUpdate, pods: Sequence[Pod]) -> list[Pod]:
    """The pods that lack an update."""
    return [pod for name in update.workloads for pod in pods_of(name, pods) if _lacks(pod, update)]


def pending_words(updates: Sequence[PendingUpdate], pods: Sequence[Pod]) -> list[str]:
    """What is told of pending updates: for each policy the fields, the next step, and the pods."""
    return [
        _words(policy, following, mine, pods)
        for policy, following in _NEXT.items()
        if (mine := [one for one in updates if one.update == policy])
    ]


def _words(policy: Update, following: str, updates: Sequence[PendingUpdate], pods: Sequence[Pod]) -> str:
    waiting = {pod.name: pod for one in updates for pod in waiting_pods(one, pods)}
    names = [f"{name} on node {_node(waiting[name])}" for name in sorted(waiting)]
    where = f" ({_some(names)})" if names else ""
    return f"{_some([one.field for one in updates])} ({policy}): {following}{where}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _node(pod: Pod) -> str:
    return (pod.spec.node_name if pod.spec else None) or "(none yet)"


def _created(pod: Pod) -> datetime | None:
    return pod.metadata.creation_timestamp


def _lacks(pod: Pod, update: PendingUpdate) -> bool:
    made, until = _created(pod), update.pods_until
    if made is None or until is None or made > until:
        return False
    return made < until or not update.pod_revisions or revision_of(pod) in update.pod_revisions


def _fields(runtime: KubeObject) -> dict[str, str]:
    """Digests of the fields that are set, or of the parts of a spec that sets very many."""
    spec, wire = getattr(runtime, "spec", None), runtime.to_wire().get("spec")
    if not isinstance(spec, KubeModel) or not isinstance(wire, dict):
        return {}
    found = dict(_leaves(spec, wire, "spec"))
    return found if len(found) <= _MOST else {f"spec.{name}": _digest(value) for name, value in wire.items()}


def _leaves(model: KubeModel, wire: Mapping[str, JsonValue], path: str) -> Iterator[tuple[str, str]]:
    names = {field.alias or name: name for name, field in type(model).model_fields.items()}
    for alias, value in wire.items():
        inner: object = getattr(model, names[alias]) if alias in names else None
        if isinstance(inner, KubeModel) and isinstance(value, dict):
            yield from _leaves(inner, value, f"{path}.{alias}")
        else:
            yield f"{path}.{alias}", _digest(value)


def _workloads(children: Sequence[KubeObject]) -> dict[str, str]:
    files = files_of(children)
    return {
        one.name: _digest([one.spec.template.to_wire(), [*read_at_start(one, files)]])
        for one in children
        if isinstance(one, StatefulSet | DaemonSet) and one.spec is not None
    }


def _digest(value: JsonValue) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:_DIGITS]
