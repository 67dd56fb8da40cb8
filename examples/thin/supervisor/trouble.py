"""What is wrong now, and who is told: the readiness probe always, the pod's status once for each problem."""

import sys

import configuration
import words

STEADY = 3
"""Failures of one kind after which a further problem is told: each costs the kubelet's back-off."""


class Trouble:
    """What is wrong with a client.

    Attributes:
        said: What is wrong; empty if nothing is.
        failures: How often in a row it was that.
    """

    def __init__(self) -> None:
        self.said = ""
        self.failures = 0
        self._settled = False

    def tell(self, problem: str) -> None:
        """Keep what is wrong for the probe, and print it if it is new."""
        problem = words.without(configuration.secrets(), problem)
        same = words.kind_of(problem) == words.kind_of(self.said)
        self.failures = self.failures + 1 if same else 1
        if not same:
            words.log(problem)
        self.said = problem
        configuration.private_file("problem", problem + "\n")

    def fine(self) -> None:
        """Nothing is wrong any more."""
        if self.said:
            words.log("all is well again")
        self.said, self.failures = "", 0
        (configuration.SCRATCH / "problem").unlink(missing_ok=True)

    def settle(self) -> None:
        """The client has been seen at work: what was told is over."""
        self._settled = True
        (configuration.SCRATCH / "told").unlink(missing_ok=True)

    def is_news(self) -> bool:
        """Whether the container is to end, so that the problem is seen in the pod's status."""
        told = configuration.SCRATCH / "told"
        before = told.read_text() if told.exists() else ""
        wanted = STEADY if before or self._settled else 1
        return words.kind_of(self.said) != before and self.failures >= wanted

    def end_container(self) -> None:
        """End with the problem as the last words."""
        configuration.private_file("told", words.kind_of(self.said))
        sys.exit(self.said)
