"""Whether a Bound Dataset is Ready: its FUSE clients may not have been tried, or fail.

They come to a node with the first pod that uses the claim there. A Dataset is Bound without any; it is not
Ready while one that is wanted does not serve, although pods on other nodes may read.
"""

from fluid.conditions import FUSE_NOT_READY, FUSES_FAILING, find_condition
from fluid.engines.binding import READY_MESSAGE, Readiness
from fluid.engines.complaints import pod_is_ready
from fluid.engines.fuses import FusePods
from fluid.engines.observed import Observed, R
from fluid.engines.plan import Plan
from fluid.models import DatasetCondition

PATIENCE = 10.0
"""Seconds for which a client may fail without consequences: one that starts (again) is no failure."""
UNTRIED = "WaitForFirstConsumer"
"""Reason of Ready=True: nobody knows whether sources, credentials and images are right, as nobody reads."""
_SERVES = "DatasetReady"
_UNTRIED_MESSAGE = (
    "The ddc runtime is ready. No pod uses the claim yet, so sources, credentials and the client's image "
    "are untried: the first pod brings it"
)


def readiness(observed: Observed[R], plan: Plan, fuses: FusePods | None, *, lazy: bool) -> Readiness:
    """What the condition Ready says of a Dataset that is Bound.

    Args:
        observed: the snapshot.
        plan: with what is told of failing clients; woken when time alone makes a difference.
        fuses: the FUSE pods; None while their DaemonSet does not exist.
        lazy: whether nothing but these clients ever tries the sources.
    """
    standing = find_condition(plan.dataset_status.conditions, "Ready")
    failed = standing is not None and (standing.status, standing.reason) == ("False", FUSE_NOT_READY)
    if fuses is not None and (words := _trouble(observed, plan, fuses, failed=failed)):
        return Readiness("False", FUSE_NOT_READY, f"{fuses.share()}: {words}")
    serves = fuses is not None and any(map(pod_is_ready, fuses.pods))
    if not lazy or serves or _tried_before(observed, standing):
        return Readiness("True", _SERVES, READY_MESSAGE)
    return Readiness("True", UNTRIED, _UNTRIED_MESSAGE)


def _trouble(observed: Observed[R], plan: Plan, fuses: FusePods, *, failed: bool) -> str:
    """Why clients do not serve; "" if they do, or may well in a moment.

    Once the Dataset is not Ready, it takes clients that serve to make it so again, not one that starts.
    """
    if complaint := find_condition(plan.dataset_status.conditions, FUSES_FAILING):
        began = complaint.last_transition_time or observed.now  # of our own clock, unlike the times of pods
        left = PATIENCE - (observed.now - began).total_seconds()
        if failed or left <= 0:
            return complaint.message or ""
        plan.wake_within(left)
    if slow := fuses.slow():
        return slow
    return "they start" if failed and fuses.lacking else ""


def _tried_before(observed: Observed[R], standing: DatasetCondition | None) -> bool:
    """Whether clients have served the spec as it is now: they may have left with their readers."""
    dataset = observed.dataset
    if dataset is None or standing is None:
        return False
    return (standing.status, standing.reason, standing.observed_generation) == (
        "True",
        _SERVES,
        dataset.metadata.generation,
    )
