"""Update policies against what changes: other values in the fields of a runtime, and what becomes of them."""

import re
from collections.abc import Iterator

from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.settings import Settings
from fluid.engines.testing.examples import Example, spec_of
from fluid.engines.testing.rendering import Make, attempt, registration_by
from fluid.engines.testing.updates import needed
from fluid.types import AuthoringError, update_at
from fluid.types.updates import ORDER

_NUMBER = re.compile(r"[0-9]+")
Change = tuple[str, JsonValue]
"""Path of a field, and the whole spec with another value in it."""


def untrue(example: Example, registered: Make, settings: Settings) -> Iterator[str]:
    """The fields of the example's runtime of which a change needs more than its schema says."""
    kind = registration_by(registered).kind
    before = attempt(registered, example, settings)
    if isinstance(before, InvalidSpec):
        return
    if update_at(kind.updates, "spec") is None:
        fix = "Write x-fluid-update at its spec, and run `fluid codegen`"
        yield f"{kind.__name__} has no update policies. {fix}."
        return
    for path, spec in _changes(spec_of(example, kind), "spec"):
        try:
            after = attempt(registered, example.with_spec(kind, spec), settings)
        except AuthoringError:
            continue  # another value than the schema knows
        if isinstance(after, InvalidSpec):
            continue
        said, found = update_at(kind.updates, path), needed(before.objects, after.objects)
        if said is None or ORDER.index(found) > ORDER.index(said):
            yield (
                f"{kind.__name__} {path} is {said!r}, but a change of it is {found!r}: users are told the"
                f" wrong next step. Write `x-fluid-update: {found}` beside the field, or take its value out"
                " of what pods are made of."
            )


def _changes(value: JsonValue, path: str) -> Iterator[Change]:
    """Each field below a value once with another value, in the value as a whole."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from ((at, {**value, name: new}) for at, new in _changes(item, f"{path}.{name}"))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            places = _changes(item, f"{path}[{index}]")
            yield from ((at, [*value[:index], new, *value[index + 1 :]]) for at, new in places)
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, int | float):
        yield path, value + 1
    elif isinstance(value, str):
        yield path, _NUMBER.sub(lambda found: str(int(found[0]) + 1), value, count=1)
        yield path, f"{value}z"
