"""Decides one pass of a runtime: which steps run, in which order, and what follows from their results.

The same for every cache system; snapshot and results in, plan out; no IO, no clock, no memory.
"""

from fluid.conditions import NOT_READY, READY, find_condition
from fluid.engines.core import dataset_status
from fluid.engines.core.checks import UnfitError
from fluid.engines.core.errors import InvalidSpec, NamedObject, NotYet, Whose
from fluid.engines.core.interface import EngineImplementation
from fluid.engines.core.plan import Notice, Plan, Waiting
from fluid.engines.core.policy_check import REFUSED_BY_POLICY
from fluid.engines.core.queries import ClaimUsers, Results
from fluid.engines.core.readiness import show_refusals
from fluid.engines.core.references import named_references
from fluid.engines.core.registered_code import built
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.runtime_status import blank_status, show_condition
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import Dataset, RuntimeStatus
from fluid.naming import ALLOWED_NAMESPACES
from fluid.types.time import remaining

SHOW_WAITING_AFTER = 30.0
"""Seconds after which an ordinary wait is written into the status."""


class TemplateEngine:
    """The order of an engine's steps: master, sources, workers, status, binding.

    Every step runs in every pass and looks at what is there, so a pass can be cut short anywhere
    and the next one goes on; `False` from a step means that a watch starts the next pass.
    """

    def __init__(self, implementation: EngineImplementation) -> None:
        self.implementation = implementation

    @property
    def id(self) -> str:
        """Namespace and name of the runtime."""
        return self.implementation.id

    def setup(self) -> bool:
        """Bring up master, sources and workers in that order; True once bound to the Dataset."""
        steps = self.implementation
        steps.validate()
        steps.setup_master()
        if not steps.check_master_ready():
            return False
        if steps.should_check_ufs() and not steps.prepare_ufs():
            return False
        steps.setup_workers()
        if not steps.check_workers_ready():
            return False
        if not steps.check_and_update_runtime_status():
            return False
        steps.bind_to_dataset()
        return True

    def create_volume(self) -> bool:
        """The volume first; the claim once the volume is Available, so that it binds at once."""
        return self.implementation.create_pv() and self.implementation.create_pvc()

    def sync(self) -> None:
        """Follow spec changes, then health, then statistics; the Dataset's status comes last."""
        steps = self.implementation
        steps.sync_metadata()
        steps.sync_replicas()
        steps.sync_runtime()
        if steps.check_runtime_healthy():
            steps.check_and_update_runtime_status()
            if steps.should_update_ufs():
                steps.update_on_ufs_change()
        steps.update_cache_of_dataset()
        steps.update_dataset_status()

    def sync_degraded(self) -> None:
        """Health and mounts from the live objects; nothing is rendered and no child changes."""
        steps = self.implementation
        if steps.check_runtime_healthy():
            steps.restore_ufs()
        steps.update_dataset_status()

    def delete_volume(self) -> bool:
        """Claim first, then volume; True once both are gone."""
        return self.implementation.delete_volume()

    def shutdown(self) -> bool:
        """Clean cache, node labels and children; True once nothing is left to wait for."""
        return self.implementation.shutdown()


def decide(
    registration: EngineRegistration[R],
    snapshot: Snapshot[R],
    live_status: RuntimeStatus | None,
    results: Results,
    settings: Settings,
    rejection: Waiting | None = None,
) -> Plan:
    """Let the engine plan one pass.

    Args:
        registration: the engine.
        snapshot: the snapshot.
        live_status: the runtime's status as it is.
        results: to the queries of earlier passes.
        settings: what the administrator set.
        rejection: why the specs cannot be followed, whatever the engine would say; None if they can.
    """
    plan = blank_plan(snapshot, live_status)

    def engine() -> TemplateEngine:
        return TemplateEngine(built(registration, snapshot, results, plan, settings))

    if snapshot.runtime.metadata.deletion_timestamp is not None:
        plan_deletion(engine(), snapshot, plan, results)
        return plan
    if rejection is not None:
        refuse(engine(), snapshot, plan, rejection)
        return plan
    try:
        _plan_life(engine(), snapshot, plan, results)
    except NotYet as query:
        if not plan.queries:
            raise UnfitError(
                "inputs", "raised NotYet and asked no query, so that nothing would go on"
            ) from None
        keep_everything(snapshot, plan)
        plan.partial = True
        # Not observed yet: a change of the spec counts as one when the answer is there.
        plan.status.observed_generation = live_status.observed_generation if live_status else None
        plan.waiting = Waiting(query.reason, query.message)
    except InvalidSpec as error:
        refuse(engine(), snapshot, plan, Waiting(error.reason, _named(snapshot, error), problem=True))
    if not plan.partial:
        _show_policy(snapshot, plan)
    return plan


def blank_plan(snapshot: Snapshot[R], live_status: RuntimeStatus | None) -> Plan:
    """A plan that changes nothing yet."""
    status = live_status.model_copy(deep=True) if live_status else blank_status()
    spec_changed = status.observed_generation != snapshot.runtime.metadata.generation
    status.observed_generation = snapshot.runtime.metadata.generation
    return Plan(status, dataset_status.owned_part(snapshot.dataset), spec_changed=spec_changed)


def _show_policy(snapshot: Snapshot[R], plan: Plan) -> None:
    """Reports on the runtime which runtime policy its specs violate, if that is why they are not followed."""
    found = plan.rejection or plan.waiting
    message = found.message if found is not None and found.reason == REFUSED_BY_POLICY else None
    show_condition(plan.status, REFUSED_BY_POLICY, REFUSED_BY_POLICY, message, snapshot.now)


def _named(snapshot: Snapshot[R], error: InvalidSpec) -> str:
    """The message after the name of the object whose field is wrong: Dataset or runtime."""
    if error.subject not in (Whose.DATASET, Whose.RUNTIME):
        return error.message  # it names the object itself
    of_dataset = error.subject is Whose.DATASET and snapshot.dataset is not None
    about = snapshot.dataset if of_dataset else snapshot.runtime
    assert about is not None, "a Dataset's field has a Dataset"
    return f"{NamedObject.of(about)} {error.message}"


def _plan_life(engine: TemplateEngine, snapshot: Snapshot[R], plan: Plan, results: Results) -> None:
    if snapshot.registered or engine.setup():
        engine.create_volume()
        engine.sync()
    else:
        plan.dataset_status = dataset_status.owned_part(
            snapshot.dataset
        )  # the result is reported with the binding
        if plan.waiting is not None and not _asks_again(snapshot, plan, results):
            _show_setup(snapshot, plan, plan.waiting)


def _asks_again(snapshot: Snapshot[R], plan: Plan, results: Results) -> bool:
    """Whether a failed command runs again; until it answers, the earlier report stays."""
    asking = any(one.pool != "read" and one not in results for one in plan.queries)
    status = snapshot.dataset.status if snapshot.dataset else None
    return asking and find_condition(status.conditions if status else None, "NotReady") is not None


def plan_deletion(engine: TemplateEngine, snapshot: Snapshot[R], plan: Plan, results: Results) -> None:
    """Let the engine take the cache away, and tell what that waits for.

    Nothing is taken away while other Datasets refer to this one: their pods read through its FUSE pods.
    """
    if snapshot.referrers and snapshot.dataset is not None:
        _hold(engine, snapshot, plan, snapshot.dataset)
        return
    plan.finished = engine.delete_volume() and engine.shutdown()
    waiting = plan.waiting
    asking = any(isinstance(one, ClaimUsers) and one not in results for one in plan.queries)
    plan.dataset_status = dataset_status.unbound_status(snapshot, waiting, asking=asking)
    if waiting is not None and waiting.problem:
        notice = Notice("Warning", "ErrorProcessRuntime", waiting.message, shown_by=READY)
        plan.notices.append(notice)


def _hold(engine: TemplateEngine, snapshot: Snapshot[R], plan: Plan, dataset: Dataset) -> None:
    """Keep a runtime in deletion at work, and tell which references it waits for."""
    keep_everything(snapshot, plan)
    runtime = snapshot.runtime
    plan.rejection = Waiting(
        "DatasetReferenced",
        f"{runtime.resource.kind} {runtime.key} cannot be deleted because "
        f"{named_references(snapshot.referrers)} to its Dataset: delete them first, or remove their "
        f"namespaces from the Dataset's annotation {ALLOWED_NAMESPACES}",
        problem=True,
    )
    plan.dataset_status = dataset_status.owned_part(dataset)
    engine.sync_degraded()
    if dataset.metadata.deletion_timestamp is None:  # else the Dataset tells it
        message = plan.rejection.message
        plan.notices.append(Notice("Warning", "ErrorProcessRuntime", message, shown_by=NOT_READY))


def _show_setup(snapshot: Snapshot[R], plan: Plan, waiting: Waiting) -> None:
    """Reports a wait at once if it is a problem, otherwise only if it lasts."""
    created = [
        one.metadata.creation_timestamp for one in (snapshot.runtime, snapshot.dataset) if one is not None
    ]
    since = max(filter(None, created), default=snapshot.now)
    left = remaining(SHOW_WAITING_AFTER, since, snapshot.now)
    if waiting.problem or not left:
        dataset_status.record_setup_problem(snapshot, plan, waiting)
    else:
        plan.wake_within(left)
    if waiting.problem:
        notice = Notice("Warning", "ErrorProcessRuntime", waiting.message, shown_by=NOT_READY)
        plan.notices.append(notice)


def keep_everything(snapshot: Snapshot[R], plan: Plan) -> None:
    """Change nothing in this pass."""
    plan.children, plan.create, plan.delete, plan.remove_finalizers, plan.annotate_pods = [], [], [], [], []
    plan.claim_labels = {}
    plan.keep = {(child.resource.kind, child.name) for child in snapshot.children}


def refuse(
    engine: TemplateEngine,
    snapshot: Snapshot[R],
    plan: Plan,
    waiting: Waiting,
    event: str = "ErrorValidateSpecFields",
) -> None:
    """Refuses a spec: the cache goes on with the earlier one, and the Dataset reports what to correct."""
    keep_everything(snapshot, plan)
    plan.queries = []
    plan.waiting = waiting
    notice = Notice("Warning", event, waiting.message, shown_by=NOT_READY)
    plan.notices.append(notice)
    if snapshot.dataset is None:
        return
    if not snapshot.registered:
        show_refusals(plan.status, (), snapshot.now)  # this pass cannot withdraw it
        dataset_status.record_setup_problem(snapshot, plan, waiting)
        return
    plan.dataset_status = dataset_status.owned_part(snapshot.dataset)
    plan.waiting, plan.rejection = None, waiting
    engine.sync_degraded()
