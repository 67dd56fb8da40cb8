"""Commands in the first master of a cache: how they are asked, and in which life of the master."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from fluid.engines.core.queries import Exec
from fluid.engines.core.snapshot import R, Snapshot
from fluid.kube import OUTPUT, ExecResult
from fluid.models import Pod
from fluid.types import Key

SHELL_CHARACTERS = frozenset("&|;$'`()>")
"""What means something to a shell: wrapper scripts in images of caches hand their arguments to one."""


class MountCommands(ABC):
    """The commands of one cache system; each is a query to the first master, made by `ask`.

    An engine adds what else it asks of its master, such as a report.
    """

    container: str
    """The master's container, whose start begins another life of its mount table."""
    lists_first: bool = False
    """Whether a master that was restarted is asked for its table before anything is mounted: it may have it
    still, and says of a mount that is there no more than that it failed."""

    def __init__(self, snapshot: Snapshot[R], master: str) -> None:
        """The commands about a Dataset as it is now, in a master as it lives now.

        Args:
            snapshot: What the pass knows.
            master: Name of the StatefulSet of the masters.
        """
        self.pod: Key = Key(snapshot.runtime.namespace, f"{master}-0")
        life, dataset = incarnation(snapshot.pod(self.pod.name), self.container), snapshot.dataset
        self.life: str = f"{life}/{dataset.metadata.generation if dataset else None}"

    def ask(
        self,
        *command: str,
        timeout: float = 30.0,
        background: bool = False,
        sample: bool = False,
        limit: int = OUTPUT,
    ) -> Exec:
        """The query that runs a command; `Exec` says what the arguments mean."""
        return Exec(self.pod, self.container, command, timeout, self.life, background, sample, limit)

    @abstractmethod
    def mounts(self) -> Exec:
        """Print the mount table."""

    @abstractmethod
    def mount(self, path: str, address: str) -> Exec:
        """Attach a source at a path of the cache's namespace."""

    @abstractmethod
    def unmount(self, path: str) -> Exec:
        """Take a path out of the cache's namespace."""

    @abstractmethod
    def parse_mounts(self, text: str) -> Mapping[str, str]:
        """Addresses by path, of what `mounts` printed; an address may be empty."""

    def after_mounting(self) -> Sequence[Exec]:
        """What has to run after sources were attached."""
        return ()

    def was_there(self, result: ExecResult) -> bool:
        """Whether a mount failed only because the path is mounted already."""
        return False

    def refused_character(self, argument: str) -> str | None:
        """The first character of an argument that must not reach the master; None if it may."""
        return next((char for char in argument if char in SHELL_CHARACTERS or not char.isprintable()), None)


def incarnation(pod: Pod | None, container: str) -> str:
    """What tells one life of a master from the next: its pod and the start of its container."""
    return f"{pod.uid}@{started_at(pod, container)}" if pod else ""


def started_at(pod: Pod | None, container: str) -> datetime | None:
    """When a container of a pod started; None while it does not run."""
    statuses = (pod.status.container_statuses if pod and pod.status else None) or ()
    running = [one.state.running for one in statuses if one.state and one.name == container]
    return running[0].started_at if running and running[0] else None
