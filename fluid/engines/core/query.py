"""What every query is: a frozen dataclass that knows the facts by which it is run.

Handler and rights of a kind of query are a `QueryKind`. The operator has those of
`fluid.engines.core.queries`; a registration brings those of an engine's own.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, Self, TypeVar

from fluid.kube import Connection
from fluid.models import PolicyRule
from fluid.types import Key, KubeObject
from fluid.types.typed_key import TypedKey

A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)
M = TypeVar("M", bound=KubeObject)
Pool = Literal["command", "sample", "read"]
"""Where a query waits for its turn: with those that change caches, bring figures, or read objects."""
LONGEST = 600.0
"""Seconds that any query may take, whatever it says."""


class Documents(Protocol):
    """The objects that `fluid render` was given."""

    def find(self, kind: type[M], key: Key) -> M | None:
        """The object with this key; raises `InvalidSpec` for a kind of which an object stands there twice."""
        ...


@dataclass(frozen=True, slots=True)
class Assumption(Generic[A_co]):
    """The answer that a query is taken to have where there is no cluster."""

    answer: A_co


@dataclass(frozen=True, slots=True)
class Query(TypedKey[A_co], ABC, Generic[A_co]):
    """A question whose answer is an A: equal queries are one, and are asked once.

    Guarantees:
        A success answers one pass. A failure stays the answer until its back-off has passed.
    Assumptions:
        A subclass is a frozen dataclass of hashable fields, and its facts follow from the fields alone.
    """

    @property
    @abstractmethod
    def namespace(self) -> str:
        """The namespace whose share of the slots it takes."""

    @abstractmethod
    def unanswered(self, reason: str) -> A_co:
        """The answer that says that nobody could find out.

        Args:
            reason: Why, for people.
        """

    def is_failure(self, answer: object) -> bool:
        """Whether it is to be asked again with back-off; by default for what stands for no answer."""
        return answer == self.unanswered("")

    @property
    def about(self) -> str:
        """What is asked, for logs and messages."""
        return f"{type(self).__name__} in namespace {self.namespace}"

    @property
    def pool(self) -> Pool:
        """Whose turn it waits for; a sample counts as a command until the runtime is registered."""
        return "read"

    @property
    def in_background(self) -> bool:
        """Whether the pass may be complete without it: it may take minutes, and nothing else waits for it."""
        return False

    @property
    def lasting(self) -> bool:
        """Whether it is about something that lasts: repeated with back-off for as long as passes ask it."""
        return False

    @property
    def deadline(self) -> float:
        """Seconds that its handler may take once it has its turn; never more than `LONGEST`."""
        return 30.0

    def assumed(self, documents: Documents) -> Assumption[A_co] | None:
        """What `fluid render` takes for the answer; None: what needs it cannot be rendered.

        Args:
            documents: The objects that it was given.
        """
        return None

    @classmethod
    def answered_by(
        cls, handle: Callable[[Connection, Self], Awaitable[A_co]], rules: Sequence[PolicyRule] = ()
    ) -> "QueryKind":
        """The kind of these queries.

        Args:
            handle: Finds out. It is cancelled at the deadline; what it raises is logged, and the query's
                `unanswered` is the answer.
            rules: What it asks of the API server; the operator gets these rights.
        """

        async def checked(connection: Connection, query: Query[object]) -> object:
            assert isinstance(query, cls), "a handler is found by the type of the query"
            return await handle(connection, query)

        return QueryKind(cls, checked, tuple(rules))


@dataclass(frozen=True, slots=True)
class Said:
    """What a pod answered.

    Attributes:
        text: The answer; None if there is none.
        problem: Rest of a sentence on what failed, such as "failed with exit code 1"; empty if nothing did.
        words: What people are shown: why it failed, or the answer.
    """

    text: str | None
    problem: str
    words: str


@dataclass(frozen=True, slots=True)
class PodQuery(Query[A_co]):
    """A query to a pod, which answers with a text.

    Attributes:
        pod: The pod.
    """

    pod: Key

    @property
    def namespace(self) -> str:
        """The namespace of the pod."""
        return self.pod.namespace

    @property
    @abstractmethod
    def request(self) -> str:
        """What is asked, such as the command."""

    @property
    def about(self) -> str:
        """The request and the pod."""
        return f"`{self.request}` in pod {self.pod}"

    @abstractmethod
    def said(self, answer: object) -> Said:
        """What one of its answers says."""


AnyQuery = Query[object]
"""A query of any kind."""


@dataclass(frozen=True, slots=True)
class QueryKind:
    """How the queries of one type are answered, and which rights that takes; `Query.answered_by` makes it.

    Attributes:
        query: The type.
        handle: Finds out what one of them asks.
        rules: What it asks of the API server.
    """

    query: type[AnyQuery]
    handle: Callable[[Connection, AnyQuery], Awaitable[object]]
    rules: tuple[PolicyRule, ...] = ()

    @property
    def name(self) -> str:
        """Module and name of the type."""
        return type_name(self.query)


def type_name(query: type[AnyQuery]) -> str:
    """Module and name of a type of queries."""
    return f"{query.__module__}.{query.__qualname__}"
