"""Small helpers of the kube tests."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio

from fluid.models import ConfigMap, ObjectMeta
from fluid.types import Key

CONFIG_MAPS = "v1/configmaps"


def config_map(name: str, namespace: str = "x", **data: str) -> ConfigMap:
    return ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace), data=data)


def raw(name: str, namespace: str = "x", **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, **metadata}, "data": {}}


def key(name: str) -> Key:
    return Key("x", name)


async def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Returns as soon as the condition holds; fails when it never does."""
    with anyio.fail_after(seconds):
        while not condition():  # noqa: ASYNC110 - the condition belongs to code that announces nothing
            await anyio.sleep(0.002)


@asynccontextmanager
async def running(*tasks: Callable[[], Any]) -> AsyncGenerator[None]:
    """Runs tasks for the time of the block."""
    async with anyio.create_task_group() as group:
        for task in tasks:
            group.start_soon(task)
        yield
        group.cancel_scope.cancel()
