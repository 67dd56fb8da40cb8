"""Why a process is not ready although its stores are."""

import pytest

from fluid.kube.errors import Conflict, Forbidden, Unavailable
from fluid.kube.request_failures import RequestFailures

CLAIMS = "/api/v1/namespaces/{}/persistentvolumeclaims"
REFUSED = 'User "fluid" cannot create resource "persistentvolumeclaims" in API group "" in the namespace "a"'


@pytest.fixture
def request_failures() -> RequestFailures:
    return RequestFailures(clock=lambda: 0.0)


def test_a_missing_right_is_named_until_the_like_is_permitted(request_failures: RequestFailures) -> None:
    request_failures.failed("POST", CLAIMS.format("a"), Forbidden(403, "Forbidden", REFUSED))
    [problem] = request_failures.problems()
    assert problem.startswith("no permission to create persistentvolumeclaims: ")
    request_failures.succeeded("GET", CLAIMS.format("a"))
    assert request_failures.problems()
    request_failures.succeeded("POST", CLAIMS.format("b"))
    assert not request_failures.problems()


def test_silence_is_a_trouble_until_any_answer(request_failures: RequestFailures) -> None:
    request_failures.failed("GET", "/apis/apps/v1/daemonsets", Unavailable(0, "Timeout", "no answer in time"))
    assert request_failures.problems() == ["the API server cannot be reached: no answer in time"]
    request_failures.failed("PATCH", CLAIMS.format("a") + "/hbase", Conflict(409, "Conflict", "it changed"))
    assert not request_failures.problems()


def test_a_quota_or_a_namespace_that_goes_is_no_trouble_of_ours(request_failures: RequestFailures) -> None:
    for message in ("exceeded quota: small", "namespace a is being terminated"):
        request_failures.failed("POST", CLAIMS.format("a"), Forbidden(403, "Forbidden", message))
    assert not request_failures.problems()


def test_what_nobody_tries_any_more_lapses() -> None:
    now = [0.0]
    request_failures = RequestFailures(clock=lambda: now[0])
    request_failures.failed("POST", CLAIMS.format("a"), Forbidden(403, "Forbidden", REFUSED))
    now[0] = 60.0
    assert request_failures.problems(), "retries come every 20 seconds"
    now[0] = 100.0
    assert not request_failures.problems()
