"""Keeping the cache's mount table equal to the Dataset's mounts."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from fluid.engines.core.charted import ChartedEngine
from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.queries import Exec
from fluid.engines.core.runtime_status import record_condition
from fluid.engines.jindo.commands import ALREADY_MOUNTED, CONTAINER, Commands, parse_mounts, refused_character
from fluid.engines.jindo.sources import Source, sources
from fluid.engines.jindo.topology import is_fuse_only, master
from fluid.engines.jindo.values import JindoValues
from fluid.kube import ExecResult
from fluid.models import JindoRuntime, Mount, Pod

MOUNTED = "UfsMounted"
"""Condition of the runtime that says in which master pod the mounts were made."""


class MountingEngine(ChartedEngine[JindoRuntime, JindoValues], ABC):
    """The steps that mount a Dataset's sources in the first master, and keep them mounted."""

    @property
    @abstractmethod
    def commands(self) -> Commands:
        """Queries to the first master."""

    @property
    def masterless(self) -> bool:
        """Whether there is no master that could mount anything."""
        return bool(master(self.snapshot.runtime).disabled) or is_fuse_only(self.snapshot.runtime)

    @cached_property
    def sources(self) -> list[Source]:
        """The Dataset's sources."""
        return sources(self.snapshot.dataset) if self.snapshot.dataset else []

    def should_check_ufs(self) -> bool:
        """Whether there is a master that mounts the sources."""
        return not self.masterless

    def prepare_ufs(self) -> bool:
        """Make the mount table what the Dataset says; True once it is."""
        self._refuse_unsafe()
        if self.master_restarted:
            return self._mount_all()
        if self.differs:
            return self._mount_difference()
        return True

    def restore_ufs(self) -> None:
        """Mount again, in a master that was restarted, what it had before."""
        dataset = self.snapshot.dataset
        if dataset is None or self.masterless or not self.master_restarted:
            return
        mounts = (dataset.status.mounts if dataset.status else None) or []
        bare = {"mounts": mounts, "shared_options": None, "shared_encrypt_options": None}
        spec = dataset.spec.model_copy(update=bare)  # options are for the pods, which have theirs
        self.sources = sources(dataset.model_copy(update={"spec": spec}))
        self.prepare_ufs()

    @property
    def wanted(self) -> dict[str, Source]:
        """Sources by their path in the cache's namespace."""
        return {source.mounted_at: source for source in self.sources}

    @property
    def recorded(self) -> dict[str, str]:
        """Addresses by path, as the Dataset's status has them."""
        status = self.snapshot.dataset.status if self.snapshot.dataset else None
        return _addresses((status.mounts if status else None) or ())

    @property
    def differs(self) -> bool:
        """Whether status does not say that exactly the wanted mounts are there."""
        status = self.snapshot.dataset.status if self.snapshot.dataset else None
        return self.differ((status.mounts if status else None) or ())

    def differ(self, mounts: Sequence[Mount]) -> bool:
        """Whether some mounts are not exactly the wanted ones."""
        return _addresses(mounts) != {path: source.uri for path, source in self.wanted.items()}

    @property
    def master_restarted(self) -> bool:
        """Whether the first master started after the mounts were made, or was never given any."""
        pod, mounted_at = self.snapshot.pod(self.commands.pod.name), self.plan.status.mount_time
        started = _started_at(pod)
        if pod is None or started is None:
            return False  # no pod to talk to: its start will wake us
        made_in = next(
            (one.message for one in self.plan.status.conditions or () if one.type == MOUNTED), None
        )
        if mounted_at is None or made_in is None:  # the condition tells lives apart without any clock
            return mounted_at is None or mounted_at < started
        # The Dataset's status tells what is mounted from the binding on; until then its generation does.
        older = not self.snapshot.registered and f"{self._generation} " not in made_in
        return older or incarnation(pod) not in made_in

    def _mount_all(self) -> bool:
        mounts = [self.commands.mount(path, source.cache_uri) for path, source in self.wanted.items()]
        refresh = [self.commands.refresh_cachesets()] if mounts else []
        if not self._run([*mounts, *refresh, self.commands.mounts()]):
            return False
        listed = parse_mounts(self._said(self.commands.mounts()))
        kept = any(_was_there(self.results.commands[command]) for command in mounts)
        if kept or any(path not in self.wanted and self._may_remove(path) for path in listed):
            return self._mount_difference()  # the table is older than this life of the master
        return self._record(listed)

    def _mount_difference(self) -> bool:
        """Ask what is there first, then add and remove; an address that changed is taken out and put back."""
        if not self._run([self.commands.mounts()]):
            return False
        listed, wanted = parse_mounts(self._said(self.commands.mounts())), self.wanted
        moved = {path for path, uri in listed.items() if path in wanted and self._moved(path, uri)}
        gone = [path for path in listed if (path not in wanted and self._may_remove(path)) or path in moved]
        new = [path for path in wanted if path not in listed or path in moved]
        asked = [
            *(self.commands.unmount(path) for path in gone),
            *(replace(self.commands.mount(path, wanted[path].cache_uri), again=True) for path in new),
            *([replace(self.commands.refresh_cachesets(), again=True)] if new else []),
        ]
        if not self._run(asked):
            return False
        news = any(command in self.results.fresh for command in asked)
        return self._record(wanted, changed=news or self.master_restarted)

    def _moved(self, path: str, listed: str) -> bool:
        """Whether a path of the table has another address than the wanted one, as far as that is known."""
        source = self.wanted[path]
        if path in self.recorded:
            return self.recorded[path] != source.uri
        return "://" in listed and listed.rstrip("/") != source.cache_uri.rstrip("/")

    def _may_remove(self, path: str) -> bool:
        """The root is removed only when it was a mount of this Dataset."""
        return path != "/" or path in self.recorded

    def _run(self, commands: Sequence[Exec]) -> bool:
        """Ask all; True once all have succeeded. The first failure is told and tried again with back-off."""
        for command in commands:
            self.plan.ask(command)
        results = {command: self.results.commands.get(command) for command in commands}
        failed = next(
            (c for c, result in results.items() if result is not None and not _succeeded(result)), None
        )
        if failed is not None:
            self._tell_failure(failed, self.results.commands[failed])
            return False
        if any(result is None for result in results.values()):
            self.plan.wait(
                "UfsUpdating", f"`{' '.join(commands[-1].command)}` and others run in pod {self.commands.pod}"
            )
            return False
        return True

    def _tell_failure(self, command: Exec, result: ExecResult) -> None:
        said = (result.stderr or result.stdout).strip()[:300]
        message = (
            f"`{' '.join(command.command)}` in pod {command.pod} failed with exit code {result.exit_code}: "
            f"{said}; check the mount's address, options and credentials"
        )
        self.plan.wait("MountFailed", message, problem=True)

    def _said(self, command: Exec) -> str:
        return self.results.commands[command].stdout

    def _record(self, listed: Collection[str], *, changed: bool = True) -> bool:
        """Write down what the cache has; what it lacks although it reported success is a problem."""
        self.plan.dataset_status.mounts = [
            source.recorded() for path, source in self.wanted.items() if path in listed
        ]
        missing = [path for path in self.wanted if path not in listed]
        if missing:
            message = f"the cache does not list {', '.join(missing)} after mounting it; see its master's log"
            self.plan.wait("MountFailed", message, problem=True)
            self.plan.useless.add(self.commands.mounts())
            return False
        pod = self.snapshot.pod(self.commands.pod.name)
        if changed or self.plan.status.mount_time is None:
            # Never before the start of the master, which a node's clock tells: ours may be behind it.
            self.plan.status.mount_time = max(self.snapshot.now, _started_at(pod) or self.snapshot.now)
        where = f"pod {self.commands.pod.name} ({incarnation(pod)})"
        message = f"The sources{self._generation} are mounted in {where}."
        record_condition(self.plan.status, MOUNTED, "Mounted", message, "True", self.snapshot.now)
        return True

    @property
    def _generation(self) -> str:
        dataset = self.snapshot.dataset
        return f" of generation {dataset.metadata.generation if dataset else 0}"

    def _refuse_unsafe(self) -> None:
        for source in self.sources:
            for field, value in (("mountPoint", source.cache_uri), ("path", source.mounted_at)):
                if (character := refused_character(value)) is not None:
                    raise InvalidSpec(
                        Whose.DATASET,
                        f"{source.path}.{field}",
                        f"{character!r} cannot be handed to the cache",
                        "Use another name",
                    )


def _addresses(mounts: Sequence[Mount]) -> dict[str, str]:
    return {mount.path or f"/{mount.name}": mount.mount_point for mount in mounts}


def _succeeded(result: ExecResult) -> bool:
    return result.exit_code == 0 or _was_there(result)


def _was_there(result: ExecResult) -> bool:
    return ALREADY_MOUNTED in result.stdout or ALREADY_MOUNTED in result.stderr


def incarnation(pod: Pod | None) -> str:
    """What tells one life of the master from the next: its pod and the start of its container."""
    return f"{pod.uid}@{_started_at(pod)}" if pod else ""


def _started_at(pod: Pod | None) -> datetime | None:
    """When the master's container in the pod started; None while it does not run."""
    statuses = (pod.status.container_statuses if pod and pod.status else None) or ()
    running = [one.state.running for one in statuses if one.state and one.name == CONTAINER]
    return running[0].started_at if running and running[0] else None
