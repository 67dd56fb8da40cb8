# pyright: basic
"""Random histories of operations on one Dataset, under an operator that is killed at any write."""

from anyio.from_thread import start_blocking_portal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fluid.controllers.operation_plan import LAST_WORD_DEADLINE
from tests.pure.controllers.operation_support import (
    CONFIG_MAPS,
    CRON_JOBS,
    DATASETS,
    JOBS,
    LOADS,
    NS,
    POD,
    PROCESSES,
    SCRIPT,
    Cluster,
    Crash,
)

COLLECTIONS = {"a": LOADS, "b": LOADS, "p": PROCESSES, "q": PROCESSES}
JOB_NAMES = {LOADS: "{}-loader-job", PROCESSES: "{}-processor-job"}
KINDS = {LOADS: "DataLoad", PROCESSES: "DataProcess"}
NAMES = st.sampled_from([*COLLECTIONS])
SPECS = st.one_of(
    st.just({}),
    st.just({"policy": "Cron", "schedule": "0 2 * * *"}),
    st.fixed_dictionaries(
        {},
        optional={
            "policy": st.sampled_from(["Once", "OnEvent"]),
            "ttlSecondsAfterFinished": st.sampled_from([0, 60]),
            "runAfter": st.builds(lambda name: {"kind": KINDS[COLLECTIONS[name]], "name": name}, NAMES),
        },
    ),
)
PROCESSORS = st.sampled_from([SCRIPT, SCRIPT, POD, POD, {}, {"job": {}}])
STATES = {
    "running": {},
    "waiting": {"reason": "ErrImagePull"},
    "terminated": {"exitCode": 1, "message": '{"FilesDone": "1", "Failure": "broken"}'},
}
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

    @rule(name=NAMES, spec=SPECS, processor=PROCESSORS, reports=st.booleans(), then=THEN)
    def create_or_edit(self, name, spec, processor, reports, then):
        obj = self.cluster.server.get(COLLECTIONS[name], NS, name)
        if obj is None or "deletionTimestamp" not in obj["metadata"]:
            if COLLECTIONS[name] == LOADS:
                self.cluster.load(name, **{**spec, **({"options": {"progress": ""}} if reports else {})})
            else:
                self.cluster.process(name, processor, **spec)
        self.go_on(then)

    @rule(name=NAMES, then=THEN)
    def delete(self, name, then):
        self.cluster.delete(COLLECTIONS[name], name)
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

    @rule(state=st.sampled_from(["running", "waiting", "terminated"]), then=THEN)
    def start_pods(self, state, then):
        for (_, name), job in [*self.cluster.server.objects.get(JOBS, {}).items()]:
            if not job.get("status"):
                self.cluster.pod(name, f"{name}-pod", **{state: STATES[state]})
        self.go_on(then)

    @rule(outcome=OUTCOMES, seconds=st.sampled_from([1, 60]), speaks=st.booleans(), then=THEN)
    def finish_the_jobs(self, outcome, seconds, speaks, then):
        self.cluster.wait(seconds)
        for (_, name), job in [*self.cluster.server.objects.get(JOBS, {}).items()]:
            if not job.get("status"):
                if speaks:
                    self.cluster.pod(name, f"{name}-pod", terminated=STATES["terminated"])
                self.cluster.finish(name, outcome)
        self.go_on(then)

    @rule(name=NAMES, then=THEN)
    def start_a_cron_run(self, name, then):
        if self.cron_job(name):
            self.cluster.tick(name, COLLECTIONS[name])
        self.go_on(then)

    def go_on(self, then):
        """The operator does nothing, settles, acts on stale stores, or is killed before one of its writes."""
        if then == "settle":
            self.portal.call(self.cluster.settle)
            self.cluster.wait(LAST_WORD_DEADLINE)  # for which an end may wait
            self.portal.call(self.cluster.settle)
            self.check_settled()
        elif then == "stale":
            for work in [*self.cluster.woken]:
                self.portal.call(self.cluster.step, work)
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
        for name, operation in self.operations().items():
            status = operation.get("status", {})
            over = status.get("phase") in ("Complete", "Failed") and status["duration"] != "-"
            if over and not self.cron_job(name) and "lastScheduleTime" not in status:
                uid = operation["metadata"]["uid"]
                self.ended.setdefault(uid, self.jobs_of(uid))

    def operations(self):
        """All operations by name."""
        objects = self.cluster.server.objects
        return {name: one for of in KINDS for (_, name), one in objects.get(of, {}).items()}

    def jobs_of(self, uid):
        return {
            job["metadata"]["uid"]
            for job in self.cluster.server.objects.get(JOBS, {}).values()
            if any(owner["uid"] == uid for owner in job["metadata"]["ownerReferences"])
        }

    def cron_job(self, name):
        return self.cluster.server.get(CRON_JOBS, NS, self.job_name(name))

    def job_name(self, name):
        return JOB_NAMES[COLLECTIONS[name]].format(name)

    # What must hold.

    @invariant()
    def what_has_ended_is_never_run_again(self):
        for uid, jobs in self.ended.items():
            assert self.jobs_of(uid) <= jobs

    @invariant()
    def the_lock_never_has_an_empty_key(self):
        assert all(self.cluster.locked(kind=kind) != "" for kind in KINDS.values())

    def check_settled(self):
        cluster = self.cluster
        operations = self.operations()
        assert not [n for n, one in operations.items() if "deletionTimestamp" in one["metadata"]], (
            "deletion ends"
        )
        bound = (cluster.server.get(DATASETS, NS, "hbase") or {}).get("status", {}).get("phase") == "Bound"
        for name, operation in operations.items():
            of = COLLECTIONS[name]
            phase = cluster.phase(name, of)
            assert len(cluster.status(name, of)["conditions"]) == 1
            if phase == "Executing":
                assert self.cron_job(name) or self.job_name(name) in cluster.names(JOBS)
            if phase == "Pending" and bound:
                assert cluster.condition(name, of)[2] in ("DataOperationWaiting", "DataOperationNotFound")
            first = operation["spec"].get("runAfter", {}).get("name")
            if phase == "Pending" and first in operations:
                assert (
                    cluster.phase(first, COLLECTIONS[first]) != "Failed"
                    or not cluster.status(name, of)["waitingFor"]["operationComplete"]
                )
        if cluster.server.get(DATASETS, NS, "hbase"):
            recorded = [cluster.locked(kind=kind) or "" for kind in KINDS.values()]
            locked = {name for names in recorded for name in names.split(",")} - {""}
            jobs = cluster.server.objects.get(JOBS, {})
            assert locked == {name[0] for (_, name), job in jobs.items() if not job.get("status")}
        for collection in (JOBS, CRON_JOBS):
            for name in cluster.names(collection):
                assert name[0] in operations, f"{name} outlived its operation"
        assert self.portal.call(cluster.sweep) == [], "a second pass sends nothing"


TestOperations = Operations.TestCase
TestOperations.settings = settings(stateful_step_count=40, deadline=None)
