# pyright: basic
"""JuiceFSRuntimes at a real API server; commands and pages of JuiceFS are played in documented formats."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from cluster import ControlPlane, Fault
from tests.plane.user import API, Json, User, until
from tests.pure.juicefs.client import METRICS, STATUS, SUMMARY, UUID

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
NAME, ADDRESS = "photos", "198.18.77.2"
"""An address for tests (RFC 2544), on the loopback device for as long as this module runs."""
GENERATION = "fuse.runtime.fluid.io/generation"


class _Metrics(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/metrics" else 404)
        self.end_headers()
        self.wfile.write(METRICS.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port at `ADDRESS` that serves metrics as clients do."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("an address beside the loopback ones takes root and iproute2")
    subprocess.run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
    try:
        server = ThreadingHTTPServer((ADDRESS, 0), _Metrics)
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
        server.server_close()
    finally:
        subprocess.run(["ip", "address", "del", f"{ADDRESS}/32", "dev", "lo"], check=True)


class JuiceFSUser(User):
    """A user of JuiceFSRuntimes."""

    def mount(self, **changes: object) -> Json:
        secret = {"name": "metaurl", "valueFrom": {"secretKeyRef": {"name": "jfs", "key": "metaurl"}}}
        return {"mountPoint": "juicefs:///raw", "name": "jfs", "encryptOptions": [secret], **changes}

    def juicefs(self, port: int, **spec: object) -> Json:
        options = {"options": {"metrics": f"0.0.0.0:{port}"}}
        tier = {"mediumtype": "SSD", "path": "/mnt/a:/mnt/b", "quota": "40Gi"}
        spec = {"replicas": 2, "fuse": options, "worker": options, "tieredstore": {"levels": [tier]}, **spec}
        return {"apiVersion": API, "kind": "JuiceFSRuntime", "metadata": {"name": NAME}, "spec": spec}

    def bound(self, port: int, **spec: object) -> Json:
        self.apply(self.dataset(NAME, self.mount(), placement="Shared"), self.juicefs(port, **spec))
        self.give_addresses("worker", spec.get("replicas", 2))
        return self.phase(NAME, seconds=60)

    def give_addresses(self, component: str, count: object) -> None:
        """Write `ADDRESS` to statuses of pods; what plays the kubelet writes an address of its own once."""
        change = json.dumps({"status": {"podIP": ADDRESS, "podIPs": [{"ip": ADDRESS}]}})
        pods = partial(self.all, "pods", f"role=juicefs-{component}")

        def addressed() -> bool:
            found = pods()
            return len(found) == count and all((one.get("status") or {}).get("podIP") for one in found)

        until(addressed, f"{count} pods of {component} have addresses", 40, pods)
        for pod in pods():
            name = pod["metadata"]["name"]
            self.kubectl("patch", f"pod/{name}", "--subresource=status", "--type=merge", "-p", change)

    def script(self, component: str) -> str:
        return (self.get("configmaps", f"{NAME}-{component}-script") or {})["data"]["script.sh"]

    def states(self) -> Json:
        return self.status("datasets", NAME).get("cacheStates") or {}


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[JuiceFSUser]:
    plane.faults(
        Fault(command="* summary --csv *", stdout=SUMMARY),
        Fault(command="sh -c * status *", stdout=STATUS),
        Fault(command="rm -rf *", stdout=""),
    )
    yield JuiceFSUser(plane, namespace)
    plane.kubectl("label", "nodes", "--all", f"fluid.io/f-{namespace}-{NAME}-")
    plane.faults()


def test_a_file_system_becomes_bound_with_figures_of_its_caches_and_leaves_nothing(
    user: JuiceFSUser, port: int
) -> None:
    status = user.bound(port)
    assert [(one["type"], one["name"], one["masterReplicas"]) for one in status["runtimes"]] == [
        ("juicefs", NAME, 2)
    ]
    assert status["mounts"] == [{"mountPoint": "juicefs:///raw", "name": "jfs", "path": "/jfs"}]
    until(lambda: user.status("datasets", NAME).get("fileNum") == "12", "the files are counted", 30)
    assert user.status("datasets", NAME)["ufsTotal"] == "197.70MiB"
    states = user.states()
    assert states["cached"] == "72.02MiB"
    assert (states["cacheCapacity"], states["cacheHitRatio"]) == ("80.00GiB", "83.3%")
    runtime = user.status("juicefsruntimes", NAME)
    assert (runtime["selector"], runtime["valueFile"]) == (
        f"app=juicefs,release={NAME},role=juicefs-worker",
        f"{NAME}-juicefs-values",
    )
    print(user.kubectl("get", "dataset,juicefsruntime,statefulset,daemonset,pvc"))  # noqa: T201 - for people
    user.until_quiet()
    user.kubectl("delete", "dataset,juicefsruntime", NAME, "--wait=false")
    for plural in ("datasets", "juicefsruntimes"):
        user.gone(plural, NAME, 60)
    commands = [" ".join(call.argv) for call in user.plane.exec_log(namespace=user.namespace)]
    assert f"rm -rf -- /mnt/a/{UUID}/raw/chunks /mnt/b/{UUID}/raw/chunks" in commands
    left = user.kubectl("get", "statefulset,daemonset,service,pvc,job", "-o", "name")
    maps = [one for one in user.kubectl("get", "configmap", "-o", "name").split() if NAME in one]
    assert (left.strip(), maps) == ("", [])
    assert user.get("persistentvolumes", f"{user.namespace}-{NAME}") is None


def test_another_option_is_pending_until_pods_are_replaced_and_told_to_node_plugins(
    user: JuiceFSUser, port: int
) -> None:
    user.bound(port)

    def generation() -> str:
        return (user.get("persistentvolumeclaims", NAME) or {})["metadata"]["labels"][GENERATION]

    def template() -> Json:
        return (user.get("daemonsets", f"{NAME}-fuse") or {})["spec"]["template"]["metadata"]["labels"]

    before = generation()
    assert before == template()[GENERATION]
    fuse = {"fuse": {"options": {"attr-cache": "60"}}, "worker": {"options": {"buffer-size": "600"}}}
    user.patch(f"juicefsruntime/{NAME}", {"spec": fuse})
    until(lambda: "attr-cache=60" in user.script("fuse"), "the script has the option")
    until(
        lambda: generation() != before and generation() == template()[GENERATION], "the claim has the digest"
    )

    def pending() -> list[str]:
        updates = user.status("juicefsruntimes", NAME).get("pendingUpdates") or []
        return [one["field"] for one in updates]

    until(lambda: pending() == ["spec.worker.options"], "the workers lack it", but=pending)
    message = user.condition("juicefsruntimes", NAME, "UpdatePending")["message"]
    assert "spec.worker.options (on-restart)" in message
    user.kubectl("delete", "pod", f"{NAME}-worker-0", f"{NAME}-worker-1", "--wait=false")
    until(lambda: not pending(), "new workers have it", 60, pending)


def test_another_secret_replaces_workers_one_by_one(user: JuiceFSUser, port: int) -> None:
    user.bound(port, replicas=1)
    before = user.uids("pods", "role=juicefs-worker")
    secret = {"name": "metaurl", "valueFrom": {"secretKeyRef": {"name": "other", "key": "metaurl"}}}
    user.patch(f"dataset/{NAME}", {"spec": {"mounts": [user.mount(encryptOptions=[secret])]}})
    until(lambda: user.uids("pods", "role=juicefs-worker") != before, "the worker is replaced", 40)
    user.give_addresses("worker", 1)
    user.phase(NAME, seconds=60)


def test_claims_of_workers_are_made_kept_at_a_change_and_go_with_the_runtime(
    user: JuiceFSUser, port: int
) -> None:
    def claims(size: str) -> Json:
        spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
        return {"volumeClaimTemplates": [{"metadata": {"name": "blocks"}, "spec": spec}]}

    options = {"metrics": f"0.0.0.0:{port}"}
    worker = {"options": options, "volumeMounts": [{"name": "blocks", "mountPath": "/mnt/a"}]}
    dataset = user.dataset(NAME, user.mount(), placement="Shared")
    user.apply(dataset, user.juicefs(port, replicas=1, worker=worker, **claims("1Gi")))
    until(lambda: user.get("persistentvolumeclaims", f"blocks-{NAME}-worker-0"), "the claim is made", 20)
    user.patch(f"juicefsruntime/{NAME}", {"spec": claims("2Gi")})

    def kept() -> str:
        said = user.condition("juicefsruntimes", NAME, "VolumeUpdatePending").get("message", "")
        return said + json.dumps(user.status("datasets", NAME).get("conditions"))

    user.kubectl("delete", "juicefsruntime", NAME, "--wait=false")
    user.gone("juicefsruntimes", NAME, 60)
    until(
        lambda: user.get("persistentvolumeclaims", f"blocks-{NAME}-worker-0") is None, "it is gone", 30, kept
    )


def test_a_runtime_without_a_usable_mount_is_told_the_field(user: JuiceFSUser, port: int) -> None:
    user.apply(
        user.dataset(NAME, {"mountPoint": "juicefs:///a", "name": "jfs", "options": {"storage": "s3"}})
    )
    user.apply(user.juicefs(port))

    def said() -> str:
        return user.condition("datasets", NAME, "Ready").get("message", "")

    until(lambda: "spec.mounts[0].options[storage]" in said(), "the field is named", but=said)
    assert "metaurl" in said()


def test_a_load_warms_up_each_node_with_a_worker(user: JuiceFSUser, port: int) -> None:
    user.bound(port)
    spec = {
        "dataset": {"name": NAME},
        "target": [{"path": "/a b"}],
        "options": {"timeout": "5m", "threads": "9"},
    }
    user.apply({"apiVersion": API, "kind": "DataLoad", "metadata": {"name": "warm"}, "spec": spec})
    job = until(lambda: user.get("jobs", "warm-loader-job"), "the Job is made", 20) or {}
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == [
        *("timeout", "5m", "/usr/local/bin/juicefs", "warmup", "--threads=9", "/data/a b"),
    ]
    assert job["spec"]["parallelism"] == job["spec"]["completions"] == 2
    until(lambda: user.status("dataloads", "warm").get("phase") == "Complete", "it is Complete", 60)
    print(user.kubectl("get", "dataload,job"))  # noqa: T201 - for people


def migrate(user: JuiceFSUser, name: str, **spec: object) -> None:
    target = {"dataset": {"name": NAME, "namespace": user.namespace, "path": "/in/"}}
    spec = {"from": {"externalStorage": {"uri": "s3://bucket"}}, "to": target, **spec}
    user.apply({"apiVersion": API, "kind": "DataMigrate", "metadata": {"name": name}, "spec": spec})


def test_files_are_copied_by_several_pods_and_no_worker_is_left(user: JuiceFSUser, port: int) -> None:
    user.bound(port, replicas=1)
    keys = {"sshSecretName": "keys"}
    migrate(user, "fill", parallelism=3, parallelOptions=keys)
    workers = until(lambda: user.get("statefulsets", "fill-migrate-workers"), "workers are made", 20) or {}
    assert workers["spec"]["replicas"] == 2
    until(lambda: user.status("datamigrates", "fill").get("phase") == "Complete", "it is Complete", 60)
    print(user.kubectl("get", "datamigrate,job"))  # noqa: T201 - for people
    user.gone("statefulsets", "fill-migrate-workers", 30)
    user.gone("services", "fill-migrate-workers", 30)
    assert not (user.status("datasets", NAME).get("operationRef") or {}).get("DataMigrate")
    migrate(user, "blocking", block=True)
    until(lambda: user.status("datamigrates", "blocking").get("phase") == "Failed", "block is refused", 20)
    message = user.condition("datamigrates", "blocking", "Failed")["message"]
    assert "spec.block" in message
    user.kubectl("delete", "datamigrate", "--all", "--timeout=30s")
    assert user.kubectl("get", "job", "-o", "name").strip() == ""


def test_workers_of_a_schedule_are_there_while_it_runs_and_no_longer(user: JuiceFSUser, port: int) -> None:
    user.bound(port, replicas=1)
    options = {"parallelism": 2, "parallelOptions": {"sshSecretName": "keys"}}
    migrate(user, "nightly", policy="Cron", schedule="0 2 30 2 *", **options)
    until(lambda: user.get("cronjobs", "nightly-migrate-migrate"), "the CronJob is made", 20)
    user.gone("statefulsets", "nightly-migrate-workers", 20)
    user.kubectl("create", "job", "now", "--from=cronjob/nightly-migrate-migrate")

    def made() -> bool:
        return user.get("statefulsets", "nightly-migrate-workers") is not None

    seen = until(
        lambda: made() or user.status("datamigrates", "nightly").get("lastSuccessfulTime"), "it ran", 30
    )
    assert seen
    until(lambda: user.status("datamigrates", "nightly").get("phase") == "Complete", "it is Complete", 60)
    user.gone("statefulsets", "nightly-migrate-workers", 30)
