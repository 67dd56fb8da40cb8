"""The tests that an author inherits: conformance of what an engine renders, equality, and golden files."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from typing import ClassVar

import pytest

from fluid.engines.core.registry import ENGINES
from fluid.engines.core.settings import Settings
from fluid.engines.testing import golden, processes
from fluid.engines.testing.chart_defaults import broken_defaults
from fluid.engines.testing.dry_run import asked
from fluid.engines.testing.examples import Example, read_examples
from fluid.engines.testing.hostile import Field, broken, fields
from fluid.engines.testing.planting import exposed
from fluid.engines.testing.plugin import KUBECONFIG, WRITE_GOLDEN
from fluid.engines.testing.policies import untrue
from fluid.engines.testing.rendering import Make, kinds_of, make, registration_by
from fluid.engines.testing.rules.all import RULES
from fluid.models import Dataset

PLAIN_CREDENTIALS = "plain_credentials"
"""Rule that a user who writes a credential into `options` is told, or refused."""
_SHOWN = 20
"""Findings that one failure lists."""


@dataclass(frozen=True)
class Subject:
    """An engine, and the specs that it is proven with.

    Attributes:
        registration: The function that its entry point names, or the name of the entry point.
        specs: Folder of the examples; golden files are in its folder `golden`.
        settings: What the administrator set.
        waived: Rules that the engine breaks on purpose, each with the reason.
    """

    registration: Make | str
    specs: Path
    settings: Settings = dataclasses.field(default_factory=Settings)
    waived: Mapping[str, str] = dataclasses.field(default_factory=dict[str, str])

    @cached_property
    def make(self) -> Make:
        """The function that makes the registration.

        Raises:
            ValueError: There is no entry point of that name.
        """
        if not isinstance(self.registration, str):
            return self.registration
        for entry in entry_points(group=ENGINES, name=self.registration):
            found: Make = entry.load()
            return found
        raise ValueError(
            f"no entry point {self.registration!r} in the group {ENGINES}; install the distribution"
        )

    @cached_property
    def examples(self) -> Mapping[str, Example]:
        """The examples by name."""
        found = read_examples(self.specs, kinds_of(self.make))
        return {one.name: one for one in found}

    @cached_property
    def fields(self) -> list[Field]:
        """All text fields of the examples."""
        kinds = [Dataset, *kinds_of(self.make)]
        return [found for one in self.examples.values() for found in fields(one, kinds)]


class Conformance:
    """Tests of what an engine renders; a subclass names the engine as `subject`."""

    subject: ClassVar[Subject]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test for each example, rule and hostile text."""
        if "example" in metafunc.fixturenames:
            metafunc.parametrize("example", list(self.subject.examples))
        if "rule" in metafunc.fixturenames:
            metafunc.parametrize("rule", list(RULES))
        if "field" in metafunc.fixturenames:
            metafunc.parametrize("field", self.subject.fields, ids=lambda one: f"{one.example.name}-{one}")

    def test_what_is_rendered_keeps_the_rule(self, example: str, rule: str) -> None:
        """Each rule, for each example."""
        if reason := self.subject.waived.get(rule):
            pytest.skip(f"waived: {reason}")
        made = make(self.subject.make, self.subject.examples[example], self.subject.settings)
        _fail_with(list(RULES[rule](made)))

    def test_hostile_texts_are_data_or_are_refused(self, field: Field) -> None:
        """Each text field of Dataset, runtime, and what the runtime names."""
        _fail_with(list(broken(field, self.subject.make, self.subject.settings)))

    def test_plain_credentials_are_refused_or_told(self, example: str) -> None:
        """Each credential of the example, written into the options of its mount in place of its Secret."""
        subject = self.subject
        if reason := subject.waived.get(PLAIN_CREDENTIALS):
            pytest.skip(f"waived: {reason}")
        _fail_with(list(exposed(subject.examples[example], subject.make, subject.settings)))

    def test_the_chart_renders_with_its_values_yaml(self) -> None:
        """The values model takes the file too: an author tries a chart with it before the engine is there."""
        subject = self.subject
        _fail_with(
            list(broken_defaults(subject.make, next(iter(subject.examples.values())), subject.settings))
        )

    def test_a_change_needs_no_more_than_its_update_policy(self, example: str) -> None:
        """Each field of the runtime that the example sets, with another value."""
        subject = self.subject
        _fail_with(list(untrue(subject.examples[example], subject.make, subject.settings)))

    def test_rendering_again_gives_the_same(self, example: str) -> None:
        """With a memory of nothing, and again with what the engine remembers."""
        subject, one = self.subject, self.subject.examples[example]
        first, second = (make(subject.make, one, subject.settings) for _ in range(2))
        registration = registration_by(subject.make)
        third, fourth = (make(lambda: registration, one, subject.settings) for _ in range(2))
        wanted = golden.written(first.objects)
        for other in (second, third, fourth):
            if golden.written(other.objects) != wanted:
                pytest.fail(
                    f"example {example} is rendered in two ways. Take clocks, random values and the order"
                    " of sets"
                    " out of values() and the chart.",
                    pytrace=False,
                )

    def test_other_processes_render_the_same(self) -> None:
        """With other hash seeds: sets and dictionaries of strings come in another order there."""
        spelling = processes.importable(self.subject.make)
        if spelling is None:
            pytest.skip("the registration is not a function of a module that another process can import")
        first, second = processes.renderings(spelling, self.subject.specs)
        if first != second:
            pytest.fail(
                "Two processes render the examples in two ways: every restart of the operator would"
                " change objects."
                " Sort sets before they go into values.",
                pytrace=False,
            )

    def test_what_is_rendered_is_golden(self, example: str, request: pytest.FixtureRequest) -> None:
        """As it was when somebody last looked at it; the option of the plug-in writes it anew."""
        subject = self.subject
        objects = make(subject.make, subject.examples[example], subject.settings).objects
        path = subject.specs / "golden" / f"{example}.yaml"
        if request.config.getoption(WRITE_GOLDEN, default=False):
            golden.write(path, objects)
        if problem := golden.compare(path, objects):
            pytest.fail(problem, pytrace=False)

    def test_an_api_server_takes_what_is_rendered(self, example: str, request: pytest.FixtureRequest) -> None:
        """By a dry run at the cluster that the option of the plug-in names; skipped without."""
        kubeconfig = request.config.getoption(KUBECONFIG, default="")
        if not kubeconfig:
            pytest.skip(f"no cluster to ask: name one with {KUBECONFIG} FILE")
        subject = self.subject
        made = make(subject.make, subject.examples[example], subject.settings)
        if problem := asked(made.objects, kubeconfig):
            pytest.fail(f"example {example}: {problem}", pytrace=False)


def _fail_with(findings: list[str]) -> None:
    if findings:
        more = [f"... and {len(findings) - _SHOWN} more"] if len(findings) > _SHOWN else []
        pytest.fail("\n".join([*findings[:_SHOWN], *more]), pytrace=False)
