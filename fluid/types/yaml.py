"""YAML that every reader interprets in the same way."""

import re
from collections.abc import Sequence
from typing import IO

import yaml
from pydantic import JsonValue

# Words and numbers that YAML 1.1, YAML 1.2 and Go's reader disagree about: written in quotes.
_AMBIGUOUS = re.compile(
    r"[-+.]?[0-9].*|[-+.].*|y|n|yes|no|on|off|true|false|null|~|", re.IGNORECASE | re.DOTALL
)
# What YAML takes for line breaks or byte order marks wherever it stands unescaped.
_LINE_BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")


class _Dumper(yaml.SafeDumper):
    """Quotes ambiguous strings and never writes anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "'" if _AMBIGUOUS.fullmatch(text) else "|" if "\n" in text else None
    if _LINE_BREAKS.search(text):
        style = '"'
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump_yaml(*documents: JsonValue | Sequence[JsonValue]) -> str:
    """Write JSON values as YAML documents, separated by `---`, keys in their order."""
    return yaml.dump_all(
        documents,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=2**31,
        explicit_start=len(documents) > 1,
    )


def load_yaml(source: str | IO[str]) -> list[JsonValue]:
    """Read all YAML documents of a text; empty documents are left out.

    Raises:
        ValueError: The text is no YAML; the message has line and column.
    """
    try:
        return [document for document in yaml.safe_load_all(source) if document is not None]
    except yaml.YAMLError as error:
        raise ValueError(f"not valid YAML: {error}") from error
