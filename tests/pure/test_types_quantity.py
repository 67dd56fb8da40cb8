from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluid.types import Quantity

_SUFFIXES = {
    "": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
}
_LARGEST = 2**63 - 1

digits = st.one_of(
    st.integers(0, 10**6).map(str),
    st.tuples(st.integers(0, 10**5), st.integers(0, 999)).map(lambda parts: f"{parts[0]}.{parts[1]:03}"),
    st.integers(0, 999).map(lambda number: f".{number:03}"),
)
spellings = st.tuples(st.sampled_from(["", "+", "-"]), digits, st.sampled_from(sorted(_SUFFIXES)))
spelled = spellings.map("".join)


@given(spellings)
def test_value_is_what_decimal_says(parts: tuple[str, str, str]) -> None:
    sign, number, suffix = parts
    expected = Decimal(f"{sign}{number}") * _SUFFIXES[suffix]
    assert Quantity("".join(parts)).value == max(-_LARGEST, min(_LARGEST, expected))


@given(spelled)
def test_spelling_is_kept_and_canonical_spelling_means_the_same(text: str) -> None:
    quantity = Quantity(text)
    assert str(quantity) == text
    assert Quantity(quantity.canonical()) == quantity
    assert Quantity(quantity.canonical()).canonical() == quantity.canonical()


@given(spelled, spelled)
def test_sum_difference_and_order_are_exact(left: str, right: str) -> None:
    a, b = Quantity(left), Quantity(right)
    assert (a + b).value == a.value + b.value
    assert (a - b).value == a.value - b.value
    assert (a < b) == (a.value < b.value)
    assert (a == b) == (a.value == b.value)
    assert a != b or hash(a) == hash(b)


@given(spelled, st.integers(1, 1000))
def test_a_share_is_exact_to_the_nano_and_rounded_away_from_zero(text: str, parts: int) -> None:
    whole = Quantity(text)
    share, exact = Fraction((whole / parts).value), Fraction(whole.value) / parts
    assert abs(share) >= abs(exact)
    assert abs(share) - abs(exact) < Fraction(1, 10**9)


@given(spelled)
def test_bytes_are_rounded_up(text: str) -> None:
    quantity = Quantity(text)
    assert int(quantity) == int(quantity.value.to_integral_value(ROUND_CEILING))


# What apimachinery's resource.Quantity prints for each.
@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("0", "0"),
        ("0Gi", "0"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("1.5Ki", "1536"),
        ("0.5Gi", "512Mi"),
        ("1023", "1023"),
        ("1000000", "1M"),
        ("1500m", "1500m"),
        ("1.5", "1500m"),
        ("2000m", "2"),
        ("1e3", "1e3"),
        ("1E6", "1e6"),
        ("12e4", "120e3"),
        ("1E", "1E"),
        ("0.1n", "1n"),
        ("9223372036854775807", "9223372036854775807"),
        ("1000Ei", "9223372036854775807"),
        ("-1.5Gi", "-1536Mi"),
        ("1Ki", "1Ki"),
        ("512", "512"),
        ("0.5Ki", "512"),
    ],
)
def test_canonical_spelling_is_that_of_kubernetes(spelling: str, canonical: str) -> None:
    assert Quantity(spelling).canonical() == canonical


def test_results_use_the_notation_of_the_left_operand() -> None:
    assert str(Quantity("10Gi") / 2) == "5Gi"
    assert str(Quantity("10Gi") * 1.5) == "15Gi"
    assert str(Quantity("1Gi") + Quantity("1G")) == "2073741824"
    assert str(Quantity("1G") + Quantity("24")) == "1000000024"
    assert Quantity("10Gi") / Quantity("4Gi") == Decimal("2.5")
    assert str(Quantity(2**31)) == "2147483648"


@pytest.mark.parametrize(
    "text", ["", "Gi", "1 Gi", "1gi", "1KiB", "ten", "--1", "1e", "1.2.3", "\n1", "1\n", "٣Gi"]
)
def test_what_is_no_quantity_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="10Gi"):
        Quantity(text)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("-inf")])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Quantity(number)


def test_absurd_exponents_end_at_the_limits() -> None:
    assert int(Quantity("1e999999999999")) == _LARGEST
    assert Quantity("1e-999999999999").canonical() == "1e-9"
