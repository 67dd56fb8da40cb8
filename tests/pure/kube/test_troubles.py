"""Why a process is not ready although its stores are."""

import pytest

from fluid.kube.errors import Conflict, Forbidden, Unavailable
from fluid.kube.troubles import Troubles

CLAIMS = "/api/v1/namespaces/{}/persistentvolumeclaims"
REFUSED = 'User "fluid" cannot create resource "persistentvolumeclaims" in API group "" in the namespace "a"'


@pytest.fixture
def troubles() -> Troubles:
    return Troubles(clock=lambda: 0.0)


def test_a_missing_right_is_named_until_the_like_is_permitted(troubles: Troubles) -> None:
    troubles.failed("POST", CLAIMS.format("a"), Forbidden(403, "Forbidden", REFUSED))
    [problem] = troubles.problems()
    assert problem.startswith("no permission to create persistentvolumeclaims: ")
    troubles.succeeded("GET", CLAIMS.format("a"))
    assert troubles.problems()
    troubles.succeeded("POST", CLAIMS.format("b"))
    assert not troubles.problems()


def test_silence_is_a_trouble_until_any_answer(troubles: Troubles) -> None:
    troubles.failed("GET", "/apis/apps/v1/daemonsets", Unavailable(0, "Timeout", "no answer in time"))
    assert troubles.problems() == ["the API server cannot be reached: no answer in time"]
    troubles.failed("PATCH", CLAIMS.format("a") + "/hbase", Conflict(409, "Conflict", "it changed"))
    assert not troubles.problems()


def test_a_quota_or_a_namespace_that_goes_is_no_trouble_of_ours(troubles: Troubles) -> None:
    for message in ("exceeded quota: small", "namespace a is being terminated"):
        troubles.failed("POST", CLAIMS.format("a"), Forbidden(403, "Forbidden", message))
    assert not troubles.problems()


def test_what_nobody_tries_any_more_lapses() -> None:
    now = [0.0]
    troubles = Troubles(clock=lambda: now[0])
    troubles.failed("POST", CLAIMS.format("a"), Forbidden(403, "Forbidden", REFUSED))
    now[0] = 60.0
    assert troubles.problems(), "retries come every 20 seconds"
    now[0] = 100.0
    assert not troubles.problems()
