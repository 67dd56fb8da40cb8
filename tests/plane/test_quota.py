# pyright: basic
"""What a quota stands against: told on the objects, and got over when there is room again."""

import pytest

from cluster import ControlPlane
from tests.plane.user import User, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]


def test_a_part_that_a_quota_forbids_is_named_until_there_is_room(
    plane: ControlPlane, namespace: str
) -> None:
    user = User(plane, namespace)
    user.kubectl("create", "quota", "none", "--hard=count/services=0")
    told = lambda: user.condition("datasets", "hbase", "Ready").get("message", "")  # noqa: E731
    until(lambda: "0" in user.kubectl("get", "quota", "none", "-o", "jsonpath={.status.hard}"), "it counts")
    user.apply(*user.pair("hbase"))
    until(lambda: "exceeded quota" in told(), "the quota is named", but=told)
    assert "ask the administrator" in told()
    user.kubectl("delete", "quota", "none")
    user.phase("hbase", seconds=45)
    assert len(user.events("hbase", "ErrorProcessRuntime")) == 1
    assert not user.condition("jindoruntimes", "hbase", "ChangeRefused")
