# pyright: basic
"""What a cache's commands answer: read, or told to be nonsense; never a reason to fail in silence."""

import pytest

from fluid.engines.core.statistics import CacheReport, fields_by
from fluid.engines.core.teardown import CLEAN_ATTEMPTS
from fluid.engines.jindo.config import has_legacy_prefetcher
from fluid.engines.jindo.engine import parse_count, parse_report
from fluid.engines.jindo.transform import reads_secret_files
from fluid.models import Dataset, JindoRuntime
from fluid.types.untrusted import COMMAND_OUTPUT, MOUNT_LINES
from tests.pure.lifecycle.test_lifecycle import KEY, bound

SAID = "Total Disk Capacity: 96.00GB\nUsed Disk Capacity: 1.00GB\n"
DIGITS = ["9" * 400, "9" * 5000, "²", "٣" * 5]


def report(total: str) -> str:
    return f"Total Disk Capacity: {total}\nUsed Disk Capacity: 1.00GB\n"


@pytest.mark.parametrize("digits", DIGITS)
def test_figures_that_no_cache_has_are_no_figures(digits: str) -> None:
    assert parse_report(report(digits), "Disk") is None
    assert parse_report(report(f"{digits}PB"), "Disk") is None
    assert parse_count(f"1 {digits} 3 /path") is None
    assert parse_count(f"{digits} 2 3 /path\n1 2 3 /path") == (2, 3)


def test_an_answer_that_is_longer_than_any_is_not_read() -> None:
    assert parse_report(SAID, "Disk") == CacheReport(96 * 1024**3, 1024**3)
    assert parse_report(SAID + "\n" * COMMAND_OUTPUT, "Disk") is None
    assert parse_count("1 2 3 /path" + "\n" * COMMAND_OUTPUT) is None
    assert fields_by("1 -> /a oss://a/" + "\n" * COMMAND_OUTPUT, key=2, value=3) == {}


def test_a_table_of_mounts_without_end_does_not_become_commands_without_end() -> None:
    lines = "".join(f"{number} -> /m{number} oss://b/\n" for number in range(20_000))
    assert len(fields_by(lines, key=2, value=3)) == MOUNT_LINES


@pytest.mark.parametrize("digits", DIGITS)
def test_a_report_of_a_bound_cache_that_makes_no_sense_is_told(digits: str) -> None:
    world = bound()
    world.cluster.caches.faults["-report"] = report(digits)
    world.cluster.now += 700 * world.SECOND
    for _ in range(12):
        world.step()
    ready = world.condition(KEY, "Ready")
    assert ready.status == "False"
    assert "gave an answer that makes no sense" in ready.message


@pytest.mark.parametrize("digits", DIGITS)
def test_numbers_in_specs_and_annotations_are_refused_or_mean_nothing(digits: str) -> None:
    assert reads_secret_files(f"{digits}.1")
    assert reads_secret_files(f"4.{digits}.x")
    assert has_legacy_prefetcher(f"4.0.{digits}") == (digits == "٣" * 5)
    world = bound()
    world.annotate(JindoRuntime, KEY, **{CLEAN_ATTEMPTS: digits})
    world.delete(Dataset, KEY)
    world.settle()
    assert world.cluster.get(Dataset, KEY) is None


@pytest.mark.parametrize("digits", DIGITS)
def test_a_port_of_metrics_that_is_none_is_refused(digits: str) -> None:
    world = bound(fuse={"metrics": {"enabled": True}})
    world.edit(JindoRuntime, KEY, fuse={"metrics": {"enabled": True}, "args": [f"-ometrics_port={digits}"]})
    world.settle()
    told = world.condition(KEY, "NotReady")
    assert told is not None
    assert "spec.fuse.args" in told.message
