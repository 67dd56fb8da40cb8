"""Documents of users are read within bounds: what JSON cannot say is refused with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from fluid.types.documents import MOST_DEPTH, MOST_VALUES, read_documents
from fluid.types.yaml import dump_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)
MERGED = "a0: &a0 {k: 1, l: 2}\n" + "".join(
    f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 40)
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, width=32)
    | st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\ufffe\uffff")
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc<", min_size=1), inner, max_size=3)
    ),
    max_leaves=12,
).filter(lambda value: "<<" not in str(value) and "inf" not in str(value))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' stands twice"),
        ("[" * 200_000, f"line 1, column {MOST_DEPTH + 1}: nested more than {MOST_DEPTH} levels deep"),
        ("- " * 50_000, "nested more than"),
        ("{a: " * 50_000, "nested more than"),
        (BOMB, f"more than {MOST_VALUES} values"),
        (MERGED, f"more than {MOST_VALUES} values"),
        ("a: &a [*a]", "refers to a value that it is part of"),
        ("a: *b", "not valid YAML|not there"),
        ("a: " + "9" * 100_000, "line 1, column 4: a number of more than 40 characters"),
        ("a: " + ":".join(["1"] * 100_000), "a number of more than 40 characters"),
        ("a: .inf", ".inf is no number that JSON has"),
        ("a: .nan", ".nan is no number that JSON has"),
        ("a: !!int x", "'x' is no number"),
        ("!!set {a, b}", "a tag of YAML that JSON has no value for"),
        ("a: !!binary aGk=", "a tag of YAML that JSON has no value for"),
        ("a: !!python/object/apply:os.system [x]", "a tag of YAML that JSON has no value for"),
        ("? [a]\n: b", "a key that is no text"),
        ("<<: 1", "<< merges what is no mapping"),
        ('a: "\\ud800"', "not valid YAML"),
        ("a: \x00", "not valid YAML"),
        ("---\na: 1\n" * 1001, "more than 1000 documents"),
        ("a" * (4 * 1024 * 1024 + 1), "more than 4 Mi characters"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_what_no_object_can_be_is_refused_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        read_documents(text)
    assert len(str(caught.value)) < 300


def test_what_kubectl_reads_is_read_alike() -> None:
    text = (
        "when: 2024-01-01\non: yes\n1: ~\nsame: &s {a: 1, b: 2}\nmerged: {<<: *s, b: 3}\n---\n---\n[1, .5]\n"
    )
    first: JsonValue = {
        "when": "2024-01-01",
        "on": True,
        "1": None,
        "same": {"a": 1, "b": 2},
        "merged": {"b": 3, "a": 1},
    }
    assert read_documents(text) == [first, [1, 0.5]]


@given(value=VALUES)
def test_what_was_written_is_read_again(value: JsonValue) -> None:
    assert read_documents(dump_yaml(value)) == ([] if value is None else [value])
