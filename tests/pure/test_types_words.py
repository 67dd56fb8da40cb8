"""Text of anybody in a condition or an event: bounded, on one line, and nothing in it that cannot be seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.types import fit
from tests import strategies


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a Dataset is Bound", "a Dataset is Bound"),
        ("é 😀", "é 😀"),
        ("two\nlines\r\n  and\ttabs\x85ended\u2028here", "two lines and tabs ended here"),
        ("del\x7f c1\x80\x9f nul\x00 esc\x1b", r"del\x7f c1\x80\x9f nul\x00 esc\x1b"),
        ("right\u202eto left, \ufeff mark, \ud800 half", r"right\u202eto left, \ufeff mark, \ud800 half"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_what_it_is(text: str, shown: str) -> None:
    assert fit(text) == shown


def test_a_long_text_is_cut_at_the_end_of_a_word() -> None:
    assert fit("the quick brown fox", 14) == "the quick ..."
    assert fit("x" * 30, 14) == "x" * 10 + " ..."
    assert fit("the quick fox.", 14) == "the quick fox."
    assert fit("\x00" * 10_000_000, 400).endswith(" ...")


@given(st.text(), st.integers(10, 60))
def test_any_text_becomes_printable_and_short_and_stays_so(text: str, longest: int) -> None:
    shown = fit(text, longest)
    assert shown.isprintable()
    assert len(shown) <= longest
    assert fit(shown, longest) == shown


@given(strategies.any_text())
def test_a_text_that_people_can_read_is_not_touched(text: str) -> None:
    if text.isprintable():
        assert fit(text) == text
