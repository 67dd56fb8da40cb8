"""Prometheus' text format: what its own library reads is read alike, and a hostile text costs little."""

import math
from collections.abc import Mapping
from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from fluid.engines.kit.prometheus import LABELS, LINE, SAMPLES, read_samples

PAGE = """\
# HELP cache_bytes What is cached.
# TYPE cache_bytes gauge
cache_bytes{tier="MEM",path="C:\\\\a \\"b\\"\\n"} 1.5e3 1395066363000
cache_bytes{tier="SSD",} 500
  cache_bytes { tier = "HDD" , path = "}{,=" } +7

other{broken
hits_total 12\r
misses_total NaN
room +Inf
debt -3
huge 1e30
"""


def test_the_numbers_of_the_metrics_that_are_asked_for_are_read_with_their_labels() -> None:
    found = read_samples(PAGE, ["cache_bytes", "hits_total", "misses_total", "room", "absent"])
    assert found is not None
    assert {*found.by_name} == {"cache_bytes", "hits_total", "misses_total", "room"}
    first, second, third = found.of("cache_bytes")
    assert (first.labels, first.value) == ({"tier": "MEM", "path": 'C:\\a "b"\n'}, 1500.0)
    assert (second.labels, third.labels["path"], third.value) == ({"tier": "SSD"}, "}{,=", 7.0)
    assert found.of("cache_bytes", tier="SSD") == [second]
    assert found.of("cache_bytes", tier="SSD", path="x") == []
    assert math.isnan(found.of("misses_total")[0].value)


def test_a_sum_is_a_number_of_bytes_or_none() -> None:
    found = read_samples(PAGE, ["cache_bytes", "hits_total", "misses_total", "room", "debt", "huge"])
    assert found is not None
    assert (found.whole("cache_bytes"), found.whole("cache_bytes", tier="SSD")) == (2007, 500)
    assert (found.total("hits_total"), found.total("debt"), found.total("huge")) == (12.0, -3.0, 1e30)
    assert [found.whole(name) for name in ("misses_total", "room", "debt", "huge", "absent")] == [None] * 5


def test_of_two_samples_with_the_same_labels_the_last_counts() -> None:
    found = read_samples('a{b="1",c="2"} 5\na{c="2",b="1"} 6\n', ["a"])
    assert found is not None
    assert found.whole("a") == 6


@pytest.mark.parametrize(
    "line",
    [
        "a",
        "a ",
        "a x",
        "a 1_000",
        "a 0x10",
        "a infinity",
        "a ١",  # noqa: RUF001 - a digit, but none of the format
        "a 1" + "0" * 400,
        "a 12abc",
        "a{} ",
        "a{b} 1",
        "a{b=1} 1",
        'a{b="} 1',
        'a{b="1" 1',
        'a{b="1"}} 1',
        'a{b="1" c="2"} 1',
        'a{,b="1"} 1',
        'a{b="1",b="2"} 1',
        'a{"b"="1"} 1',
        "a{" + ",".join(f'l{number}="1"' for number in range(LABELS + 1)) + "} 1",
        "a" + " " * LINE + "1",
    ],
)
def test_a_line_of_a_wanted_metric_that_cannot_be_read_makes_no_sense_of_the_text(line: str) -> None:
    text = f"b 1\n{line}\nb 2\n"
    assert read_samples(text, ["a", "b"]) is None
    assert read_samples(text, ["b"]) is not None, "a line that is not asked for harms nobody"


def test_a_text_with_too_many_samples_or_characters_makes_no_sense() -> None:
    lines = [f'a{{b="{number}"}} 1\n' for number in range(SAMPLES + 1)]
    assert read_samples("".join(lines), ["a"]) is None
    found = read_samples("".join(lines[1:]), ["a"])
    assert found is not None
    assert found.whole("a") == SAMPLES
    assert read_samples("b 1\n" * (1024**2 + 1), ["a"]) is None


NAMES = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,8}", fullmatch=True)
LABEL_NAMES = st.from_regex(r"l[a-zA-Z0-9_]{0,5}", fullmatch=True)
VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters='\n"\\'), max_size=12)
SAMPLE = st.tuples(
    NAMES, st.dictionaries(LABEL_NAMES, VALUES, max_size=4), st.floats() | st.integers(-(10**9), 10**9)
)


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    def written(text: str) -> str:
        return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

    inside = ",".join(f'{key}="{written(one)}"' for key, one in labels.items())
    special = {math.inf: "+Inf", -math.inf: "-Inf"}
    number = "NaN" if math.isnan(value) else special.get(value, repr(value))
    return f"{name}{{{inside}}} {number}" if labels else f"{name} {number}"


@given(st.lists(SAMPLE, max_size=8))
def test_what_prometheus_own_library_reads_is_read_alike(
    samples: list[tuple[str, dict[str, str], float]],
) -> None:
    text = "".join(_line(*sample) + "\n" for sample in samples)
    found = read_samples(text, {name for name, _, _ in samples})
    assert found is not None
    ours = {
        (name, frozenset(one.labels.items())): repr(one.value)
        for name, several in found.by_name.items()
        for one in several
    }
    theirs = {
        (one.name, frozenset(one.labels.items())): repr(float(one.value))
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }
    assert ours == theirs


@given(st.text(st.sampled_from('a{}=,"\\ \t\r\n1.eE+-_NInf#é\0'), max_size=200))
def test_no_text_raises(text: str) -> None:
    found = read_samples(text, ["a"])
    assert found is None or all(len(several) <= SAMPLES for several in found.by_name.values())


LONG = 256 * 1024
PARTS = [
    "a{",
    'a{b="',
    "a{b=",
    'a{b="\\',
    "\\",
    "\\\\",
    '"',
    " ",
    "\t ",
    "\n",
    "\r",
    "a",
    "a ",
    "a\n",
    "a 1",
    "a 1\n",
    'b="c",',
    'a{b="c"} ',
    'a{b="c",',
    "{",
    "}",
    "1",
    "1e",
    "# ",
    "#\n",
    "a{b",
    "a:",
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("begin", ["", "a", "a{", 'a{b="', "a ", "a 1"])
def test_reading_takes_linear_time_whatever_is_repeated(begin: str, part: str) -> None:
    text = (begin + part * LONG)[:LONG]
    spent = thread_time()
    read_samples(text, ["a"])
    assert thread_time() - spent < 2.0, "a quadratic reader takes minutes"
