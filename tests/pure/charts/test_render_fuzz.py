"""`fluid render` on manifests changed at random: some of the cases of `python -m tests.fuzz_render`."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from pydantic import JsonValue

from tests.fuzz_render import run, wrong
from tests.harness.mutations import manifest, seeds

CASES = 200


def test_no_manifest_ends_in_a_traceback_or_takes_too_long_or_becomes_an_invalid_object() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:  # whose memory is bounded
        outcomes = list(pool.map(run, range(CASES), chunksize=CASES))
    assert [f"case {one.number}: {one.problem}" for one in outcomes if one.problem] == []
    endings = [one.ending for one in outcomes]
    assert min(endings.count(0), endings.count(1)) > CASES // 5, "both answers are met"


def test_a_case_is_the_same_for_the_same_number_and_another_for_another() -> None:
    known = seeds()
    texts = [manifest(number, known) for number in range(20)]
    assert texts == [manifest(number, seeds()) for number in range(20)]
    assert len(set(texts)) > 15


def test_what_no_api_server_would_take_is_found() -> None:
    good: dict[str, JsonValue] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "labels": {"a": "b"}},
    }
    assert list(wrong([good])) == []
    bad: list[JsonValue] = [
        {**good, "metadata": {"name": "A"}},
        {**good, "metadata": {"name": "a", "labels": {"a b": "c"}}},
        {**good, "metadata": {"name": "a", "labels": {"a": "c d"}}},
        {**good, "data": {"a": 1}},
        {**good, "nonsense": 1},
        {"kind": "Nonsense"},
    ]
    assert all(list(wrong([one])) for one in bad)
