"""Bodies of requests: JSON that a reader of YAML, which an apply is read by, takes for the same."""

import json
import unicodedata

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fluid.kube.wire import decode, encode
from tests import strategies

# What Go's reader of YAML refuses when it stands there raw, and what it takes for a line break and folds.
ODD = [*map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"]


@pytest.mark.parametrize("character", ODD, ids=lambda character: f"U+{ord(character):04X}")
def test_what_yaml_cannot_carry_raw_is_escaped(character: str) -> None:
    body = encode({"a": f"s3://b/{character}{character}x", character: "é😀"})
    assert character not in body.decode()
    assert f"\\u{ord(character):04x}" in body.decode()
    assert decode(body) == {"a": f"s3://b/{character}{character}x", character: "é😀"}


def test_what_both_read_alike_is_sent_as_it_is() -> None:
    text = "é😀\u00a0\u200b\u202e"
    assert encode({"a": text}) == ('{"a":"' + text + '"}').encode()
    assert unicodedata.name(text[-1]) == "RIGHT-TO-LEFT OVERRIDE"


@given(st.dictionaries(strategies.any_text(), st.lists(strategies.any_text(), max_size=3), max_size=3))
def test_json_and_yaml_read_the_same(document: dict[str, list[str]]) -> None:
    body = encode(document).decode()
    assert json.loads(body) == yaml.safe_load(body) == document
