# pyright: basic
"""Random histories of operations on one Dataset, under an operator that is killed at any write."""

from anyio.from_thread import start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.pure.controllers.operation_support import (
    CONFIG_MAPS,
    CRON_JOBS,
    DATASETS,
    JOBS,
    LOADS,
    NS,
    Cluster,
    Crash,
)

NAMES = st.sampled_from(["a", "b"])
SPECS = st.one_of(
    st.just({}),
    st.just({"policy": "Cron", "schedule": "0 2 * * *"}),
    st.fixed_dictionaries(
        {},
        optional={
            "policy": st.sampled_from(["Once", "OnEvent"]),
            "ttlSecondsAfterFinished": st.sampled_from([0, 60]),
            "runAfter": st.builds(lambda name: {"kind": "DataLoad", "name": name}, NAMES),
        },
    ),
)
OUTCOMES = st.sampled_from(["Complete", "Failed"])
THEN = st.one_of(
    st.just("settle"),
    st.just("settle"),
    st.just("settle"),
    st.sampled_from(["nothing", "stale"]),
    st.integers(0, 7),
)


class Operations(RuleBasedStateMachine):
    """Users, Jobs and the operator, in any order; `settled` checks what must hold once nobody acts."""

    def __init__(self) -> None:
        super().__init__()
        self.portal_context = start_blocking_portal("asyncio")
        self.portal = self.portal_context.__enter__()
        self.context = self.portal.wrap_async_context_manager(Cluster())
        self.cluster = self.context.__enter__()
        self.cluster.bind("hbase")
        self.ended: dict[str, set[str]] = {}

    def teardown(self) -> None:
        self.context.__exit__(None, None, None)
        self.portal_context.__exit__(None, None, None)

    # What users do.

    @rule(name=NAMES, spec=SPECS, then=THEN)
    def create_or_edit(self, name, spec, then):
        obj = self.cluster.server.get(LOADS, NS, name)
        if obj is None or "deletionTimestamp" not in obj["metadata"]:
            self.cluster.load(name, **spec)
        self.go_on(then)

    @rule(name=NAMES, then=THEN)
    def delete(self, name, then):
        self.cluster.delete(LOADS, name)
        self.go_on(then)

    @rule(collection=st.sampled_from([JOBS, JOBS, CRON_JOBS, CONFIG_MAPS]), then=THEN)
    def delete_the_children_of_a_kind(self, collection, then):
        for name in self.cluster.names(collection):
            self.cluster.delete(collection, name)
        self.go_on(then)

    @rule(phase=st.sampled_from(["Bound", "Bound", "Bound", "Failed", "gone"]), then=THEN)
    def change_the_dataset(self, phase, then):
        if phase != "gone":
            self.cluster.bind("hbase", phase)
        elif self.cluster.server.get(DATASETS, NS, "hbase"):
            self.cluster.server.remove(DATASETS, NS, "hbase")
        self.go_on(then)

    # What the cluster does.

    @rule(outcome=OUTCOMES, seconds=st.sampled_from([1, 60]), then=THEN)
    def finish_the_jobs(self, outcome, seconds, then):
        self.cluster.wait(seconds)
        for (_, name), job in [*self.cluster.server.objects.get(JOBS, {}).items()]:
            if not job.get("status"):
                self.cluster.finish(name, outcome)
        self.go_on(then)

    @rule(name=NAMES, then=THEN)
    def start_a_cron_run(self, name, then):
        if self.cron_job(name):
            self.cluster.tick(name)
        self.go_on(then)

    def go_on(self, then):
        """The operator does nothing, settles, acts on stale stores, or is killed before one of its writes."""
        if then == "settle":
            self.portal.call(self.cluster.settle)
            self.check_settled()
        elif then == "stale":
            for key in [*self.cluster.woken]:
                self.portal.call(self.cluster.step, key)
        elif isinstance(then, int):
            self.cluster.writes_left = then
            try:
                self.portal.call(self.cluster.settle)
            except* Crash:
                self.cluster.writes_left = None
            self.note_ends()
            self.cluster.restart()
        self.note_ends()

    def note_ends(self):
        """Which Jobs an operation had when it was over for good."""
        for (_, name), load in self.cluster.server.objects.get(LOADS, {}).items():
            status = load.get("status", {})
            over = status.get("phase") in ("Complete", "Failed") and status["duration"] != "-"
            if over and not self.cron_job(name) and "lastScheduleTime" not in status:
                self.ended.setdefault(load["metadata"]["uid"], self.jobs_of(load["metadata"]["uid"]))

    def jobs_of(self, uid):
        return {
            job["metadata"]["uid"]
            for job in self.cluster.server.objects.get(JOBS, {}).values()
            if any(owner["uid"] == uid for owner in job["metadata"]["ownerReferences"])
        }

    def cron_job(self, name):
        return self.cluster.server.get(CRON_JOBS, NS, f"{name}-loader-job")

    # What must hold.

    @invariant()
    def what_has_ended_is_never_run_again(self):
        for uid, jobs in self.ended.items():
            assert self.jobs_of(uid) <= jobs

    @invariant()
    def the_lock_never_has_an_empty_key(self):
        assert self.cluster.locked() != ""

    def check_settled(self):
        cluster = self.cluster
        loads = {name: load for (_, name), load in cluster.server.objects.get(LOADS, {}).items()}
        assert not [n for n, load in loads.items() if "deletionTimestamp" in load["metadata"]], (
            "deletion ends"
        )
        bound = (cluster.server.get(DATASETS, NS, "hbase") or {}).get("status", {}).get("phase") == "Bound"
        for name in loads:
            assert len(cluster.status(name)["conditions"]) == 1
            if cluster.phase(name) == "Executing":
                assert self.cron_job(name) or f"{name}-loader-job" in cluster.names(JOBS)
            if cluster.phase(name) == "Pending" and bound:
                assert cluster.condition(name)[2] in ("DataOperationWaiting", "DataOperationNotFound")
            first = loads[name]["spec"].get("runAfter", {}).get("name")
            if cluster.phase(name) == "Pending" and first in loads:
                assert (
                    cluster.phase(first) != "Failed"
                    or not cluster.status(name)["waitingFor"]["operationComplete"]
                )
        if cluster.server.get(DATASETS, NS, "hbase"):
            locked = set((cluster.locked() or "").split(",")) - {""}
            jobs = cluster.server.objects.get(JOBS, {})
            assert locked == {name[0] for (_, name), job in jobs.items() if not job.get("status")}
        for collection in (JOBS, CRON_JOBS):
            for name in cluster.names(collection):
                assert name[0] in loads, f"{name} outlived its operation"
        assert self.portal.call(cluster.sweep) == [], "a second pass sends nothing"


TestOperations = Operations.TestCase
TestOperations.settings = settings(stateful_step_count=40, deadline=None)
