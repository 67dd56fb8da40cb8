"""A report from every pod over HTTP: which pods are asked, and what comes of those that fail."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from fluid.engines.core.checks import UnfitError
from fluid.engines.core.plan import Plan
from fluid.engines.core.pod_pages import HttpAnswer, HttpGet, refuse_strangers
from fluid.engines.core.queries import Results
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.snapshot import Snapshot
from fluid.engines.core.statistics import CacheReport, Report, ReportRequest
from fluid.engines.kit.prometheus import read_samples
from fluid.models import DatasetStatus, Pod, ThinRuntime
from fluid.naming import Identity
from fluid.types import JsonObject


def pod(number: int, **status: str) -> Pod:
    metadata: JsonObject = {"name": f"w-{number}", "namespace": "ns"}
    if status.pop("ending", ""):
        metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return Pod.model_validate(
        {"metadata": metadata, "spec": {"containers": [{"name": "c"}]}, "status": {**status}}
    )


PODS = [pod(0, podIP="10.0.0.1"), pod(1, podIP="10.0.0.2"), pod(2), pod(3, podIP="10.0.0.4", ending="yes")]
ASKED = HttpGet.of(PODS, 9100, lines=["cache_"])
REPORT = 'cache_bytes{{tier="MEM"}} {0}\ncache_bytes{{tier="SSD"}} 1\ncache_capacity 100'


def test_pods_with_an_address_that_stay_are_asked() -> None:
    assert [(one.pod.name, one.address) for one in ASKED] == [("w-0", "10.0.0.1"), ("w-1", "10.0.0.2")]
    assert {(one.namespace, one.port, one.path, one.lines) for one in ASKED} == {
        ("ns", 9100, "/metrics", ("cache_",))
    }


def test_nothing_but_the_runtimes_own_pods_at_their_own_addresses_can_be_asked() -> None:
    refuse_strangers(ASKED, PODS)
    for address, asked in (("169.254.169.254", PODS[0]), ("10.0.0.2", PODS[0]), ("", PODS[2])):
        query = HttpGet(asked.key, address, 80, "/")
        with pytest.raises(UnfitError, match="which is no pod of the runtime"):
            refuse_strangers([query], PODS)
    with pytest.raises(UnfitError, match="which is no pod of the runtime"):
        refuse_strangers(ASKED, PODS[:1])


def _report(said: Sequence[str | None]) -> CacheReport | None:
    """The sums over the workers that answer."""
    found = [read_samples(text, ["cache_bytes", "cache_capacity"]) for text in said if text is not None]
    cached = [one.whole("cache_bytes") if one else None for one in found]
    capacity = [one.whole("cache_capacity") if one else None for one in found]
    if None in cached or None in capacity:
        return None
    return CacheReport(sum(filter(None, capacity)), sum(filter(None, cached)))


def taken(*answers: HttpAnswer) -> tuple[bool, Plan]:
    runtime = ThinRuntime.model_validate({"metadata": {"name": "x", "namespace": "ns"}, "spec": {}})
    identity = Identity.of("ns", "x", "uid")
    snapshot = Snapshot(runtime, None, identity, datetime(2026, 1, 1, tzinfo=UTC), pods=PODS)
    plan = Plan(blank_status(), DatasetStatus(conditions=[]))
    results = Results(dict(zip(ASKED, answers, strict=False)))
    return Report(snapshot, results, plan).take(ReportRequest(ASKED, _report), joined=False), plan


def test_every_pod_is_asked_and_a_pass_waits_for_all_of_them() -> None:
    done, plan = taken(HttpAnswer(REPORT.format(5)))
    assert (done, plan.queries) == (False, ASKED)
    assert plan.waiting is not None
    assert "pod ns/w-1" in plan.waiting.message


def test_the_figures_are_those_of_all_pods() -> None:
    done, plan = taken(HttpAnswer(REPORT.format(5)), HttpAnswer(REPORT.format(6)))
    assert done
    assert plan.status.cache_states == {"cacheCapacity": "200.00B", "cached": "13.00B"}


def test_a_pod_that_fails_takes_nothing_from_the_figures_of_the_others() -> None:
    done, plan = taken(HttpAnswer(REPORT.format(5)), HttpAnswer("", "connection refused"))
    assert done
    assert plan.status.cache_states == {"cacheCapacity": "100.00B", "cached": "6.00B"}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (
            [HttpAnswer("", "refused"), HttpAnswer("", "timeout")],
            "`GET :9100/metrics` in pod ns/w-0 failed",
        ),
        ([HttpAnswer("cache_bytes x"), HttpAnswer("")], "gave an answer that makes no sense: cache_bytes x"),
    ],
)
def test_a_cache_of_which_no_pod_reports_sense_is_told_with_the_request(
    answers: list[HttpAnswer], words: str
) -> None:
    done, plan = taken(*answers)
    assert not done
    assert plan.waiting is not None
    assert (plan.waiting.reason, plan.useless) == ("CacheNotAnswering", {*ASKED})
    assert words in plan.waiting.message
