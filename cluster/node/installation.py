"""Operator and node plugin in an existing cluster: an existing installation is used and never changed.

Missing objects are created, never applied, so that no foreign object is taken over. All of them have a label,
by which a later run finds what an earlier run left.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from cluster.access import Cluster
from cluster.cache import BuildError
from cluster.node import trouble

NAMESPACE = "fluid-system"
LABEL = "demo.fluid.io/made"
"""Label on every object that the demo creates in an existing cluster."""
WORKLOADS = ("deployment/fluid-operator", "daemonset/csi-nodeplugin-fluid")
_MUTATING = "mutatingadmissionpolicies"
_ALLOW = "data.fluid.io/allow-deletion=true"
_CHECKOUT = Path(__file__).parents[2]

Object = dict[str, Any]


class RefusedError(Exception):
    """The demo would change an object that it did not create; the message says which, and what to do."""


class Installation:
    """The objects that `fluid manifests` prints, in one cluster."""

    def __init__(self, cluster: Cluster, image: str) -> None:
        self._cluster = cluster
        self._image = image

    def made(self) -> bool:
        """Whether the installation is, or will be, the demo's own; false if a complete foreign one exists.

        Raises:
            RefusedError: only a part of an installation exists, or an object of something else.
        """
        foreign = [name for name, ours in self._there(self._objects()).items() if not ours]
        if foreign and not set(WORKLOADS) <= set(foreign):
            raise RefusedError(
                f"the cluster has {', '.join(foreign[:5])}, but not {' and '.join(WORKLOADS)}"
                f" in {NAMESPACE}: another installation, or a part of one, and the demo changes none."
                " Next: `make deploy`, if it is ours to complete; or a cluster for the demo alone, such as"
                " `kind create cluster`"
            )
        return not foreign

    def provide(self) -> None:
        """Create missing objects, unless a foreign installation exists; wait until it works.

        Raises:
            RefusedError: see `made`.
            KubectlError: the API server refused an object, or a workload did not become ready.
        """
        if self.made():
            objects = self._objects()
            there = self._there(objects)
            self._create([one for one in objects if identity(one) not in there])
        for workload in WORKLOADS:
            trouble.rolled_out(self._cluster, NAMESPACE, workload)

    def take_away(self) -> list[str]:
        """Delete what the demo created, unless it is in use now; return the objects that need it.

        Raises:
            KubectlError: something could not be deleted.
        """
        objects = self._objects()
        there = self._there(objects)
        ours = [one for one in objects if there.get(identity(one))]
        kinds = [one for one in ours if one["kind"] == "CustomResourceDefinition"]
        names = ",".join(one["metadata"]["name"] for one in kinds)
        if names and (used := self._cluster.kubectl("get", names, "-A", "-o", "name").split()):
            return used
        # The kinds first: the operator can still clean up objects that users create meanwhile.
        self._delete(kinds)
        self._delete([one for one in ours if one not in kinds])
        return []

    def _delete(self, objects: Sequence[Object]) -> None:
        if not objects:
            return
        text = yaml.safe_dump_all(objects)
        self._cluster.kubectl("annotate", "--overwrite", "-f", "-", _ALLOW, stdin=text)
        gone = ("delete", "--ignore-not-found", "--timeout=90s", "-f", "-")
        self._cluster.kubectl(*gone, stdin=text)

    def _create(self, objects: Sequence[Object]) -> None:
        if objects:
            self._cluster.kubectl("create", "-f", "-", stdin=yaml.safe_dump_all(labelled(objects)))
        kinds = [identity(one) for one in objects if one["kind"] == "CustomResourceDefinition"]
        if kinds:
            self._cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", *kinds)

    def _there(self, objects: Sequence[Object]) -> dict[str, bool]:
        """Which objects exist, and whether the demo created them."""
        asked = ("get", "--ignore-not-found", "-o", "json", "-f", "-")
        if not (found := self._cluster.kubectl(*asked, stdin=yaml.safe_dump_all(objects))):
            return {}
        listed: Object = json.loads(found)
        items: list[Object] = listed["items"] if listed["kind"] == "List" else [listed]
        return {identity(one): LABEL in one["metadata"].get("labels", {}) for one in items}

    def _objects(self) -> list[Object]:
        served = self._cluster.kubectl(
            "api-resources", "--api-group=admissionregistration.k8s.io", "-o", "name"
        )
        command = [str(Path(sys.executable).parent / "fluid"), "manifests", "--image", self._image]
        if f"{_MUTATING}." not in served:
            command.append("--no-mutating-policy")  # the cluster is older than these policies
        done = subprocess.run(command, cwd=_CHECKOUT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BuildError(f"`fluid manifests` failed: {done.stderr.strip()[-500:]}")
        return list(yaml.safe_load_all(done.stdout))


def identity(one: Object) -> str:
    """Kind and name, as kubectl takes them."""
    return f"{one['kind'].lower()}/{one['metadata']['name']}"


def labelled(objects: Sequence[Object]) -> list[Object]:
    """The same, with the label of what the demo makes."""
    return [
        {
            **one,
            "metadata": {**one["metadata"], "labels": {**one["metadata"].get("labels", {}), LABEL: "true"}},
        }
        for one in objects
    ]
