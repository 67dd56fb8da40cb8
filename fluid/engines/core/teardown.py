"""Taking a cache away: every step tolerates anything missing, in any order, and none waits for ever."""

from dataclasses import dataclass

from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Exec, Results
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import ConfigMap, ObjectMeta
from fluid.naming import DATASET_ID, default_dataset_id
from fluid.types import KubeObject
from fluid.types.untrusted import whole_number

CLEAN_ATTEMPTS = "data.fluid.io/clean-cache-attempts"
"""Annotation on the runtime: how often cleaning its cache has failed."""
HELM_RELEASE = "meta.helm.sh/release-name"


@dataclass(frozen=True, slots=True)
class CleanPolicy:
    """How much is tried to empty a cache before it goes away as it is.

    Attributes:
        grace: seconds from the deletion on.
        attempts: failures after which it is given up.
    """

    grace: float = 60.0
    attempts: int = 3


class Teardown:
    """The shutdown steps of one pass, after the volume is gone."""

    def __init__(
        self, snapshot: Snapshot[R], results: Results, plan: Plan, policy: "CleanPolicy | None" = None
    ) -> None:
        self.snapshot = snapshot
        self.results = results
        self.plan = plan
        self.policy: CleanPolicy = policy or CleanPolicy()

    def run(self, clean: Exec | None) -> bool:
        """Clean the cache, delete the children, wait for the nodes' labels; True once nothing is left."""
        if clean is not None and self.snapshot.children and not self._cleaned(clean):
            return False
        self._delete_children()
        if self.snapshot.nodes:
            names = ", ".join(node.name for node in self.snapshot.nodes[:5])
            self.plan.wait("NodeLabels", f"labels of this Dataset are being removed from nodes {names}")
            return False
        return True

    def _cleaned(self, clean: Exec) -> bool:
        """Whether the cache is clean, or its policy has run out."""
        runtime, now = self.snapshot.runtime, self.snapshot.now
        since = runtime.metadata.deletion_timestamp or now
        failed = _number((runtime.metadata.annotations or {}).get(CLEAN_ATTEMPTS, ""))
        left = self.policy.grace - max(0.0, (now - since).total_seconds())
        if failed >= self.policy.attempts or left < 0:
            return True
        self.plan.wake_within(left + 1)  # a command that hangs event_handlers nobody
        self.plan.ask(clean)
        answer = self.results.commands.get(clean)
        if answer is None:
            self.plan.wait("CacheCleaning", f"`{' '.join(clean.command)}` runs in pod {clean.pod}")
            return False
        if answer.exit_code == 0:
            return True
        if clean in self.results.fresh:
            failed += 1
            self.plan.annotations[CLEAN_ATTEMPTS] = str(failed)
        said = (answer.stderr or answer.stdout).strip()[:300]
        attempt = f"attempt {failed} of {self.policy.attempts}"
        message = f"`{' '.join(clean.command)}` in pod {clean.pod} failed ({attempt}): {said}"
        self.plan.wait("CacheCleanFailed", message, problem=True)
        return False

    def _delete_children(self) -> None:
        self.plan.delete += self._helm_leftovers()  # first: only the children tell that there are any
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


def _number(text: str) -> int:
    """What an annotation counts; anybody can write nonsense into it."""
    return whole_number(text) or 0
