# pyright: basic
"""Host ports: never the same one twice, whatever happens; and what a user sees when there are none left."""

from collections import Counter
from collections.abc import Iterator

import pytest

from cluster import ControlPlane, Operator
from tests.plane.user import Json, User, until

pytestmark = pytest.mark.plane
CROWD = 16


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def stopped(installed: Operator) -> Iterator[Operator]:
    """The operator, for a test that starts it as it needs it."""
    yield installed
    installed.stop()


def test_many_runtimes_at_once_share_no_port_even_through_a_crash(user: User, stopped: Operator) -> None:
    stopped.start("--workers", "16")
    names = [f"crowd-{number}" for number in range(CROWD)]
    user.apply(*(one for name in names for one in user.pair(name, replicas=0)))
    until(lambda: len(_ports(user)) >= CROWD // 2, "half of the ports are given")
    stopped.kill()
    assert _twice(user) == {}
    stopped.start("--workers", "16")
    for name in names:
        user.phase(name, seconds=40)
    assert _twice(user) == {}
    assert len(_ports(user)) == 2 * CROWD, "each runtime has a port for its master and one for its workers"


def test_exhaustion_is_told_and_ends_when_another_goes(user: User, stopped: Operator) -> None:
    stopped.start("--runtime-node-port-range", "28000-28001")
    user.apply(*user.pair("first"))
    user.phase("first")
    user.apply(*user.pair("second"))
    told = user.until_condition("datasets", "second", "Ready", "False")
    until(lambda: "28000-28001" in _message(user), "the range is named", but=lambda: _message(user))
    assert "--runtime-node-port-range" in _message(user), "and what to do"
    assert told["reason"]
    assert len(user.events("second", "ErrorValidateSpecFields")) == 1
    assert user.status("datasets", "first")["phase"] == "Bound"
    user.kubectl("delete", "dataset", "first", "--wait=false")
    user.phase("second")


def _message(user: User) -> str:
    conditions = user.status("datasets", "second").get("conditions") or []
    return " ".join(one.get("message", "") for one in conditions)


def _ports(user: User) -> Counter[int]:
    """How many runtimes listen on each host port."""
    workloads = [*user.all("statefulsets"), *user.all("daemonsets")]
    return Counter(port for one in workloads for port in _listened(one))


def _listened(workload: Json) -> list[int]:
    pod = workload["spec"]["template"]["spec"]
    assert pod["hostNetwork"]
    return [port["containerPort"] for one in pod["containers"] for port in one.get("ports") or []]


def _twice(user: User) -> dict[int, int]:
    return {port: count for port, count in _ports(user).items() if count > 1}
