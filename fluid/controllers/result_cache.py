"""What is known of the results to one key's queries, until a pass has used them."""

from dataclasses import dataclass, field

from fluid.controllers.query_executor import Finding
from fluid.engines.core.query import AnyQuery


@dataclass
class ResultCache:
    """What is known for one key."""

    answers: dict[AnyQuery, object] = field(default_factory=dict[AnyQuery, object])
    refused: set[AnyQuery] = field(default_factory=set[AnyQuery])
    """Queries that have to be asked again: those that failed, and those that have no answer at all."""
    fresh: set[AnyQuery] = field(default_factory=set[AnyQuery])
    running: set[AnyQuery] = field(default_factory=set[AnyQuery])
    failures: int = 0
    useless: bool = False
    """The engine could not use an answer."""
    expired: bool = False
    """The failures in here have waited long enough: the next pass asks again."""

    def note(self, query: AnyQuery, finding: Finding | None) -> None:
        """Write down what came of a query; None for one that has no answer."""
        if finding is not None:
            self.answers[query] = finding.answer
        if finding is None or finding.failed:
            self.refused.add(query)

    def clear(self) -> None:
        """Forget the results: the next pass looks anew."""
        self.answers.clear()
        self.refused.clear()
        self.useless = self.expired = False

    def knows(self, query: AnyQuery) -> bool:
        """Whether a query is answered, or about to be."""
        return query in self.answers or query in self.running or query in self.refused

    @property
    def failed(self) -> bool:
        """Whether there is an answer in here that has to be asked for again."""
        return self.useless or bool(self.refused)
