"""What is live of a cache, written into the status of its runtime."""

from collections.abc import Sequence
from typing import Generic

from fluid.engines import binding, status
from fluid.engines.complaints import explain_not_ready
from fluid.engines.fuses import FusePods
from fluid.engines.observed import Observed, R
from fluid.engines.plan import Notice, Plan, Waiting


class Recording(Generic[R]):
    """Numbers, phases and conditions of a runtime, from one snapshot into one plan."""

    def __init__(self, observed: Observed[R], plan: Plan) -> None:
        self._observed = observed
        self._plan = plan

    def workload(self, component: str, name: str) -> Waiting | None:
        """Record a StatefulSet's numbers; what to wait for when nothing of it serves.

        Args:
            component: "master" or "workers".
            name: of the StatefulSet.
        """
        live = self._observed
        numbers = status.statefulset_numbers(live.statefulset(name)) or status.Numbers(desired=1)
        record = status.record_master if component == "master" else status.record_workers
        record(self._plan.status, numbers, live.now)
        if numbers.phase != "NotReady":
            return None
        pods = status.pods_of(name, live.pods)
        message, problem = explain_not_ready("StatefulSet", name, live.runtime.namespace, numbers, pods)
        self._plan.wait(f"{component.title()}NotReady", message, problem=problem)
        return Waiting(f"{component.title()}NotReady", message, problem)

    def fuses(self, name: str) -> None:
        """Record the numbers of the DaemonSet, and what its pods say is wrong, on runtime and Dataset."""
        live = self._observed
        numbers = status.daemonset_numbers(live.daemonset(name))
        if numbers is not None:
            status.record_fuses(self._plan.status, numbers, live.now)
        complaint = next((pods.complaint() for pods in self.fuse_pods(name)), None)
        if complaint is not None:
            self._plan.notices.append(Notice("Warning", "FuseNotReady", complaint, on_dataset=True))
        self.show(binding.FAILING, "FuseNotReady", complaint)
        binding.show_fuses(live, self._plan, complaint)

    def fuse_pods(self, name: str) -> Sequence[FusePods]:
        """Of the DaemonSet, if there is one."""
        workload, live = self._observed.daemonset(name), self._observed
        pods = status.pods_of(name, live.pods)
        return [FusePods(workload, pods, self._plan, live.now)] if workload else []

    def condition(self, kind: str, reason: str, message: str, *, once: bool = False) -> None:
        """A condition that is true; with `once`, as it was told first."""
        status.record_condition(
            self._plan.status, kind, reason, message, "True", self._observed.now, once=once
        )

    def show(self, kind: str, reason: str, message: str | None) -> None:
        """A condition for as long as there is something to say."""
        if message is None:
            status.withdraw_condition(self._plan.status, kind)
        else:
            self.condition(kind, reason, message)
