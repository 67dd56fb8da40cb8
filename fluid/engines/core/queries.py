"""Queries of engines and their results: commands, ConfigMaps, claims, refused pods."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fluid.kube import OUTPUT, ExecResult
from fluid.models import CSIPersistentVolumeSource
from fluid.types import Key


@dataclass(frozen=True, slots=True)
class Exec:
    """A query to the cache: one command in one container, bounded by `timeout` seconds."""

    pod: Key
    container: str
    command: tuple[str, ...]
    timeout: float = 30.0
    incarnation: str = ""
    """The start of the pod's container: after a restart the query is a new one."""
    background: bool = False
    """Whether the pass may be complete without it: it may take minutes, and nothing else waits for it."""
    sample: bool = False
    """Whether it only brings figures: once a Dataset is Bound, they come after what changes things."""
    limit: int = OUTPUT
    """Bytes that the command may print: more of them are a failure, as its image is a tenant's."""
    again: bool = False
    """Whether it is asked a second time in one pass, because something was changed in between."""


@dataclass(frozen=True, slots=True)
class ReadConfigMap:
    """A query for the keys of a ConfigMap that a user owns."""

    key: Key


@dataclass(frozen=True, slots=True)
class ClaimUsers:
    """A query for the pods that use a PersistentVolumeClaim and have not finished."""

    key: Key
    deletion: str = ""
    """The deletion that the query is about: a result from before it does not count."""


@dataclass(frozen=True, slots=True)
class ClaimUser:
    """A pod that uses a claim, and the node it runs on ("" before it is scheduled)."""

    name: str
    node: str


UNKNOWN_USER = ClaimUser("unknown (pods cannot be listed)", "")
"""A placeholder if the pods of a claim cannot be listed: the claim counts as used, on every node."""


@dataclass(frozen=True, slots=True)
class ReadClaim:
    """A query for the volume behind a PersistentVolumeClaim that a user owns."""

    key: Key


@dataclass(frozen=True, slots=True)
class ClaimVolume:
    """The volume behind a user's claim.

    Attributes:
        csi: Its CSI source; None for a volume of another sort.
        mount_options: How it wants to be mounted.
    """

    csi: CSIPersistentVolumeSource | None = None
    mount_options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedCreate:
    """A query for why the API server takes no pods of a workload, which has fewer than it should.

    It is repeated with back-off as long as passes ask it, and never sent if the first pass was the last.
    """

    workload: Key
    uid: str


Query = Exec | ReadConfigMap | ClaimUsers | ReadClaim | FailedCreate


@dataclass(frozen=True, slots=True)
class Results:
    """The results of queries so far; a query without an entry is not answered yet."""

    commands: Mapping[Exec, ExecResult] = field(default_factory=dict[Exec, ExecResult])
    config_maps: Mapping[ReadConfigMap, frozenset[str] | None] = field(
        default_factory=dict[ReadConfigMap, frozenset[str] | None]
    )
    claim_users: Mapping[ClaimUsers, tuple[ClaimUser, ...]] = field(
        default_factory=dict[ClaimUsers, tuple[ClaimUser, ...]]
    )
    claim_volumes: Mapping[ReadClaim, ClaimVolume | None] = field(
        default_factory=dict[ReadClaim, ClaimVolume | None]
    )
    """None for a claim that is absent or not Bound."""
    fresh: frozenset[Query] = frozenset()
    """Queries whose results no pass has seen yet, so that each failure counts once."""
    refusals: Mapping[FailedCreate, str] = field(default_factory=dict[FailedCreate, str])
    """The API server's words; "" when it refuses none."""
