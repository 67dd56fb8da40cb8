"""Leader election on a coordination.k8s.io Lease: never two leaders, even when clocks disagree.

Only the local clock is read: a candidate takes a Lease over if the Lease has not changed for its duration
*since the candidate saw it*. A leader gives up earlier than that, counted from *before* its last renewal.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

import anyio
import structlog
from pydantic import JsonValue

from fluid.kube.connection import Connection
from fluid.kube.errors import AlreadyExists, Conflict, KubeError
from fluid.models import Lease, LeaseSpec, ObjectMeta
from fluid.types import Key

_JITTER = 1.2
_log = structlog.get_logger("fluid.kube.lease")


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds: others take over after `duration`, leaders give up after `deadline`; tries every `period`."""

    duration: float = 15.0
    deadline: float = 10.0
    period: float = 2.0

    def __post_init__(self) -> None:
        """Refuses values with which two could lead, or a leader would give up without need."""
        if not self.period * _JITTER < self.deadline < self.duration:
            raise ValueError(f"need period x {_JITTER} < deadline < duration, not {self}")


class Candidate:
    """The decisions of one process, without any IO.

    Args:
        identity: name of this process.
        timing: see `Timing`.
        clock: seconds, monotonic, local.
    """

    def __init__(self, identity: str, timing: Timing, clock: Callable[[], float] = monotonic) -> None:
        self.identity = identity
        self.timing = timing
        self.clock = clock
        self._seen: tuple[str | None, str | None] | None = None
        self._seen_at = 0.0
        self._renewed_at: float | None = None

    @property
    def leading(self) -> bool:
        """Whether this process may act as leader now."""
        return self._renewed_at is not None and self.clock() - self._renewed_at < self.timing.deadline

    @property
    def remaining(self) -> float:
        """Seconds until this process has to give up; 0 if it does not lead."""
        return (
            max(0.0, (self._renewed_at or 0.0) + self.timing.deadline - self.clock()) if self.leading else 0.0
        )

    def observe(self, lease: Lease | None) -> bool:
        """Notes the state of the Lease; returns whether to try to write it (take it over or renew it)."""
        now, spec = self.clock(), (lease.spec if lease else None) or LeaseSpec()
        holder = spec.holder_identity or None
        if holder != self.identity:
            self._renewed_at = None
        seen = (lease.uid, lease.metadata.resource_version) if lease else None
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
        duration = spec.lease_duration_seconds or self.timing.duration
        return holder in {None, self.identity} or now - self._seen_at > duration

    def wrote(self, asked_at: float) -> None:
        """The write that was sent at `asked_at` succeeded: this process leads from then on."""
        self._renewed_at = asked_at

    def lost(self) -> None:
        """Another process wrote: this process does not lead."""
        self._renewed_at = None


class Elector:
    """Competes for one Lease.

    Args:
        connection: to the API server.
        key: namespace and name of the Lease; the namespace must exist.
        identity: name of this process, unique.
        duration: seconds after which others may take an unrenewed Lease.
        deadline: seconds without a successful renewal after which this process gives up leading.
        period: seconds between attempts.
    """

    def __init__(
        self,
        connection: Connection,
        key: Key,
        identity: str,
        *,
        duration: float = 15.0,
        deadline: float = 10.0,
        period: float = 2.0,
    ) -> None:
        self.key = key
        self._candidate = Candidate(identity, Timing(duration, deadline, period))
        self._api = connection.api(Lease)
        self._log = _log.bind(lease=str(key), identity=identity)
        self._said: str | None = None

    async def acquire(self) -> None:
        """Returns once this process leads."""
        while not self._candidate.leading:
            await self._attempt(self._candidate.timing.deadline)
            if not self._candidate.leading:
                await self._pause()
        self._log.info("leading")

    async def hold(self) -> None:
        """Renews; returns when the Lease is lost. Then all work that requires leadership must stop."""
        while self._candidate.leading:
            with anyio.move_on_after(self._candidate.remaining):
                await self._pause()
                await self._attempt(self._candidate.remaining)
        self._log.error("the lease is lost")

    async def release(self) -> None:
        """Gives the Lease back so that another may take it at once; failures are logged only."""
        if not self._candidate.leading:
            return
        try:
            lease = await self._api.get(self.key)
            if self._candidate.observe(lease) and self._candidate.leading:
                spec: dict[str, JsonValue] = {"holderIdentity": "", "leaseDurationSeconds": 1}
                await self._api.merge(self.key, _guarded(lease, spec))
                self._log.info("lease released")
        except KubeError as error:
            self._log.warning("lease not released", problem=error.message)
        self._candidate.lost()

    async def _attempt(self, seconds: float) -> None:
        """Takes or renews the Lease if that is allowed; a failure leaves the decision to the clock."""
        try:
            with anyio.move_on_after(seconds):
                lease = await self._api.find(self.key)
                if self._candidate.observe(lease):
                    await self._write(lease)
                else:
                    self._say("waiting for the leader to go")
        except (Conflict, AlreadyExists):
            self._candidate.lost()
        except KubeError as error:
            self._say(f"cannot reach the lease: {error.message}")

    async def _write(self, lease: Lease | None) -> None:
        asked_at, now = self._candidate.clock(), datetime.now(UTC)
        spec = self._claim(lease, now)
        if lease is None:
            metadata = ObjectMeta(name=self.key.name, namespace=self.key.namespace)
            await self._api.create(Lease(metadata=metadata, spec=spec))
        else:
            await self._api.merge(self.key, _guarded(lease, spec.to_wire()))
        self._candidate.wrote(asked_at)

    def _claim(self, lease: Lease | None, now: datetime) -> LeaseSpec:
        before = (lease.spec if lease else None) or LeaseSpec()
        ours = before.holder_identity == self._candidate.identity
        return LeaseSpec(
            holder_identity=self._candidate.identity,
            lease_duration_seconds=round(self._candidate.timing.duration),
            acquire_time=before.acquire_time if ours and before.acquire_time else now,
            renew_time=now,
            lease_transitions=(before.lease_transitions or 0) + (0 if ours or lease is None else 1),
        )

    async def _pause(self) -> None:
        await anyio.sleep(self._candidate.timing.period * random.uniform(1, _JITTER))

    def _say(self, what: str) -> None:
        if what != self._said:
            self._said = what
            self._log.info(what)


def _guarded(lease: Lease, spec: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A merge patch that fails if the Lease changed meanwhile."""
    return {"metadata": {"resourceVersion": lease.metadata.resource_version}, "spec": spec}
