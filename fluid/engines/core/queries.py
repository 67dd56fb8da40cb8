"""Queries of engines and their results: commands, ConfigMaps, claims, refused pods."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from fluid.engines.core.query import (
    LONGEST,
    A,
    A_co,
    AnyQuery,
    Assumption,
    Documents,
    PodQuery,
    Pool,
    Query,
    Said,
)
from fluid.kube import OUTPUT, ExecResult
from fluid.models import CSIPersistentVolumeSource, PersistentVolume, PersistentVolumeClaim
from fluid.types import Key

_HADOOP_FILES = frozenset({"hdfs-site.xml"})
_OPTION = re.compile(r"^(-{0,2}[A-Za-z_][\w.-]*=).+$", re.DOTALL)
"""What a user's ConfigMap is taken to have: the one file that has always been mounted."""


@dataclass(frozen=True, slots=True)
class Results:
    """The results of queries so far; a query that is not `in` here is not answered yet."""

    answers: Mapping[AnyQuery, object] = field(default_factory=dict[AnyQuery, object])
    fresh: frozenset[AnyQuery] = frozenset()
    """Queries whose results no pass has seen yet, so that each failure counts once."""

    def get(self, query: Query[A]) -> A | None:
        """The answer; None as well when there is none yet."""
        return query.read(self.answers[query]) if query in self.answers else None

    def __getitem__(self, query: Query[A]) -> A:
        return query.read(self.answers[query])

    def __contains__(self, query: AnyQuery) -> bool:
        return query in self.answers


@dataclass(frozen=True, slots=True)
class Exec(PodQuery[ExecResult]):
    """A query to the cache: one command in one container, bounded by `timeout` seconds."""

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

    def unanswered(self, reason: str) -> ExecResult:
        """A failed command whose error output is the reason."""
        return ExecResult(exit_code=-1, stdout="", stderr=reason)

    def is_failure(self, answer: object) -> bool:
        """Whether the command failed."""
        return not (isinstance(answer, ExecResult) and answer.exit_code == 0)

    @property
    def request(self) -> str:
        """The command; of options ``NAME=VALUE`` the name alone, as a value may be a credential."""
        return " ".join(_OPTION.sub(r"\1...", word) for word in self.command)

    def said(self, answer: object) -> Said:
        """Its output, or with which exit code it failed."""
        assert isinstance(answer, ExecResult), "as its handler gives"
        failed, words = answer.exit_code != 0, answer.stderr or answer.stdout
        if failed:
            return Said(None, f"failed with exit code {answer.exit_code}", words)
        return Said(answer.stdout, "", words)

    @property
    def pool(self) -> Pool:
        """Figures or changes."""
        return "sample" if self.sample else "command"

    @property
    def in_background(self) -> bool:
        """As it says."""
        return self.background

    @property
    def deadline(self) -> float:
        """The longest: what runs the command bounds it by `timeout`, and says so."""
        return LONGEST


@dataclass(frozen=True, slots=True)
class _ObjectQuery(Query[A_co]):
    """A query about the object of a key."""

    key: Key

    @property
    def namespace(self) -> str:
        """The namespace of the object."""
        return self.key.namespace

    @property
    def about(self) -> str:
        """What is asked, with the key."""
        return f"{type(self).__name__} {self.key}"

    @property
    def deadline(self) -> float:
        """The longest: each request has a deadline of its own."""
        return LONGEST


@dataclass(frozen=True, slots=True)
class ReadConfigMap(_ObjectQuery[frozenset[str] | None]):
    """A query for the keys of a user's ConfigMap; None for one that is absent or unreadable."""

    def unanswered(self, reason: str) -> None:
        """The same as an absent one."""

    def assumed(self, documents: Documents) -> Assumption[frozenset[str] | None]:
        """One that can be used."""
        return Assumption(_HADOOP_FILES)


@dataclass(frozen=True, slots=True)
class ClaimUser:
    """A pod that uses a claim, and the node it runs on ("" before it is scheduled)."""

    name: str
    node: str
    uid: str = ""


UNKNOWN_USER = ClaimUser("unknown (pods cannot be listed)", "")
"""A placeholder if the pods of a claim cannot be listed: the claim counts as used, on every node."""


@dataclass(frozen=True, slots=True)
class ClaimUsers(_ObjectQuery[tuple[ClaimUser, ...]]):
    """A query for the pods that use a PersistentVolumeClaim and have not finished."""

    deletion: str = ""
    """The deletion that the query is about: a result from before it does not count."""

    def unanswered(self, reason: str) -> tuple[ClaimUser, ...]:
        """Somebody unknown uses it."""
        return (UNKNOWN_USER,)


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
class ReadClaim(_ObjectQuery[ClaimVolume | None]):
    """A query for the volume behind a user's claim; None for one that is absent or not Bound."""

    def unanswered(self, reason: str) -> None:
        """The same as an absent one."""

    def assumed(self, documents: Documents) -> Assumption[ClaimVolume | None]:
        """What the documents say: claims and volumes may be documents too."""
        claim = documents.find(PersistentVolumeClaim, self.key)
        name = (claim.spec.volume_name if claim and claim.spec else None) or ""
        volume = documents.find(PersistentVolume, Key("", name))
        spec = volume.spec if volume else None
        return Assumption(ClaimVolume(spec.csi, tuple(spec.mount_options or ())) if spec else ClaimVolume())


@dataclass(frozen=True, slots=True)
class FailedCreate(Query[str | None]):
    """A query for why the API server takes no pods of a workload, which has fewer than it should.

    The answer is the API server's words, "" when it refuses none. Never sent if the first pass was the last.
    """

    workload: Key
    uid: str

    @property
    def namespace(self) -> str:
        """The namespace of the workload."""
        return self.workload.namespace

    def unanswered(self, reason: str) -> None:
        """The events cannot be read now: what is known of them stays."""

    @property
    def about(self) -> str:
        """The workload."""
        return f"events of {self.workload}"

    @property
    def lasting(self) -> bool:
        """For as long as pods lack."""
        return True

    @property
    def deadline(self) -> float:
        """The longest: each request has a deadline of its own."""
        return LONGEST
