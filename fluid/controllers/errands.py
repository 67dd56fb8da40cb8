"""Questions that engines ask of the cluster, answered in the background.

A reconcile never waits for a command in a pod: it asks, ends, and is woken when the answers are
there. A success answers one pass; a failure stays the answer until its back-off has passed, so that
unrelated events do not repeat it. Nothing here has to survive the process: it is asked again.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus

from fluid.controllers.readers import PodLists
from fluid.engines.questions import (
    UNKNOWN_USER,
    Answers,
    ClaimUser,
    ClaimUsers,
    ClaimVolume,
    Exec,
    Question,
    ReadClaim,
    ReadConfigMap,
)
from fluid.kube import Backoff, Connection, ExecResult, KubeError
from fluid.models import ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod, PolicyRule
from fluid.types import Key

RULES = (
    PolicyRule(api_groups=[""], resources=["pods/exec"], verbs=["get", "create"]),
    PolicyRule(api_groups=[""], resources=["configmaps"], verbs=["get"]),
    PolicyRule(api_groups=[""], resources=["pods"], verbs=["list"]),
    PolicyRule(api_groups=[""], resources=["persistentvolumes", "persistentvolumeclaims"], verbs=["get"]),
)
FINISHED = ("Succeeded", "Failed")
Wake = Callable[[Key], None]
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


@dataclass
class _Notebook:
    """What is known for one key."""

    commands: dict[Exec, ExecResult] = field(default_factory=dict[Exec, ExecResult])
    config_maps: dict[ReadConfigMap, frozenset[str] | None] = field(
        default_factory=dict[ReadConfigMap, frozenset[str] | None]
    )
    claim_users: dict[ClaimUsers, tuple[ClaimUser, ...]] = field(
        default_factory=dict[ClaimUsers, tuple[ClaimUser, ...]]
    )
    claim_volumes: dict[ReadClaim, ClaimVolume | None] = field(
        default_factory=dict[ReadClaim, ClaimVolume | None]
    )
    fresh: set[Question] = field(default_factory=set[Question])
    running: set[Question] = field(default_factory=set[Question])
    failures: int = 0
    useless: bool = False
    """The engine could not use an answer."""
    expired: bool = False
    """The failures in here have waited long enough: the next pass asks again."""

    def clear(self) -> None:
        self.commands.clear()
        self.config_maps.clear()
        self.claim_users.clear()
        self.claim_volumes.clear()
        self.useless = self.expired = False

    def knows(self, question: Question) -> bool:
        known = (self.commands, self.config_maps, self.claim_users, self.claim_volumes, self.running)
        return any(question in answers for answers in known)

    @property
    def failed(self) -> bool:
        unread = None in (*self.config_maps.values(), *self.claim_volumes.values())
        unanswered = unread or any(UNKNOWN_USER in users for users in self.claim_users.values())
        return self.useless or unanswered or any(result.exit_code != 0 for result in self.commands.values())


class Errands:
    """Runs questions for keys: one batch in order per key, many keys at once."""

    def __init__(self, connection: Connection, *, concurrency: int = 64) -> None:
        self._connection = connection
        self._pods = PodLists(connection)
        self._limit = anyio.CapacityLimiter(concurrency)
        self._backoff = Backoff(base=0.5, cap=30.0)
        self._notebooks: dict[Key, _Notebook] = {}
        self._tasks: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; questions that are still open then are dropped."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            task_status.started()
            await anyio.sleep_forever()

    def answers(self, key: Key) -> Answers:
        """What is known for a key; looking makes fresh answers old."""
        notebook = self._notebooks.get(key)
        if notebook is None:
            return Answers()
        if notebook.expired:
            notebook.clear()
        fresh = frozenset(notebook.fresh)
        notebook.fresh.clear()
        return Answers(
            notebook.commands, notebook.config_maps, notebook.claim_users, notebook.claim_volumes, fresh
        )

    def ask(
        self,
        key: Key,
        questions: Sequence[Question],
        wake: Wake,
        *,
        keep: bool = False,
        useless: Collection[Question] = (),
    ) -> None:
        """Take the questions of one pass.

        When all of them are answered the pass is complete: its successes are forgotten, so that the
        next pass looks anew; not those that came while the pass was at work, which it has not seen.
        While a batch runs, further questions wait for the pass that it wakes.

        Args:
            key: who asks.
            questions: all questions of the pass, answered or not.
            wake: called when there is news.
            keep: keep answers beyond this pass: setup is one long pass, whose results are told at its end.
            useless: questions whose answers count as failures, whatever the exit code.
        """
        notebook = self._notebooks.setdefault(key, _Notebook())
        unknown = [question for question in questions if not notebook.knows(question)]
        for question in unknown:
            if _background(question):
                self._start(key, notebook, [question], wake)
        if useless and not notebook.failed and self._tasks is not None:
            notebook.useless = True
            self._tasks.start_soon(self._retry, key, notebook, wake)
        batch = [question for question in unknown if not _background(question)]
        if batch and not any(not _background(question) for question in notebook.running):
            self._start(key, notebook, batch, wake)
        elif not notebook.running and not notebook.failed and not notebook.fresh and not keep:
            del self._notebooks[key]

    def forget(self, key: Key) -> None:
        """Drop everything about a key that is gone."""
        self._notebooks.pop(key, None)

    def _start(self, key: Key, notebook: _Notebook, questions: Sequence[Question], wake: Wake) -> None:
        if self._tasks is not None:
            notebook.running.update(questions)
            self._tasks.start_soon(self._serve, key, notebook, questions, wake)

    async def _serve(self, key: Key, notebook: _Notebook, questions: Sequence[Question], wake: Wake) -> None:
        async with self._limit:
            for question in questions:
                await self._answer(question, notebook)
        notebook.running.difference_update(questions)
        notebook.fresh.update(questions)
        wake(key)
        if notebook.failed:
            await self._retry(key, notebook, wake)

    async def _retry(self, key: Key, notebook: _Notebook, wake: Wake) -> None:
        """Let the next pass ask again, later with every failure."""
        delay = self._backoff.delay(notebook.failures)
        notebook.failures += 1
        await anyio.sleep(delay)  # not in a reconcile: this task is the timer of the retry
        notebook.expired = True
        wake(key)

    async def _answer(self, question: Question, notebook: _Notebook) -> None:
        match question:
            case Exec():
                notebook.commands[question] = await self._execute(question)
            case ReadConfigMap():
                notebook.config_maps[question] = await self._read(question)
            case ClaimUsers():
                notebook.claim_users[question] = await self._users(question)
            case ReadClaim():
                notebook.claim_volumes[question] = await self._volume(question)

    async def _execute(self, question: Exec) -> ExecResult:
        try:
            return await self._connection.exec(
                question.pod, question.container, question.command, timeout=question.timeout
            )
        except Exception as error:  # noqa: BLE001 - see `_tell`
            _tell("command failed", error, pod=str(question.pod), command=question.command)
            return ExecResult(exit_code=-1, stdout="", stderr=str(error) or type(error).__name__)

    async def _read(self, question: ReadConfigMap) -> frozenset[str] | None:
        try:
            found = await self._connection.api(ConfigMap).find(question.key)
        except Exception as error:  # noqa: BLE001 - see `_tell`
            _tell("cannot read ConfigMap", error, config_map=str(question.key))
            return None
        return frozenset(found.data or ()) if found else None

    async def _volume(self, question: ReadClaim) -> ClaimVolume | None:
        try:
            claim = await self._connection.api(PersistentVolumeClaim).find(question.key)
            name = claim.spec.volume_name if claim and claim.spec else None
            if claim is None or not name or claim.status is None or claim.status.phase != "Bound":
                return None
            volume = await self._connection.api(PersistentVolume).find(Key("", name))
        except KubeError as error:
            log.info("claim cannot be read", claim=str(question.key), error=str(error))
            return None
        if volume is None or volume.spec is None:
            return None
        return ClaimVolume(volume.spec.csi, mount_options(volume))

    async def _users(self, question: ClaimUsers) -> tuple[ClaimUser, ...]:
        try:
            pods = await self._pods.of(question.key.namespace)
        except Exception as error:  # noqa: BLE001 - see `_tell`
            _tell("cannot list pods", error, namespace=question.key.namespace)
            return (UNKNOWN_USER,)
        return tuple(
            ClaimUser(pod.name, (pod.spec.node_name if pod.spec else None) or "")
            for pod in pods
            if uses_claim(pod, question.key.name)
        )


def _tell(what: str, error: Exception, **about: object) -> None:
    """Logs a question that failed, whatever went wrong: it must end neither the others nor the process.

    A traceback is for faults of the program; an API server's answer speaks for itself.
    """
    expected = isinstance(error, KubeError)
    log.warning(what, error=str(error), exc_info=None if expected else error, **about)


def uses_claim(pod: Pod, claim: str) -> bool:
    """Whether a pod that has not finished mounts the claim."""
    if pod.status and pod.status.phase in FINISHED:
        return False
    volumes = (pod.spec.volumes if pod.spec else None) or ()
    return any(
        volume.persistent_volume_claim is not None and volume.persistent_volume_claim.claim_name == claim
        for volume in volumes
    )


def mount_options(volume: PersistentVolume) -> tuple[str, ...]:
    """How a volume wants to be mounted, by its spec, else by the annotation that was there before."""
    if volume.spec and volume.spec.mount_options:
        return tuple(volume.spec.mount_options)
    noted = (volume.metadata.annotations or {}).get("volume.beta.kubernetes.io/mount-options", "")
    return tuple(option for option in noted.split(",") if option)


def _background(question: Question) -> bool:
    return isinstance(question, Exec) and question.background
