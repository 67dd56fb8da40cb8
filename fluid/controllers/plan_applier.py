"""Applies a plan: children, volume, deletions and statuses. What is as desired already costs no request."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

import anyio
import structlog
from pydantic import JsonValue

from fluid.conditions import NOT_READY, find_condition
from fluid.controllers.api_refusals import (
    Stays,
    hold_back,
    kept_one,
    look_again,
    missing,
    name_of,
    record_refusals,
    record_stays,
)
from fluid.controllers.context import BY_OWNER, Informers
from fluid.engines.core import dataset_status
from fluid.engines.core.plan import Notice, Plan, PodAnnotations, Waiting
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.volume_lifecycle import PROTECTION
from fluid.kube import (
    AlreadyExists,
    Conflict,
    Forbidden,
    InformerFactory,
    Invalid,
    NamespaceEnding,
    NotFound,
    Reflector,
    Report,
    Stamps,
    adopt_status,
    controller_of,
    converge,
    remove_finalizer,
)
from fluid.kube.events import Recorder, Reference
from fluid.models import Dataset, DatasetStatus, ObjectMeta, PersistentVolumeClaim, Pod, RuntimeStatus
from fluid.naming import CREATED_BY, CREATED_BY_FLUID
from fluid.types import KubeObject

MANAGER = "fluid-runtime"
PACE = 4.0
"""Seconds before the first write of a runtime's status during setup; doubled with each write."""
log: structlog.stdlib.BoundLogger = structlog.get_logger("fluid.controllers.runtime")


class PlanApplier:
    """Sends the requests of a plan.

    Args:
        informer_factory: access to the API server.
        informers: what is watched.
        recorder: where events go.
        children: kinds of children beside those that all runtimes have.
    """

    def __init__(
        self,
        informer_factory: InformerFactory,
        informers: Informers,
        recorder: Recorder,
        children: Collection[type[KubeObject]] = (),
    ) -> None:
        self.informer_factory = informer_factory
        self.informers = informers
        self.recorder = recorder
        self.further: list[Reflector[KubeObject]] = informers.beyond(children)
        self.stamps: Stamps = Stamps()  # engines return the same rendering while nothing changes
        self._paces: dict[str, tuple[float, float]] = {}

    async def apply(self, snapshot: Snapshot[R], live_status: RuntimeStatus | None, plan: Plan) -> None:
        """Sends everything but queries and finalizer; the statuses come last and include what failed."""
        deleting = snapshot.runtime.metadata.deletion_timestamp is not None
        report = Report()
        if not deleting:
            report = await self._converge(snapshot, plan)
            if not missing(report, snapshot):  # a cache that lacks an object is not published
                await self._create_all(snapshot, plan, report)
            record_refusals(snapshot, plan, report)
        stays = await self._delete_and_touch(plan, [kept_one(one) for one in report.kept])
        record_stays(snapshot, plan, stays)
        if plan.claim_labels and snapshot.claim is not None:
            await self._label_claim(snapshot.claim, plan.claim_labels)
        if plan.annotations:
            patch: dict[str, JsonValue] = {"metadata": {"annotations": dict(plan.annotations)}}
            await self.informer_factory.api(type(snapshot.runtime)).merge(snapshot.runtime.key, patch)
        if (not deleting or plan.fault is not None) and self._worth_writing(snapshot, plan):
            await self.write_runtime_status(snapshot.runtime, live_status, plan.status)
        dataset = snapshot.dataset
        if dataset is not None and (dataset.metadata.deletion_timestamp is None or not deleting):
            await self.write_dataset_status(dataset, plan)
        for notice in plan.notices:
            self._tell(snapshot, live_status, plan, notice)
        denied = next((error for _, error in report.refused if isinstance(error, Forbidden)), None)
        denied = next((error for _, error in stays), denied)
        for claim in plan.remove_finalizers:
            denied = await self._unprotect(snapshot, claim) or denied
        if denied:
            raise denied  # no watch reports that a quota has room again: retry with back-off

    async def write_runtime_status(
        self, runtime: KubeObject, live: RuntimeStatus | None, wanted: RuntimeStatus
    ) -> None:
        """Applies the runtime's status if it differs."""
        if live is not None and live.to_wire() == wanted.to_wire():
            return
        await adopt_status(
            self.informer_factory.api(type(runtime)),
            type(runtime).with_status(ObjectMeta.model_validate(_identity(runtime)), wanted),
            manager=MANAGER,
        )

    async def write_dataset_status(self, dataset: Dataset, plan: Plan) -> None:
        """Applies the runtime's part of the Dataset's status if it differs."""
        if dataset_status.owned_part(dataset).to_wire() == plan.dataset_status.to_wire():
            return
        try:
            await self._apply_dataset_status(dataset, plan)
        except (NotFound, Conflict):
            log.info("the Dataset is gone or was replaced", dataset=str(dataset.key))

    async def _apply_dataset_status(self, dataset: Dataset, plan: Plan) -> None:
        await adopt_status(
            self.informer_factory.api(Dataset),
            Dataset(metadata=ObjectMeta.model_validate(_identity(dataset)), status=plan.dataset_status),
            manager=MANAGER,
            fields=dataset_status.WIRE_FIELDS,
        )

    def forget(self, uid: str) -> None:
        """Forgets a runtime that is gone."""
        self._paces.pop(uid, None)

    def _worth_writing(self, snapshot: Snapshot[R], plan: Plan) -> bool:
        """Whether this pass writes the runtime's status: not for intermediate counters during setup."""
        uid, now = snapshot.runtime.uid, anyio.current_time()
        bound = plan.dataset_status.phase == "Bound"
        problem = plan.waiting is not None and plan.waiting.problem
        if snapshot.registered or bound or problem:
            self._paces.pop(uid, None)
            return True
        due, interval = self._paces.setdefault(uid, (now + PACE, 2 * PACE))
        if now < due:
            plan.wake_within(due - now)
            return False
        self._paces[uid] = (now + interval, 2 * interval)
        return True

    async def _converge(self, snapshot: Snapshot[R], plan: Plan) -> Report:
        applied = {(child.resource.kind, child.name) for child in plan.children}
        waiting = plan.keep - applied
        uid = snapshot.runtime.uid
        watched = (*self.informers.owned, *self.further)
        entries = [entry for one in watched for entry in one.store.entries_by(BY_OWNER, uid)]
        live = [entry for entry in entries if (entry.model.resource.kind, entry.key.name) not in waiting]
        return await converge(
            plan.children, live, apis=self.informer_factory, owner_uid=uid, stamps=self.stamps
        )

    async def _create_all(self, snapshot: Snapshot[R], plan: Plan, report: Report) -> None:
        """Creates volume and claim; refusals of the API server are added to the report."""
        for obj in plan.create:
            try:
                if not await self._create(obj):
                    self._say_taken(snapshot, plan, obj)
                    return
            except NamespaceEnding:
                raise
            except (Invalid, Forbidden) as error:
                report.refused.append((obj, error))
                return

    async def _delete_and_touch(self, plan: Plan, kept: Sequence[Stays]) -> list[Stays]:
        """Deletes and annotates; returns the known refusals and those of the API server."""
        stays = [*kept]
        for obj in plan.delete:
            try:
                await self._delete(obj)
            except (Invalid, Forbidden) as error:
                stays.append((name_of(obj), error))
        for touch in plan.annotate_pods:
            try:
                await self._touch(touch)
            except (Invalid, Forbidden) as error:
                stays.append((name_of(touch.pod), error))
        return stays

    async def _label_claim(self, claim: PersistentVolumeClaim, labels: Mapping[str, str]) -> None:
        """Labels the claim unless it was replaced."""
        metadata: dict[str, JsonValue] = {"uid": claim.uid, "labels": dict(labels)}
        try:
            await self.informer_factory.api(PersistentVolumeClaim).merge(claim.key, {"metadata": metadata})
        except (NotFound, Conflict):
            log.info("the claim is gone or was replaced", claim=str(claim.key))

    async def _touch(self, touch: PodAnnotations) -> None:
        """Annotates a pod unless it was replaced."""
        metadata: dict[str, JsonValue] = {"uid": touch.pod.uid, "annotations": dict(touch.annotations)}
        try:
            await self.informer_factory.api(Pod).merge(touch.pod.key, {"metadata": metadata})
        except (NotFound, Conflict):
            log.info("the pod is gone or was replaced", pod=str(touch.pod.key))

    async def _unprotect(self, snapshot: Snapshot[R], claim: PersistentVolumeClaim) -> Forbidden | None:
        """Removes the finalizer of a claim in deletion; returns the refusal if the API server forbids it."""
        try:
            await remove_finalizer(self.informer_factory.api(PersistentVolumeClaim), claim, PROTECTION)
        except Forbidden as error:
            message = (
                f"PersistentVolumeClaim {claim.key} cannot be let go: {error.message}; apply what `fluid"
                " manifests --rbac` prints, or delete the finished pods that use it"
            )
            self.recorder.event(snapshot.runtime, "Warning", "ErrorProcessRuntime", message)
            return error
        return None

    async def _delete(self, obj: KubeObject) -> None:
        """Deletes this object and no other of its name; one known by name alone must have its labels."""
        api = self.informer_factory.api(type(obj))
        if not obj.uid:
            found = await api.find(obj.key)
            if found is None or controller_of(found) is not None or not _same_labels(found, obj):
                return
            obj = found
        with suppress(Conflict):  # another object has the name by now
            await api.delete(obj.key, uid=obj.uid)

    async def _create(self, obj: KubeObject) -> bool:
        """Creates an object; False if another object has its name."""
        try:
            await self.informer_factory.api(type(obj)).create(obj)
        except AlreadyExists:
            found = await self.informer_factory.api(type(obj)).find(obj.key)
            return found is None or (_same_labels(found, obj) and _same_maker(found, obj))
        return True

    def _say_taken(self, snapshot: Snapshot[R], plan: Plan, obj: KubeObject) -> None:
        """Requeues, later each time, as objects of other owners are not watched."""
        about = snapshot.runtime
        message = (
            f"{obj.resource.kind} {obj.key} exists and does not belong to {about.resource.kind} {about.key}; "
            "delete it, or give Dataset and runtime another name"
        )
        plan.wake_within(look_again(snapshot))
        plan.notices.append(Notice("Warning", "ErrorProcessRuntime", message, shown_by=NOT_READY))
        hold_back(snapshot, plan, Waiting("NameTaken", message, problem=True))

    def _tell(
        self, snapshot: Snapshot[R], live_status: RuntimeStatus | None, plan: Plan, notice: Notice
    ) -> None:
        if notice.shown_by and _stands(notice.shown_by, snapshot.dataset, live_status, plan):
            return  # reported before, and still in the status
        about = snapshot.dataset if notice.on_dataset and snapshot.dataset else snapshot.runtime
        if (pod := notice.pod) is not None:
            about = Reference("v1", "Pod", snapshot.runtime.namespace, pod.name, pod.uid)
        self.recorder.event(about, notice.type, notice.reason, notice.message)


def _stands(kind: str, dataset: Dataset | None, live_status: RuntimeStatus | None, plan: Plan) -> bool:
    """Whether the condition of a type is unchanged: a problem that lasts gets one event."""
    of_dataset = dataset.status if dataset else None
    places = ((of_dataset, plan.dataset_status), (live_status, plan.status))
    shown = [(_shown(live, kind), now) for live, wanted in places if (now := _shown(wanted, kind))]
    return bool(shown) and all(before == now for before, now in shown)


def _shown(
    status: RuntimeStatus | DatasetStatus | None, kind: str
) -> tuple[str, str | None, str | None] | None:
    """Status, reason and message of the condition of a type, without its generation; None if it is absent."""
    found = find_condition(status.conditions if status else None, kind)
    return (found.status, found.reason, found.message) if found else None


def _identity(obj: KubeObject) -> dict[str, JsonValue]:
    """Metadata for an apply that must not reach a later object of the same name."""
    return {"name": obj.name, "namespace": obj.namespace, "uid": obj.uid}


def _same_maker(found: KubeObject, wanted: KubeObject) -> bool:
    return all(
        (one.metadata.annotations or {}).get(CREATED_BY) == CREATED_BY_FLUID for one in (found, wanted)
    )


def _same_labels(found: KubeObject, wanted: KubeObject) -> bool:
    labels = found.metadata.labels or {}
    return all(labels.get(name) == value for name, value in (wanted.metadata.labels or {}).items())
