"""Deletes a cache: each step tolerates missing objects, in any order, and none waits for ever."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from fluid.engines.core.checks import expect_field, expect_items
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Exec, Results
from fluid.engines.core.snapshot import R, Snapshot
from fluid.kube import ExecResult
from fluid.models import CleanCachePolicy, ConfigMap, ObjectMeta
from fluid.naming import DATASET_ID, default_dataset_id
from fluid.types import KubeObject
from fluid.types.time import format_time, remaining
from fluid.types.untrusted import read_time, whole_number

CLEAN_ATTEMPTS = "data.fluid.io/clean-cache-attempts"
"""Annotation on the runtime: how often cleaning its cache has failed."""
CLEAN_FAILED_AT = "data.fluid.io/clean-cache-failed-at"
"""Annotation on the runtime: when that was counted last."""
BETWEEN = 10.0
"""Seconds between attempts that count where the engine fails: passes that fail follow each other at once."""
HELM_RELEASE = "meta.helm.sh/release-name"


@dataclass(frozen=True, slots=True)
class CleanUp:
    """How a cache is emptied before its deletion, and when the attempts end.

    Attributes:
        commands: All have to succeed: one in the master, or one in each worker.
        grace: Seconds from the deletion on.
        attempts: Failures after which it is given up.
    """

    commands: Sequence[Exec]
    grace: float = 60.0
    attempts: int = 3

    def __post_init__(self) -> None:
        """Refuse what is of another type."""
        expect_items("CleanUp.commands", self.commands, Exec)
        expect_field("CleanUp.grace", self.grace, int, float)
        expect_field("CleanUp.attempts", self.attempts, int)

    @classmethod
    def by(cls, policy: CleanCachePolicy | None, commands: Callable[[float], Sequence[Exec]]) -> Self:
        """The clean-up that a user's policy says.

        Args:
            policy: The policy; None for its defaults.
            commands: Makes the commands with the seconds that each may take.
        """
        said = policy or CleanCachePolicy()
        grace = float(said.grace_period_seconds)
        return cls(commands(max(1.0, grace)), grace, said.max_retry_attempts)


class Teardown:
    """The shutdown steps of one pass, after the volume is gone."""

    def __init__(self, snapshot: Snapshot[R], results: Results, plan: Plan) -> None:
        self.snapshot = snapshot
        self.results = results
        self.plan = plan

    def run(self, clean: CleanUp | None) -> bool:
        """Clean the cache, delete the children, wait for the nodes' labels; True once nothing is left."""
        if clean is not None and clean.commands and self.snapshot.children and not self._cleaned(clean):
            return False
        return self._finish()

    def _finish(self) -> bool:
        """Delete the children; True once neither they nor labels of nodes are left."""
        self._delete_children()
        if self.snapshot.nodes:
            names = ", ".join(node.name for node in self.snapshot.nodes[:5])
            self.plan.wait("NodeLabels", f"labels of this Dataset are being removed from nodes {names}")
            return False
        return True

    def run_without(self, problem: str) -> bool:
        """Like `run` where the engine fails to say how the cache is cleaned: a failed attempt every 10 s.

        Args:
            problem: Why nobody can say it, as a sentence without a full stop.
        """
        clean = CleanUp(())
        left, failed = self._left(clean)
        if not self.snapshot.children or left is None:
            return self._finish()
        pause = self._pause() if failed else 0.0
        if not pause:
            failed, pause = failed + 1, BETWEEN
            self._count(failed)
        self.plan.wake_within(min(left + 1, pause))
        attempt = f"attempt {failed} of {clean.attempts}"
        self.plan.wait("CacheCleanFailed", f"{problem} ({attempt} to clean the cache)", problem=True)
        return False

    def _count(self, failed: int) -> None:
        self.plan.annotations[CLEAN_ATTEMPTS] = str(failed)
        self.plan.annotations[CLEAN_FAILED_AT] = format_time(self.snapshot.now)

    def _pause(self) -> float:
        """Seconds until another attempt counts; 0 if it does now, or nobody knows when one failed."""
        since = read_time((self.snapshot.runtime.metadata.annotations or {}).get(CLEAN_FAILED_AT, ""))
        return remaining(BETWEEN, since, self.snapshot.now) if since is not None else 0.0

    def _left(self, clean: CleanUp) -> tuple[float | None, int]:
        """Seconds of grace, None when those or the attempts have run out; and how many have failed."""
        runtime, now = self.snapshot.runtime, self.snapshot.now
        since = runtime.metadata.deletion_timestamp or now
        failed = _number((runtime.metadata.annotations or {}).get(CLEAN_ATTEMPTS, ""))
        left = clean.grace - max(0.0, (now - since).total_seconds())
        return (None if failed >= clean.attempts or left < 0 else left), failed

    def _cleaned(self, clean: CleanUp) -> bool:
        """Whether the cache is clean, or its grace or attempts have run out."""
        left, failed = self._left(clean)
        if left is None:
            return True
        self.plan.wake_within(left + 1)  # a command that hangs wakes no pass
        for command in clean.commands:
            self.plan.ask(command)
        ended = [(one, self.results[one]) for one in clean.commands if one in self.results]
        refused = [(one, result) for one, result in ended if result.exit_code != 0]
        if refused:
            if any(one in self.results.fresh for one, _ in refused):
                failed += 1
                self._count(failed)
            attempt = f"attempt {failed} of {clean.attempts}"
            self.plan.wait("CacheCleanFailed", _failure(*refused[0], attempt), problem=True)
            return False
        waiting = next((one for one in clean.commands if one not in self.results), None)
        if waiting is not None:
            self.plan.wait("CacheCleaning", f"`{' '.join(waiting.command)}` runs in pod {waiting.pod}")
        return waiting is None

    def _delete_children(self) -> None:
        self.plan.delete += self._helm_leftovers()  # first: only the children show that there was a release
        for child in self.snapshot.children:
            if child.metadata.deletion_timestamp is None:
                self.plan.delete.append(child)

    def _helm_leftovers(self) -> list[KubeObject]:
        """What nobody owns of an installation by Helm, record and values; absent ones are tolerated.

        The release was named like the runtime, and its children say that there was one; anybody can write
        another name there. Both objects are deleted only if they carry these labels.
        """
        release, identity = self.snapshot.runtime.name, self.snapshot.identity
        if not any(_is_released(child, release) for child in self.snapshot.children):
            return []
        found = [self._leftover(f"sh.helm.release.v1.{release}.v1", {"owner": "helm", "name": release})]
        values = self.plan.status.value_file
        if values and values.startswith(f"{release}-") and values.endswith("-values"):
            ids = sorted({identity.dataset_id, default_dataset_id(identity.namespace, release, identity.uid)})
            found += [self._leftover(values, {DATASET_ID: one}) for one in ids]
        return found

    def _leftover(self, name: str, labels: dict[str, str]) -> KubeObject:
        namespace = self.snapshot.runtime.namespace
        return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels))


def _is_released(child: KubeObject, release: str) -> bool:
    metadata = child.metadata
    return metadata.deletion_timestamp is None and (metadata.annotations or {}).get(HELM_RELEASE) == release


def _failure(command: Exec, result: ExecResult, attempt: str) -> str:
    said = (result.stderr or result.stdout).strip()[:300]
    return f"`{' '.join(command.command)}` in pod {command.pod} failed ({attempt}): {said}"


def _number(text: str) -> int:
    """What an annotation counts; anybody can write nonsense into it."""
    return whole_number(text) or 0
