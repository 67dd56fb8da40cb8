"""Hostile texts: what a tenant may write into a text field, and whether it stays data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.settings import Settings
from fluid.engines.testing.examples import Example, spec_of
from fluid.engines.testing.rendering import Made, Make, attempt
from fluid.engines.testing.rules.all import ALWAYS
from fluid.engines.testing.structure import differences, texts
from fluid.types import AuthoringError, KubeObject

HOSTILE: Mapping[str, str] = MappingProxyType(
    {
        "quotes": "'\"\\",
        "YAML": "a: b # c",
        "YAML list": "- a\n- b",
        "YAML document": "\n---\nkind: Pod\n...\n",
        "YAML tag": "!!python/object:x &a *a",
        "Jinja": "{{ 7*7 }}{% raw %}{# x",
        "shell": "$(id) `id` ${HOME}; rm -rf / | cat",
        "XML": "<x>&amp;]]>",
        "section": "\n[section]\nkey = value",
        "NUL": "a\x00b",
        "control characters": "a\x1b[31m\x07\x7f\r\n\tb",
        "line separators": "a\u2028\u2029\x85\ufeffb",
        "Unicode": "é😀\u202e",
        "YAML boolean": "yes",
        "YAML number": "0x1F",
        "parent directory": "../../../etc",
        "very long": "x" * 10_240,
    }
)
"""Texts by what they try."""
HARMLESS = "harmless"
Place = tuple[str | int, ...]
"""Keys and indexes that lead to a text in a spec."""


@dataclass(frozen=True)
class Field:
    """One text field of an example.

    Attributes:
        example: The example.
        kind: Kind of the object that has the field.
        place: Where the field is in the spec.
    """

    example: Example
    kind: type[KubeObject]
    place: Place

    def __str__(self) -> str:
        """The field as messages show it."""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.place)
        return f"{self.kind.__name__} spec{''.join(parts)}"

    def with_text(self, text: str, *, behind: bool) -> Example | None:
        """The example with a text in the field, or behind what it has; None if the schema refuses it."""
        try:
            spec = _replaced(spec_of(self.example, self.kind), self.place, text, behind)
            return self.example.with_spec(self.kind, spec)
        except AuthoringError:
            return None


def fields(example: Example, kinds: Sequence[type[KubeObject]]) -> list[Field]:
    """Every text field of the example's objects of some kinds."""
    there = [kind for kind in kinds if any(isinstance(one, kind) for one in example.objects)]
    return [Field(example, kind, place) for kind in there for place in _places(spec_of(example, kind))]


def broken(field: Field, registered: Make, settings: Settings) -> Iterator[str]:
    """What is wrong with what becomes of hostile texts in a field; nothing when they are data or refused."""
    whole = attempt(registered, field.example, settings)
    assert isinstance(whole, Made), f"example {field.example.name} is refused: {whole}"
    behind, calm = False, None
    for behind in (False, True):  # some fields ask for a beginning, such as the scheme of an address
        harmless = field.with_text(HARMLESS, behind=behind)
        calm = attempt(registered, harmless, settings) if harmless else None
        if isinstance(calm, Made):
            break
    for text in HOSTILE.values():
        hostile = field.with_text(text, behind=behind)
        if hostile is not None:
            told = f"example {field.example.name}, {field} = {text[:40]!r}"
            for problem in _outcome(hostile, text, whole, calm, registered, settings):
                yield f"{told}: {problem}"


def _outcome(
    hostile: Example,
    text: str,
    whole: Made,
    calm: Made | InvalidSpec | None,
    registered: Make,
    settings: Settings,
) -> Iterator[str]:
    try:
        made = attempt(registered, hostile, settings)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is the finding
        yield f"{type(error).__name__} is raised: {str(error)[:200]}. Refuse the text with InvalidSpec."
        return
    if isinstance(made, InvalidSpec):
        return
    for rule in ALWAYS.values():
        yield from rule(made)
    base = calm if isinstance(calm, Made) else whole
    for difference in differences(base.objects, made.objects):
        yield (
            f"{difference}. The text broke out of its field: write it with `to_yaml` in the chart, encode"
            " it for"
            " the file that it is in, or refuse it with InvalidSpec."
        )
    arrives = isinstance(calm, Made) and any(HARMLESS in one for one in texts(calm.objects))
    if arrives and not any(text.strip() in one for one in texts(made.objects)):
        yield (
            "a harmless text arrives in the objects, and this one is changed or lost without a word. Pass"
            " it on as"
            " it is, or refuse it with InvalidSpec."
        )


def _places(value: JsonValue, place: Place = ()) -> Iterator[Place]:
    if isinstance(value, str):
        yield place
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*place, index))


def _replaced(value: JsonValue, place: Place, text: str, behind: bool) -> JsonValue:
    if not place:
        return f"{value}{text}" if behind else text
    first, *rest = place
    if isinstance(value, dict):
        return {
            key: _replaced(item, tuple(rest), text, behind) if key == first else item
            for key, item in value.items()
        }
    assert isinstance(value, list), "a place leads through mappings and lists"
    return [
        _replaced(item, tuple(rest), text, behind) if index == first else item
        for index, item in enumerate(value)
    ]
