# pyright: basic
"""The Dataset controller in a process of its own: it starts the Deployment of a runtime's controller."""

from collections.abc import Iterator

import pytest

from cluster import ControlPlane, Operator
from cluster.operator import NAMESPACE, USER
from tests.plane.user import Json, User, now, until

pytestmark = pytest.mark.plane
NAME = "jindoruntime-controller"
REPLICAS = "controller.runtime.fluid.io/replicas"


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def home(plane: ControlPlane, installed: Operator) -> Iterator[User]:
    """Where the operator lives; nothing runs there afterwards."""
    yield User(plane, NAMESPACE)
    plane.kubectl("-n", NAMESPACE, "delete", "deployment", NAME, "--ignore-not-found")


def deployment(on_it: str | None, on_template: str | None, replicas: int = 0) -> Json:
    """As the chart of an existing installation leaves it: no replica until somebody needs it."""
    labels = {"control-plane": NAME}
    pod = {"containers": [{"name": "manager", "image": "manager"}]}
    template = {"metadata": {"labels": labels, "annotations": _annotation(on_template)}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "annotations": _annotation(on_it)},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def _annotation(value: str | None) -> dict[str, str]:
    return {} if value is None else {REPLICAS: value}


def replicas(home: User) -> int:
    return int(home.kubectl("get", "deployment", NAME, "-o", "jsonpath={.spec.replicas}"))


@pytest.mark.parametrize(
    ("on_it", "on_template", "expected"), [("2", "3", 2), (None, "3", 3), (None, None, 1), ("0", None, 1)]
)
def test_a_runtime_of_a_dataset_scales_the_deployment_of_its_controller_up_from_zero(
    user: User, home: User, installed: Operator, on_it: str | None, on_template: str | None, expected: int
) -> None:
    home.create(deployment(on_it, on_template))
    since = now()
    installed.start("--controllers", "dataset", "--namespace", user.namespace)  # others left Datasets behind
    try:
        user.apply(user.runtime("hbase"))
        user.until_quiet(0.5)
        assert replicas(home) == 0, "a runtime alone is not enough"
        user.apply(user.dataset("hbase"))
        until(lambda: replicas(home) == expected, "the Deployment is scaled", but=lambda: replicas(home))
        user.kubectl("delete", "dataset", "hbase", "--timeout=20s")
        home.kubectl("scale", "deployment", NAME, "--replicas=0")
        user.until_quiet(0.5)
        assert replicas(home) == 0, "nobody needs it any more"
        assert not [one for one in user.plane.audit(since) if one.user == USER and one.denied]
    finally:
        installed.stop()


def test_the_operator_may_scale_deployments_of_its_own_namespace_only(
    plane: ControlPlane, user: User, installed: Operator
) -> None:
    def may(verb: str, part: str, namespace: str) -> bool:
        what = ["deployments.apps", f"--subresource={part}", f"--as={USER}"]
        return plane.try_kubectl("auth", "can-i", verb, *what, "-n", namespace).stdout.strip() == "yes"

    wanted = [("list", ""), ("watch", ""), ("patch", "scale")]
    assert all(may(verb, part, NAMESPACE) for verb, part in wanted)
    assert not any(may(verb, part, user.namespace) for verb, part in wanted)
    assert not may("patch", "", NAMESPACE)
