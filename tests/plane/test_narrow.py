# pyright: basic
"""A busy cluster costs the operator nothing: it watches what is Fluid's, and no more."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from cluster import ControlPlane, Operator
from fluid.kube import Connection
from fluid.models import ConfigMap, Container, ObjectMeta, Pod, PodSpec
from fluid.types import KubeObject
from tests.plane.user import User, now

pytestmark = pytest.mark.plane
FOREIGN = int(os.environ.get("FLUID_TEST_FOREIGN", "600"))
"""So many Pods and so many ConfigMaps."""
SIZE = 2000
"""Characters in each: whoever kept them would grow by 4 kB for each pair, and more."""


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def foreign(plane: ControlPlane, namespace: str) -> Iterator[str]:
    """A namespace for what is not Fluid's."""
    name = f"{namespace}-foreign"
    plane.kubectl("create", "namespace", name)
    yield name
    plane.kubectl("delete", "namespace", name, "--wait=false")


def test_foreign_pods_and_config_maps_cost_no_request_and_no_memory(
    user: User, foreign: str, operator: Operator
) -> None:
    user.apply(*user.pair("hbase", replicas=0))
    user.phase("hbase")
    user.until_quiet()
    since, before = now(), _resident(operator.pid)
    anyio.run(_crowd, user, foreign)
    time.sleep(1)  # what is not to happen announces nothing
    asked = [one.uri for one in user.requests(since) if one.verb == "list" or foreign in one.uri]
    growth = _resident(operator.pid) - before
    assert not asked, "neither about them nor a new list, whatever else goes on"
    assert growth <= 10, f"grown by {growth:.1f} MiB"


async def _crowd(user: User, namespace: str) -> None:
    limit = anyio.CapacityLimiter(16)
    async with (
        Connection.open(kubeconfig=user.plane.kubeconfig) as connection,
        anyio.create_task_group() as tasks,
    ):

        async def create(obj: KubeObject) -> None:
            async with limit:
                await connection.api(type(obj)).create(obj)

        for number in range(FOREIGN):
            for obj in _foreign(f"foreign-{number}", namespace):
                tasks.start_soon(create, obj)


def _foreign(name: str, namespace: str) -> tuple[Pod, ConfigMap]:
    """A pod that no scheduler looks at, and a ConfigMap, without a label of Fluid's."""
    metadata = ObjectMeta(name=name, namespace=namespace, labels={"app": "foreign"})
    container = Container(name="main", image="example.org/none:1", args=["x" * SIZE])
    pod = PodSpec(scheduler_name="nobody", containers=[container])
    return Pod(metadata=metadata, spec=pod), ConfigMap(metadata=metadata, data={"text": "x" * SIZE})


def _resident(pid: int) -> float:
    """Memory of a process that is in use, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith("VmRSS:")).split()[1]) / 1024
