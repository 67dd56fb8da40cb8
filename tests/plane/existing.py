# pyright: basic
"""A JindoRuntime as an existing installation leaves it: Helm's objects, its marks, its statuses."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.plane.user import Json, User, until

OURS = ("data.fluid.io/desired-hash", "data.fluid.io/ports", "data.fluid.io/mounts-revision")
HELM = {"meta.helm.sh/release-name": "hbase", "meta.helm.sh/release-namespace": ""}
PORTS = {"18000": "18777", "18001": "19333"}
"""Ours, and the random ones that the existing installation took."""
FINALIZERS = {
    "Dataset": "fluid-dataset-controller-finalizer",
    "JindoRuntime": "jindo-runtime-controller-finalizer",
}
MOUNT = {
    "mountPoint": "s3://bucket/data",
    "name": "data",
    "options": {"fs.s3.endpoint": "s3.example.org"},
    "encryptOptions": [
        {"name": "fs.s3.accessKeyId", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "id"}}},
        {"name": "fs.s3.accessKeySecret", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "secret"}}},
    ],
}


@dataclass
class Existing:
    """The installation `hbase` of a user, with two workers.

    Args:
        user: whose.
        chart: the `chart` label of all objects; selectors of DaemonSets cannot change theirs.
        service: `serviceName` of the workers, which cannot change either.
    """

    user: User
    chart: str = "jindofs-1.0.5"
    service: str = "hbase-jindofs-worker"
    dataset: Json = field(default_factory=dict)
    runtime: Json = field(default_factory=dict)

    def install(self) -> None:
        """Creates everything and waits until the pods run and the claim is Bound."""
        user = self.user
        user.kubectl("create", "secret", "generic", "keys", "--from-literal=id=I", "--from-literal=secret=S")
        self._create_resources()
        user.create(*map(self._as_helm_made_it, self._rendered()), self._record())
        user.kubectl("scale", "statefulset", "hbase-jindofs-worker", "--replicas=2")
        until(self._all_run, "the existing installation runs")
        self._write_statuses()

    def _create_resources(self) -> None:
        """Dataset and runtime with their finalizers; the Dataset owns the runtime but does not control it."""
        dataset = self.user.dataset("hbase", MOUNT, placement="Shared")
        runtime = self.user.runtime("hbase", replicas=2, worker={"env": {"TUNED": "1"}})
        for one in (dataset, runtime):
            one["metadata"] |= {
                "namespace": self.user.namespace,
                "finalizers": [FINALIZERS[one["kind"]]],
                "labels": {"fluid.io/dataset-id": f"{self.user.namespace}-hbase"},
            }
        self.user.create(dataset)
        self.dataset = self.user.get("datasets", "hbase") or {}
        owner = {name: self.dataset[name] for name in ("apiVersion", "kind")}
        runtime["metadata"]["ownerReferences"] = [
            {**owner, "name": "hbase", "uid": self.dataset["metadata"]["uid"]}
        ]
        self.user.create(runtime)
        self.runtime = self.user.get("jindoruntimes", "hbase") or {}

    def _rendered(self) -> list[Json]:
        command = [Path(sys.executable).parent / "fluid", "render", "-f", "-"]
        documents = [{**one, "metadata": _plain(one["metadata"])} for one in (self.dataset, self.runtime)]
        done = subprocess.run(
            command, input=yaml.safe_dump_all(documents), capture_output=True, text=True, check=True
        )
        text = done.stdout.replace("jindofs-1.0.5", self.chart)
        for ours, theirs in PORTS.items():
            text = text.replace(ours, theirs)
        return list(yaml.safe_load_all(text))

    def _as_helm_made_it(self, item: Json) -> Json:
        """Without our marks, with Helm's; the original owns all of it but the values and the volume."""
        kind, name, metadata = item["kind"], item["metadata"]["name"], item["metadata"]
        annotations = {
            key: value for key, value in (metadata.get("annotations") or {}).items() if key not in OURS
        }
        values = name == "hbase-jindocache-values"
        if values:
            metadata["labels"].pop("fluid.io/managed-by")
        elif not kind.startswith("PersistentVolume"):
            metadata["ownerReferences"] = [self._owner()]
            if kind != "ConfigMap":  # those are hooks, which Helm does not mark
                annotations |= {**HELM, "meta.helm.sh/release-namespace": self.user.namespace}
        metadata["annotations"] = annotations
        template = item.get("spec", {}).get("template")
        if template:
            for mark in OURS:
                template["metadata"]["annotations"].pop(mark, None)
        if name == "hbase-jindofs-worker":
            item["spec"] |= {"replicas": 0, "serviceName": self.service}
        return item

    def _owner(self) -> Json:
        controller = {"controller": True, "blockOwnerDeletion": False}
        api = {name: self.runtime[name] for name in ("apiVersion", "kind")}
        return {**api, "name": "hbase", "uid": self.runtime["metadata"]["uid"], **controller}

    def _record(self) -> Json:
        labels = {"name": "hbase", "owner": "helm", "status": "deployed", "version": "1"}
        metadata = {"name": "sh.helm.release.v1.hbase.v1", "labels": labels}
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata,
            "data": {"release": "H4sIAAAA"},
        }

    def _all_run(self) -> bool:
        pods = self.user.all("pods")
        ready = [
            one for pod in pods for one in pod["status"].get("conditions") or [] if one["type"] == "Ready"
        ]
        claim = self.user.get("persistentvolumeclaims", "hbase") or {}
        return (
            len(ready) == 3
            and all(one["status"] == "True" for one in ready)
            and claim["status"]["phase"] == "Bound"
        )

    def _write_statuses(self) -> None:
        """As the original writes them at the end of its setup."""
        since = "2025-01-02T03:04:05Z"
        ready = {
            "type": "Ready",
            "reason": "DatasetReady",
            "message": "The ddc runtime is ready.",
            "status": "True",
        }
        failed = {
            "type": "NotReady",
            "reason": "DatasetFailedToSetup",
            "message": "failed to setup ddc engine",
            "status": "True",
        }
        times = {"lastUpdateTime": since, "lastTransitionTime": since}
        entry = {"name": "hbase", "namespace": self.user.namespace, "category": "Accelerate", "type": "jindo"}
        cache = {"cacheCapacity": "128.00MiB", "cached": "0.00B", "cachedPercentage": "0.0%"}
        dataset = {
            "phase": "Bound",
            "conditions": [{**failed, **times}, {**ready, **times}],
            "runtimes": [entry],
            "cacheStates": cache,
            "ufsTotal": "11.72GiB",
            "fileNum": "[Calculating]",
            "hcfs": {"endpoint": f"hbase-jindofs-master-0.{self.user.namespace}:18777"},
        }
        runtime = {
            "masterPhase": "Ready",
            "workerPhase": "Ready",
            "fusePhase": "Ready",
            "valueFile": "hbase-jindocache-values",
            "selector": "role=jindo-worker",
            "cacheStates": cache,
            "desiredMasterNumberScheduled": 1,
            "desiredWorkerNumberScheduled": 2,
            "conditions": [
                {
                    "type": kind,
                    "status": "True",
                    "lastProbeTime": since,
                    "lastTransitionTime": since,
                    "reason": why,
                }
                for kind, why in (
                    ("MasterInitialized", "Master is initialized"),
                    ("WorkersReady", "Workers are ready"),
                )
            ],
        }
        self.user.patch("dataset/hbase", {"status": dataset}, status=True)
        self.user.patch("jindoruntime/hbase", {"status": _defaults(runtime)}, status=True)


def _plain(metadata: Json) -> Json:
    return {name: metadata[name] for name in ("name", "namespace", "labels", "uid") if name in metadata}


def _defaults(status: Json) -> Json:
    """The numbers that the schema requires."""
    parts = ("Master", "Worker", "Fuse")
    numbers = {
        **{f"current{part}NumberScheduled": 0 for part in parts},
        **{f"desired{part}NumberScheduled": 0 for part in parts},
        **{f"{part.lower()}NumberReady": 0 for part in parts},
    }
    return json.loads(json.dumps({**numbers, **status}))
