# pyright: basic
"""A random history of two Datasets whose names collide, on the real control plane, with a fixed seed."""

import base64
import json
import random
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from cluster import ControlPlane, Fault, Operator
from cluster.operator import USER

STEPS = 25
SEED = 20260101
PATIENCE = 30.0
QUIET = 3.0
MARKER = "s3cr3t-bytes-of-a-secret"
API = "data.fluid.io/v1alpha1"
KINDS = "dataset,jindoruntime,statefulset,daemonset,service,configmap,persistentvolumeclaim,pod"
TIER = {"levels": [{"mediumtype": "SSD", "path": "/mnt/d1", "quota": "10Gi"}]}
WRITES = {"create", "update", "patch", "delete", "deletecollection"}


def mount(name: str, bucket: str = "", **more) -> dict:
    address = f"oss://{bucket or name}/"
    return {"name": name, "mountPoint": address, "options": {"fs.oss.endpoint": "oss-cn"}, **more}


def with_secret(name: str) -> dict:
    options = {"fs.oss.accessKeyId": "id", "fs.oss.accessKeySecret": "key"}
    references = {one: {"secretKeyRef": {"name": "blue", "key": key}} for one, key in options.items()}
    return mount(name, encryptOptions=[{"name": one, "valueFrom": of} for one, of in references.items()])


class History:
    """Two Datasets, what a user does with them, and what has to hold when nobody acts."""

    def __init__(self, plane: ControlPlane, operator: Operator) -> None:
        self.plane, self.operator = plane, operator
        stem = f"life{secrets.token_hex(3)}"
        self.keys = ((stem, "b-c"), (f"{stem}-b", "c"))
        self.mounts = {key: [mount("one")] for key in self.keys}
        self.replicas = dict.fromkeys(self.keys, 1)
        self.did: list[str] = []
        for namespace, _ in self.keys:
            plane.kubectl("create", "namespace", namespace)
            literals = (f"--from-literal=id={MARKER}", f"--from-literal=key={MARKER}")
            plane.kubectl("create", "secret", "generic", "blue", "-n", namespace, *literals)

    # Users.

    def apply(self, key) -> None:
        metadata = {"namespace": key[0], "name": key[1]}
        dataset = {"kind": "Dataset", "spec": {"mounts": self.mounts[key]}}
        runtime = {"kind": "JindoRuntime", "spec": {"replicas": self.replicas[key], "tieredstore": TIER}}
        items = [{"apiVersion": API, "metadata": metadata, **one} for one in (dataset, runtime)]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
        self.plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)

    def delete(self, key, *what: str, wait: bool = False) -> None:
        how = (f"--wait={str(wait).lower()}", f"--timeout={PATIENCE:.0f}s", "--ignore-not-found")
        self.plane.kubectl("delete", *what, "-n", key[0], *how)

    def delete_dataset(self, key) -> None:
        """Delete a Dataset alone, and wait until its runtime is gone too."""
        self.delete(key, "dataset", key[1], wait=True)
        gone = ("--for=delete", f"--timeout={PATIENCE:.0f}s")
        self.plane.kubectl("wait", f"jindoruntime/{key[1]}", "-n", key[0], *gone)

    def acts(self, key) -> dict[str, Callable[[], object]]:
        base = f"{key[1]}-jindofs"
        return {
            "scale": lambda: self.replicas.update({key: self.replicas[key] % 3 + 1}),
            "scale to none": lambda: self.replicas.update({key: 0}),
            "another mount": lambda: self.mounts.update(
                {key: [mount("one"), mount("two", "one", path="/x")]}
            ),
            "another address": lambda: self.mounts.update({key: [mount("one", "elsewhere")]}),
            "credentials": lambda: self.mounts.update({key: [with_secret("one")]}),
            "one mount": lambda: self.mounts.update({key: [mount("one")]}),
            "delete the Dataset": lambda: self.delete_dataset(key),
            "delete the runtime": lambda: self.delete(key, "jindoruntime", key[1], wait=True),
            "delete the claim": lambda: self.delete(key, "pvc", key[1]),
            "delete the master": lambda: self.delete(key, "pod", f"{base}-master-0"),
            "delete a StatefulSet": lambda: self.delete(key, "statefulset", f"{base}-worker"),
            "delete the DaemonSet": lambda: self.delete(key, "daemonset", f"{base}-fuse"),
            "delete all ConfigMaps": lambda: self.delete(key, "configmap", "-l", "fluid.io/managed-by=fluid"),
            "edit a ConfigMap": lambda: self.plane.kubectl(
                *("patch", "configmap", f"{base}-config", "-n", key[0], "--type=merge"),
                *("-p", '{"data":{"jindocache.cfg":"by hand"}}'),
            ),
            "kill the operator": self.kill,
            "mounting fails twice": lambda: self.plane.faults(
                Fault(command="jindocache -mount *", namespace=key[0], exit=1, stdout="no", times=2)
            ),
        }

    def kill(self) -> None:
        self.operator.kill()
        self.operator.start()

    # What is there.

    def everything(self, kinds: str = KINDS) -> list[dict]:
        items = json.loads(self.plane.kubectl("get", kinds, "-A", "-o", "json"))["items"]
        namespaces = [namespace for namespace, _ in self.keys]
        return [one for one in items if one["metadata"].get("namespace") in namespaces and not _foreign(one)]

    def settle(self) -> list[dict]:
        """The objects as soon as all invariants hold for them."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self.everything()
            broken = [problem for key in self.keys for problem in self.problems(key, found)]
            if not broken:
                return found
            if time.monotonic() > deadline:
                pytest.fail(f"after {self.did}: {broken}\n{self.operator.tail(5)}")
            time.sleep(0.1)  # kubectl tells nobody

    def problems(self, key, found: list[dict]) -> Iterator[str]:
        """What of a Dataset is not as its spec and the objects around it say."""
        here = {
            (one["kind"], one["metadata"]["name"]): one
            for one in found
            if one["metadata"]["namespace"] == key[0]
        }
        dataset, runtime = (here.get((kind, key[1]), {}) for kind in ("Dataset", "JindoRuntime"))
        status, numbers = dataset.get("status", {}), runtime.get("status", {})
        if status.get("phase") != "Bound":
            yield f"{key} is {status.get('phase')}: {status.get('conditions')}"
            return
        if any(
            one.get("observedGeneration") != part["metadata"]["generation"]
            for one, part in (
                (numbers, runtime),
                *((condition, dataset) for condition in status["conditions"]),
            )
        ):
            yield f"{key} speaks of an older spec"
        wanted = {one.get("path") or f"/{one['name']}": one["mountPoint"] for one in self.mounts[key]}
        if {one["path"]: one["mountPoint"] for one in status.get("mounts", [])} != wanted:
            yield f"{key} says it has {status.get('mounts')}"
        if {one["type"]: one["status"] for one in status["conditions"]} != {"Ready": "True"}:
            yield f"{key} has conditions {status['conditions']}"
        if "[Calculating]" in (status.get("ufsTotal"), status.get("fileNum")):
            yield f"{key} still counts"
        claim = here.get(("PersistentVolumeClaim", key[1]), {})
        if claim.get("status", {}).get("phase") != "Bound" or "deletionTimestamp" in claim["metadata"]:
            yield f"{key} has no Bound claim"
        for role, field in (("master", "Master"), ("worker", "Worker")):
            workload = here.get(("StatefulSet", f"{key[1]}-jindofs-{role}"))
            if workload is None:
                yield f"{key} has no {role}"
                continue
            desired, ready = workload["spec"]["replicas"], workload["status"].get("readyReplicas", 0)
            if desired != ready or desired != (1 if role == "master" else self.replicas[key]):
                yield f"{key} has {ready} of {desired} {role} pods"
            if (numbers.get(f"desired{field}NumberScheduled"), numbers.get(f"{role}NumberReady")) != (
                desired,
                ready,
            ):
                yield f"{key} does not tell its {role} numbers"

    def table(self, key) -> dict[str, str]:
        """What the cache itself lists."""
        pod = f"{key[1]}-jindofs-master-0"
        text = self.plane.kubectl(
            "exec", "-n", key[0], pod, "-c", "jindofs-master", "--", "jindocache", "-mount"
        )
        lines = [line.split() for line in text.splitlines()]
        return {fields[2]: fields[3] for fields in lines if len(fields) > 3}

    def traces(self, key, found: list[dict]) -> dict:
        """Every object of a Dataset and its version; of pods, which the kubelet writes, the identity."""
        return {
            (one["kind"], one["metadata"]["name"]): one["metadata"][
                "uid" if one["kind"] == "Pod" else "resourceVersion"
            ]
            for one in found
            if one["metadata"]["namespace"] == key[0]
        }

    def silence(self) -> None:
        """Wait until the operator has written nothing for some seconds."""
        deadline = time.monotonic() + PATIENCE
        while True:
            since = datetime.now(UTC)
            time.sleep(QUIET)  # silence takes time
            wrote = [
                f"{event.verb} {event.resource}/{event.subresource} {event.namespace}/{event.name}"
                for event in self.plane.audit(since)
                if event.user == USER and event.verb in WRITES and event.resource != "events"
            ]
            if not wrote:
                return
            assert time.monotonic() < deadline, f"after {self.did} the operator goes on writing: {wrote}"

    def check_secrets(self) -> None:
        kinds = f"{KINDS},persistentvolume,event,job,controllerrevision"
        text = self.plane.kubectl("get", kinds, "-A", "-o", "json")
        assert MARKER not in text
        assert base64.b64encode(MARKER.encode()).decode() not in text

    def end(self) -> None:
        """Delete the Datasets alone; nothing may be left of them."""
        for key in self.keys:
            self.delete(key, "dataset", key[1])
        deadline = time.monotonic() + PATIENCE
        while left := self.leftovers():
            assert time.monotonic() < deadline, f"after {self.did} these are left: {left}"
            time.sleep(0.1)  # kubectl tells nobody

    def leftovers(self) -> list[str]:
        left = [f"{one['kind']} {one['metadata']['name']}" for one in self.everything()]
        volumes = json.loads(self.plane.kubectl("get", "pv,node", "-o", "json"))["items"]
        stem = self.keys[0][0]
        claims = [
            one["spec"].get("claimRef", {}).get("namespace", "") for one in volumes if one["kind"] != "Node"
        ]
        labels = [label for one in volumes for label in one["metadata"].get("labels", {})]
        return left + [one for one in claims if one.startswith(stem)] + [one for one in labels if stem in one]


def _foreign(one: dict) -> bool:
    return one["metadata"]["name"] in ("kube-root-ca.crt", "kubernetes")


@pytest.fixture
def history(plane: ControlPlane, operator: Operator) -> Iterator[History]:
    one = History(plane, operator)
    yield one
    plane.faults()
    for namespace, _ in one.keys:
        plane.kubectl("delete", "namespace", namespace, "--wait=false")


def test_random_lives_come_to_rest_and_never_touch_each_other(history: History) -> None:
    choose = random.Random(SEED)
    for key in history.keys:
        history.apply(key)
    found = history.settle()
    names = sorted(history.acts(history.keys[0]))
    deck = [*names, *choose.choices(names, k=STEPS - len(names))]
    choose.shuffle(deck)
    for name in deck:
        key = choose.choice(history.keys)
        (other,) = set(history.keys) - {key}
        before = history.traces(other, found)
        history.did.append(f"{name} of {'/'.join(key)}")
        history.acts(key)[name]()
        history.apply(key)
        found = history.settle()
        assert history.traces(other, found) == before, history.did
    for key in history.keys:
        wanted = {one.get("path") or f"/{one['name']}": one["mountPoint"] for one in history.mounts[key]}
        assert history.table(key) == wanted
    history.silence()
    history.check_secrets()
    history.end()
