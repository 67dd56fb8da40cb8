"""A mount table that commands keep equal to a Dataset's mounts, in the first master of a cache."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Generic

from fluid.conditions import find_condition
from fluid.engines.core.errors import InvalidSpec, Whose
from fluid.engines.core.interface import Mounting
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Exec, Results
from fluid.engines.core.runtime_status import record_condition
from fluid.engines.core.snapshot import R, Snapshot
from fluid.engines.core.upgrade import mounted_by
from fluid.engines.kit.master_commands import MountCommands, incarnation, started_at
from fluid.engines.kit.sources import S, sources_as
from fluid.kube import ExecResult
from fluid.models import Mount, MountRecord, Pod
from fluid.types.time import format_time

MOUNTED = "UfsMounted"
"""Condition of the runtime that tells people in which master pod the mounts were made."""


@dataclass(frozen=True)
class MountTableSpec(Generic[S]):
    """What a cache system says of its mount table.

    Attributes:
        commands: The commands in the first master.
        kind: The engine's class of sources.
        sources: Gives the Dataset's mounts; raises `InvalidSpec`.
        address: What the cache mounts for a source; by default a local directory for a claim.
        mount: The command that attaches a source; by default that of its path and address alone.
        content: Digest of what the command says beyond the address, such as options; a source with another
            one is taken out and put back. By default nothing.
        by_command: Whether a command attaches a source; others are there by the configuration of the pods.
    """

    commands: MountCommands
    kind: type[S]
    sources: Callable[[], Sequence[S]]
    address: Callable[[S], str] = lambda source: source.cache_uri
    mount: Callable[[S], Exec] | None = None
    content: Callable[[S], str] = lambda _: ""
    by_command: Callable[[S], bool] = lambda _: True


class MountTable(Mounting, Generic[R, S]):
    """The mount table of one pass. A master that was restarted is given everything again."""

    def __init__(self, snapshot: Snapshot[R], results: Results, plan: Plan, spec: MountTableSpec[S]) -> None:
        self.snapshot = snapshot
        self.results = results
        self.plan = plan
        self.spec: MountTableSpec[S] = spec
        self.commands: MountCommands = spec.commands

    @cached_property
    def sources(self) -> Sequence[S]:
        """The Dataset's sources."""
        return self.spec.sources() if self.snapshot.dataset else []

    def prepare(self) -> bool:
        """Make the mount table what the Dataset says; True once it is."""
        self._refuse_unsafe()
        if self.master_restarted and not self.commands.lists_first:
            return self._mount_all()
        if self.differs:
            return self._mount_difference()
        return True

    def update(self) -> bool:
        """The same as `prepare`."""
        return self.prepare()

    def restore(self) -> None:
        """Mount again, in a master that was restarted, what it had before."""
        dataset = self.snapshot.dataset
        if dataset is None or not self.master_restarted:
            return
        if self.spec.mount is not None:  # with its options, or not at all
            self.sources = [one for one in self.sources if self.recorded.get(one.mounted_at) == one.uri]
        else:
            bare = {"mounts": [*self._in_status], "shared_options": None, "shared_encrypt_options": None}
            spec = dataset.spec.model_copy(update=bare)  # options are for the pods, which have theirs
            self.sources = sources_as(self.spec.kind, dataset.model_copy(update={"spec": spec}))
        self.prepare()

    @property
    def differs(self) -> bool:
        """Whether status does not say that this life of the master has exactly the wanted mounts."""
        return self.differ(self._in_status) or self.master_restarted or bool(self._changed)

    def differ(self, mounts: Sequence[Mount]) -> bool:
        """Whether some mounts are not exactly the wanted ones."""
        return _addresses(mounts) != {path: source.uri for path, source in self.wanted.items()}

    @property
    def wanted(self) -> dict[str, S]:
        """Sources by their path in the cache's namespace."""
        return {source.mounted_at: source for source in self.sources}

    @property
    def _commanded(self) -> dict[str, S]:
        """Those that commands attach."""
        return {path: source for path, source in self.wanted.items() if self.spec.by_command(source)}

    @property
    def _contents(self) -> dict[str, str]:
        found = {path: self.spec.content(source) for path, source in self._commanded.items()}
        return {path: content for path, content in found.items() if content}

    @property
    def _changed(self) -> set[str]:
        """Paths of sources of which the commands said something else; unknown is as wanted."""
        record = self.plan.status.mount_record
        before = (record.contents if record else None) or {}
        return {path for path, content in self._contents.items() if before.get(path, content) != content}

    @property
    def recorded(self) -> dict[str, str]:
        """Addresses by path, as the Dataset's status has them."""
        return _addresses(self._in_status)

    @property
    def _in_status(self) -> Sequence[Mount]:
        status = self.snapshot.dataset.status if self.snapshot.dataset else None
        return (status.mounts if status else None) or ()

    @property
    def _pod(self) -> Pod | None:
        return self.snapshot.pod(self.commands.pod.name)

    @property
    def master_restarted(self) -> bool:
        """Whether the first master started after the mounts were made, or was never given any."""
        pod, status = self._pod, self.plan.status
        started = started_at(pod, self.commands.container)
        if pod is None or started is None:
            return False  # no pod to ask: its start wakes the runtime
        mounted_at, record = status.mount_time, status.mount_record
        if mounted_at is None:
            return True
        if record is not None:  # it tells lives apart without any clock
            # From the binding on the Dataset's own status tells what is mounted; until then the record does.
            recorded = (record.dataset_generation, record.mounts)
            other = not self.snapshot.registered and recorded != (self._generation, self._digest)
            return other or (record.pod, format_time(record.started)) != (pod.uid, format_time(started))
        # Until 0.2: release 0.1 wrote the condition alone
        told = find_condition(status.conditions, MOUNTED)
        if told is not None and told.message is not None:
            generation = None if self.snapshot.registered else self._generation
            return not mounted_by(told.message, pod, started, generation)
        return mounted_at < started

    def _mount_all(self) -> bool:
        mounts = [self._mount(source) for source in self._commanded.values()]
        refresh: Sequence[Exec] = self.commands.after_mounting() if mounts else ()
        if not self._run([*mounts, *refresh, self.commands.mounts()]):
            return False
        listed = self.commands.parse_mounts(self._said(self.commands.mounts()))
        kept = any(self.commands.was_there(self.results[command]) for command in mounts)
        if kept or any(path not in self.wanted and self._may_remove(path) for path in listed):
            return self._mount_difference()  # the table is older than this life of the master
        return self._record(listed)

    def _mount_difference(self) -> bool:
        """Ask what is there first, then add and remove; an address that changed is taken out and put back."""
        if not self._run([self.commands.mounts()]):
            return False
        listed, wanted = self.commands.parse_mounts(self._said(self.commands.mounts())), self._commanded
        moved = {path for path, uri in listed.items() if path in wanted and self._moved(path, uri)}
        gone = [path for path in listed if (path not in wanted and self._may_remove(path)) or path in moved]
        new = [path for path in wanted if path not in listed or path in moved]
        asked = [
            *(self.commands.unmount(path) for path in gone),
            *(replace(self._mount(wanted[path]), again=True) for path in new),
            *(replace(one, again=True) for one in (self.commands.after_mounting() if new else ())),
        ]
        if not self._run(asked):
            return False
        news = any(command in self.results.fresh for command in asked)
        return self._record(wanted, changed=news or self.master_restarted)

    def _mount(self, source: S) -> Exec:
        if self.spec.mount is not None:
            return self.spec.mount(source)
        return self.commands.mount(source.mounted_at, self.spec.address(source))

    def _moved(self, path: str, listed: str) -> bool:
        """Whether a path of the table has another address than the wanted one, as far as that is known."""
        source = self.wanted[path]
        if path in self._changed:
            return True
        if path in self.recorded:
            return self.recorded[path] != source.uri
        return "://" in listed and listed.rstrip("/") != self.spec.address(source).rstrip("/")

    def _may_remove(self, path: str) -> bool:
        """The root is removed only when it was a mount of this Dataset."""
        return path != "/" or path in self.recorded

    def _run(self, commands: Sequence[Exec]) -> bool:
        """Ask all; True once all have succeeded. The first failure is told and tried again with back-off."""
        for command in commands:
            self.plan.ask(command)
        results = {command: self.results.get(command) for command in commands}
        failed = next(
            (c for c, result in results.items() if result is not None and not self._succeeded(result)), None
        )
        if failed is not None:
            self._tell_failure(failed, self.results[failed])
            return False
        if any(result is None for result in results.values()):
            self.plan.wait(
                "UfsUpdating", f"`{commands[-1].request}` and others run in pod {commands[-1].pod}"
            )
            return False
        return True

    def _tell_failure(self, command: Exec, result: ExecResult) -> None:
        said = (result.stderr or result.stdout).strip()[:300]
        failed = f"`{command.request}` in pod {command.pod} failed with exit code {result.exit_code}"
        message = f"{failed}: {said}; check the mount's address, options and credentials"
        self.plan.wait("MountFailed", message, problem=True)

    def _succeeded(self, result: ExecResult) -> bool:
        return result.exit_code == 0 or self.commands.was_there(result)

    def _said(self, command: Exec) -> str:
        return self.results[command].stdout

    def _record(self, listed: Collection[str], *, changed: bool = True) -> bool:
        """Write down what the cache has; what it lacks although it reported success is a problem."""
        self.plan.dataset_status.mounts = [
            source.recorded()
            for path, source in self.wanted.items()
            if path in listed or not self.spec.by_command(source)
        ]
        missing = [path for path in self._commanded if path not in listed]
        if missing:
            message = f"the cache does not list {', '.join(missing)} after mounting it; see its master's log"
            self.plan.wait("MountFailed", message, problem=True)
            self.plan.useless.add(self.commands.mounts())
            return False
        pod, container, status = self._pod, self.commands.container, self.plan.status
        started, now = started_at(pod, container), self.snapshot.now
        if changed or status.mount_time is None:
            # Never before the start of the master: the clock of its node may be ahead of the operator's.
            status.mount_time = max(now, started or now)
        if pod is not None and started is not None:
            status.mount_record = MountRecord(
                pod=pod.uid,
                started=started,
                dataset_generation=self._generation,
                mounts=self._digest,
                contents=self._contents or None,
            )
        # Until 0.2: release 0.1, if it is installed again, looks for these words.
        where = f"of generation {self._generation} are mounted in pod {self.commands.pod.name}"
        message = f"The sources {where} ({incarnation(pod, container)})."
        record_condition(status, MOUNTED, "Mounted", message, "True", now)
        return True

    @property
    def _generation(self) -> int:
        return (self.snapshot.dataset.metadata.generation if self.snapshot.dataset else None) or 0

    @property
    def _digest(self) -> str:
        """Of the paths and addresses that are wanted."""
        pairs = sorted((path, self.spec.address(source)) for path, source in self.wanted.items())
        return sha256(json.dumps(pairs).encode()).hexdigest()[:16]

    def _refuse_unsafe(self) -> None:
        for source in self.sources:
            for field, value in (("mountPoint", self.spec.address(source)), ("path", source.mounted_at)):
                if (character := self.commands.refused_character(value)) is not None:
                    raise InvalidSpec(
                        Whose.DATASET,
                        f"{source.path}.{field}",
                        f"{character!r} cannot be handed to the cache",
                        "Use another name",
                    )


def _addresses(mounts: Sequence[Mount]) -> dict[str, str]:
    return {mount.path or f"/{mount.name}": mount.mount_point for mount in mounts}
