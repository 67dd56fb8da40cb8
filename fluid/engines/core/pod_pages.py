"""Pages that the runtime's own pods serve over HTTP, such as metrics in Prometheus' text format."""

from collections.abc import Iterable
from dataclasses import dataclass

from fluid.engines.core.checks import UnfitError
from fluid.engines.core.query import AnyQuery, PodQuery, Pool, Said
from fluid.kube import OUTPUT
from fluid.models import Pod


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a pod served.

    Attributes:
        text: The page; empty on failure.
        error: Why there is none; empty on success.
    """

    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class HttpGet(PodQuery[HttpAnswer]):
    """A query to one of the runtime's own pods: `GET http://ADDRESS:PORT/PATH`, for figures.

    `HttpGet.of` makes it of pods of the snapshot. A pass that asks another pod, or another address, fails.

    Attributes:
        address: The pod's IP address, as its status has it.
        port: Where it serves the page.
        path: Path and query, printable ASCII.
        lines: Beginnings of the lines that are kept, such as names of metrics; every line without any.
        timeout: Seconds until the page must be complete.
        limit: Characters of the lines that are kept: more of them are a failure, as the image is a tenant's.
            Of the page itself at most 1 MiB is read.
    """

    address: str
    port: int
    path: str
    lines: tuple[str, ...] = ()
    timeout: float = 5.0
    limit: int = OUTPUT

    @classmethod
    def of(
        cls, pods: Iterable[Pod], port: int, path: str = "/metrics", lines: Iterable[str] = ()
    ) -> "list[HttpGet]":
        """A query to each of some pods of the snapshot; none to those without an address, or in deletion."""
        return [
            cls(pod.key, address, port, path, tuple(lines))
            for pod in pods
            if pod.metadata.deletion_timestamp is None and (address := address_of(pod))
        ]

    def unanswered(self, reason: str) -> HttpAnswer:
        """No page, and the reason."""
        return HttpAnswer("", reason or "no answer")

    def is_failure(self, answer: object) -> bool:
        """Whether there is no page."""
        return not (isinstance(answer, HttpAnswer) and not answer.error)

    @property
    def request(self) -> str:
        """Method, port and path."""
        return f"GET :{self.port}{self.path}"

    def said(self, answer: object) -> Said:
        """The page, or why there is none."""
        assert isinstance(answer, HttpAnswer), "as its handler gives"
        return Said(None, "failed", answer.error) if answer.error else Said(answer.text, "", answer.text)

    @property
    def pool(self) -> Pool:
        """Figures."""
        return "sample"

    @property
    def deadline(self) -> float:
        """A little more than `timeout`: what reads the page bounds it, and says so."""
        return self.timeout + 1.0


def refuse_strangers(queries: Iterable[AnyQuery], pods: Iterable[Pod]) -> None:
    """Let nothing be read over HTTP but a runtime's own pods, whatever an engine derives from a spec.

    Raises:
        UnfitError: A query names another pod, or another address than the pod has.
    """
    own = {(pod.key, address) for pod in pods if (address := address_of(pod))}
    for query in queries:
        if isinstance(query, HttpGet) and (query.pod, query.address) not in own:
            where = f"{query.pod} at {query.address!r}"
            raise UnfitError("a step", f"asks {where[:300]}, which is no pod of the runtime")


def address_of(pod: Pod) -> str:
    """The IP address that a live pod's status has; "" while it has none."""
    return (pod.status.pod_ip if pod.status else None) or ""
