"""Questions that engines ask of the cluster, answered in the background.

A reconcile never waits for a command in a pod: it asks, ends, and is woken when the answers are
there. A success answers one pass; a failure stays the answer until its back-off has passed, so that
unrelated events do not repeat it. Nothing here has to survive the process: it is asked again.

A command runs in an image of a tenant, who can make it slow. Each has a deadline, and none takes what others
need: namespaces and runtimes have shares (`turns`), and what brings a Dataset up, changes it or takes it away
waits behind no command that only samples figures.
"""

from collections.abc import Callable, Collection, Hashable, Sequence

import anyio
from anyio.abc import TaskGroup, TaskStatus

from fluid.controllers import answering, failed_creates
from fluid.controllers.answering import Answering
from fluid.controllers.failed_creates import FailedCreates
from fluid.controllers.notebook import Notebook
from fluid.controllers.turns import Pool
from fluid.engines.core.queries import Answers, Exec, FailedCreate, Question
from fluid.kube import Backoff, Connection

RULES = (*answering.RULES, *failed_creates.RULES)
Wake = Callable[[], None]


class Errands:
    """Runs questions for keys: one batch in order per asker, many keys at once.

    Args:
        connection: to the API server.
        failed_creates: answers what lasts; one that nobody runs answers nothing.
    """

    def __init__(self, connection: Connection, failed_creates: FailedCreates | None = None) -> None:
        self._answering = Answering(connection)
        self._failed_creates = failed_creates or FailedCreates(connection)
        self._commands = Pool(slots=64, share=32, each=1)
        self._samples = Pool(slots=32, share=16, each=2)
        self._reads = Pool(slots=32, share=16, each=1)
        self._backoff = Backoff(base=0.5, cap=30.0)
        self._notebooks: dict[Hashable, Notebook] = {}
        self._tasks: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; questions that are still open then are dropped."""
        async with anyio.create_task_group() as tasks:
            self._tasks = tasks
            task_status.started()
            await anyio.sleep_forever()

    def answers(self, asker: Hashable) -> Answers:
        """What is known for a key; looking makes fresh answers old."""
        notebook, refusals = self._notebooks.get(asker), self._failed_creates.told(asker)
        if notebook is None:
            return Answers(refusals=refusals)
        if notebook.expired:
            notebook.clear()
        fresh = frozenset(notebook.fresh)
        notebook.fresh.clear()
        return Answers(
            notebook.commands,
            notebook.config_maps,
            notebook.claim_users,
            notebook.claim_volumes,
            refusals=refusals,
            fresh=fresh,
        )

    def ask(
        self,
        asker: Hashable,
        questions: Sequence[Question],
        wake: Wake,
        *,
        keep: bool = False,
        partial: bool = False,
        useless: Collection[Question] = (),
    ) -> None:
        """Take the questions of one pass.

        When all of them are answered the pass is complete: its successes are forgotten, so that the
        next pass looks anew; not those that came while the pass was at work, which it has not seen.
        While a batch runs, further questions wait for the pass that it wakes.

        Args:
            asker: who asks: a key alone is not enough, as runtimes of several kinds may share it.
            questions: all questions of the pass, answered or not.
            wake: called when there is news.
            keep: keep answers beyond this pass: setup is one long pass, whose results are told at its end.
            partial: the pass was cut short: what it does not ask of what lasts is looked into further.
            useless: questions whose answers count as failures, whatever the exit code.
        """
        if not partial:
            lasting = [question for question in questions if isinstance(question, FailedCreate)]
            self._failed_creates.listen(asker, lasting, wake)
        notebook = self._notebooks.setdefault(asker, Notebook())
        unknown = [one for one in questions if not isinstance(one, FailedCreate) and not notebook.knows(one)]
        for question in unknown:
            if _background(question):
                self._start(asker, notebook, [question], wake, setup=keep)
        if useless and not notebook.failed and self._tasks is not None:
            notebook.useless = True
            self._tasks.start_soon(self._retry, notebook, wake)
        batch = [question for question in unknown if not _background(question)]
        if batch and not any(not _background(question) for question in notebook.running):
            self._start(asker, notebook, batch, wake, setup=keep)
        elif not notebook.running and not notebook.failed and not notebook.fresh and not keep:
            del self._notebooks[asker]

    def forget(self, asker: Hashable) -> None:
        """Drop everything about a key that is gone."""
        self._failed_creates.leave(asker)
        self._notebooks.pop(asker, None)

    def _start(
        self, asker: Hashable, notebook: Notebook, questions: Sequence[Question], wake: Wake, *, setup: bool
    ) -> None:
        if self._tasks is not None:
            notebook.running.update(questions)
            pools = [self._pool(question, setup=setup) for question in questions]
            self._tasks.start_soon(self._serve, asker, notebook, [*zip(questions, pools, strict=True)], wake)

    def _pool(self, question: Question, *, setup: bool) -> Pool:
        if not isinstance(question, Exec):
            return self._reads
        sample = question.background or (question.sample and not setup)
        return self._samples if sample else self._commands

    async def _serve(
        self, asker: Hashable, notebook: Notebook, work: Sequence[tuple[Question, Pool]], wake: Wake
    ) -> None:
        questions = [question for question, _ in work]
        for question, pool in work:
            async with pool.slot(_namespace(question), asker):
                await self._answering.answer(question, notebook)
        notebook.running.difference_update(questions)
        notebook.fresh.update(questions)
        wake()
        if notebook.failed:
            await self._retry(notebook, wake)

    async def _retry(self, notebook: Notebook, wake: Wake) -> None:
        """Let the next pass ask again, later with every failure."""
        delay = self._backoff.delay(notebook.failures)
        notebook.failures += 1
        await anyio.sleep(delay)  # not in a reconcile: this task is the timer of the retry
        notebook.expired = True
        wake()


def _namespace(question: Question) -> str:
    match question:
        case Exec():
            return question.pod.namespace
        case FailedCreate():
            return question.workload.namespace
        case _:
            return question.key.namespace


def _background(question: Question) -> bool:
    return isinstance(question, Exec) and question.background
