"""One pass of a runtime, decided: snapshot and answers in, plan out; no IO, no clock, no memory."""

from fluid.engines import binding
from fluid.engines.conditions import find_condition
from fluid.engines.errors import InvalidSpec, NotYet
from fluid.engines.interface import Answers, ClaimUsers, Engine, Exec, Notice, Observed, Plan, R, Waiting
from fluid.engines.registry import EngineRegistration
from fluid.engines.settings import Settings
from fluid.engines.status import blank_status
from fluid.models import RuntimeStatus
from fluid.naming import METADATA_LIST

_OF_DATASET = ("spec.mounts", "spec.shared", "spec.nodeAffinity", f"metadata.annotations[{METADATA_LIST}]")
"""Beginnings of the field paths that are a Dataset's; all others are the runtime's."""
SHOW_WAITING_AFTER = 30.0
"""Seconds after which an ordinary wait is worth a status write."""


def decide(
    registration: EngineRegistration[R],
    observed: Observed[R],
    live_status: RuntimeStatus | None,
    answers: Answers,
    settings: Settings,
) -> Plan:
    """Let the engine plan one pass."""
    status = live_status.model_copy(deep=True) if live_status else blank_status()
    status.observed_generation = observed.runtime.metadata.generation
    plan = Plan(status=status, dataset_status=binding.owned_part(observed.dataset))
    engine = registration.build(observed, answers, plan, settings)
    if observed.runtime.metadata.deletion_timestamp is not None:
        _plan_deletion(engine, observed, plan, answers)
        return plan
    try:
        _plan_life(engine, observed, plan, answers)
    except NotYet as question:
        keep_everything(observed, plan)
        plan.waiting = Waiting(question.reason, question.message)
    except InvalidSpec as error:
        refuse(observed, plan, Waiting("InvalidSpec", _named(observed, error), problem=True))
    return plan


def _named(observed: Observed[R], error: InvalidSpec) -> str:
    """The message with the object in front whose field is wrong, as there are two that it may be."""
    if not error.path.startswith(("spec", "metadata")):
        return str(error)  # it names the object itself
    of_dataset = error.path.startswith(_OF_DATASET) and observed.dataset is not None
    about = observed.dataset if of_dataset else observed.runtime
    assert about is not None, "a Dataset's field has a Dataset"
    return f"{about.resource.kind} {about.key} {error}"


def _plan_life(engine: Engine, observed: Observed[R], plan: Plan, answers: Answers) -> None:
    if observed.registered or engine.setup():
        engine.create_volume()
        engine.sync()
    else:
        plan.dataset_status = binding.owned_part(
            observed.dataset
        )  # what was found out is told with the binding
        if plan.waiting is not None and not _asks_again(observed, plan, answers):
            _show_setup(observed, plan, plan.waiting)


def _asks_again(observed: Observed[R], plan: Plan, answers: Answers) -> bool:
    """Whether a command that failed is being tried again: until it answers, what was said stays."""
    asking = any(isinstance(one, Exec) and one not in answers.commands for one in plan.questions)
    status = observed.dataset.status if observed.dataset else None
    return asking and find_condition(status.conditions if status else None, "NotReady") is not None


def _plan_deletion(engine: Engine, observed: Observed[R], plan: Plan, answers: Answers) -> None:
    plan.finished = engine.delete_volume() and engine.shutdown()
    waiting = plan.waiting
    asking = any(isinstance(one, ClaimUsers) and one not in answers.claim_users for one in plan.questions)
    plan.dataset_status = binding.unbound_status(observed, waiting, asking=asking)
    if waiting is not None and waiting.problem:
        plan.notices.append(Notice("Warning", "ErrorProcessRuntime", waiting.message))


def _show_setup(observed: Observed[R], plan: Plan, waiting: Waiting) -> None:
    """Write a wait down at once when it is a problem, otherwise only when it lasts."""
    created = [
        one.metadata.creation_timestamp for one in (observed.runtime, observed.dataset) if one is not None
    ]
    since = max(filter(None, created), default=observed.now)
    left = SHOW_WAITING_AFTER - (observed.now - since).total_seconds()
    if waiting.problem or left <= 0:
        binding.record_setup_problem(observed, plan, waiting)
    else:
        plan.wake_within(left)
    if waiting.problem:
        plan.notices.append(Notice("Warning", "ErrorProcessRuntime", waiting.message))


def keep_everything(observed: Observed[R], plan: Plan) -> None:
    """Touch nothing in this pass."""
    plan.children, plan.create, plan.delete = [], [], []
    plan.keep = {(child.resource.kind, child.name) for child in observed.children}


def refuse(observed: Observed[R], plan: Plan, waiting: Waiting) -> None:
    """Turn a spec down: nothing that runs is touched, and the Dataset says what to correct."""
    keep_everything(observed, plan)
    plan.questions = []
    plan.waiting = waiting
    plan.notices.append(Notice("Warning", "ErrorValidateSpecFields", waiting.message))
    if observed.dataset is None:
        return
    if observed.registered:  # the cache goes on serving what it was told before
        plan.dataset_status = binding.owned_part(observed.dataset)
        binding.record_condition(
            plan.dataset_status,
            "NotReady",
            waiting.reason,
            waiting.message,
            "True",
            observed.dataset,
            observed.now,
        )
    else:
        binding.record_setup_problem(observed, plan, waiting)
