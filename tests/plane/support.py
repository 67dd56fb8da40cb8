"""What a user does with kubectl, and the rights that an operator is given."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import yaml
from anyio import to_thread

from cluster import ControlPlane
from fluid.models import ClusterRole, ObjectMeta, PolicyRule
from tests.pure.controllers.dataset_support import condition

Json = dict[str, Any]


def operator_account(plane: ControlPlane, namespace: str, rules: Sequence[PolicyRule], folder: Path) -> Path:
    """A kubeconfig of a service account with exactly these rights."""
    role = ClusterRole(metadata=ObjectMeta(name=namespace), rules=[*rules])
    plane.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(role.to_wire()))
    plane.kubectl("create", "serviceaccount", "operator", "-n", namespace)
    account = f"--serviceaccount={namespace}:operator"
    plane.kubectl("create", "clusterrolebinding", namespace, f"--clusterrole={namespace}", account)
    return plane.service_account_kubeconfig(namespace, "operator", folder / "kubeconfig")


@dataclass(frozen=True)
class Cluster:
    """What a user does with kubectl, beside the operator in the same event loop."""

    plane: ControlPlane
    namespace: str

    async def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return await to_thread.run_sync(partial(self.plane.kubectl, *arguments, stdin=stdin))

    async def apply(self, *objects: Json) -> None:
        await self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    async def get(self, what: str, name: str, namespace: str = "") -> Json | None:
        arguments = ("get", what, name, "-n", namespace or self.namespace, "-o", "json", "--ignore-not-found")
        found = await self.kubectl(*arguments)
        return json.loads(found) if found.strip() else None

    async def until(
        self, what: str, name: str, holds: Callable[[Json | None], Any], namespace: str = ""
    ) -> Json:
        """The object as soon as a condition holds for it."""
        with anyio.fail_after(15):
            while not holds(found := await self.get(what, name, namespace)):  # noqa: ASYNC110 - kubectl tells nobody
                await anyio.sleep(0.1)
        return found or {}

    async def condition(self, name: str, kind: str) -> Json:
        return condition(await self.until("dataset", name, lambda one: one and condition(one, kind)), kind)

    async def gone(self, name: str) -> None:
        await self.until("dataset", name, lambda one: one is None)
