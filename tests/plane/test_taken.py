# pyright: basic
"""A name that a Dataset needs and that somebody else has: told once, on the objects, and got over."""

import pytest

from cluster import ControlPlane
from tests.plane.user import Json, User, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]


def claim(name: str) -> Json:
    spec = {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "none",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


def test_a_foreign_claim_is_named_until_it_is_gone_and_then_the_dataset_is_bound(user: User) -> None:
    user.apply(claim("taken"))
    user.apply(*user.pair("taken"))
    until(lambda: "taken exists" in _told(user), "the claim is named", but=lambda: _told(user))
    assert "delete it" in _told(user)
    assert user.condition("datasets", "taken", "Ready")["reason"] == "NameTaken"
    until(lambda: user.events("taken", "ErrorProcessRuntime"), "an event")
    user.kubectl("delete", "pvc", "taken")
    user.phase("taken", seconds=20)
    assert len(user.events("taken", "ErrorProcessRuntime")) == 1


def _told(user: User) -> str:
    return user.condition("datasets", "taken", "Ready").get("message", "")
