# pyright: basic
"""AlluxioRuntimes at a real API server: mounts with options and credentials, scaling, DataLoad, deletion."""

from collections.abc import Iterator

import pytest

from cluster import ControlPlane, Fault, KubectlError
from fluid.engines.alluxio.mounts import SCRIPT
from tests.plane.user import API, Json, User, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]
NAME = "images"
ROOT = "/underFSStorage  on  /  (local, capacity=251.97GB, used=27.05GB, not read-only, properties={})\n"
METRICS = """Cluster_CapacityTotal 1.073741824E9
Cluster_CapacityUsed 2.097152E7
Cluster_BytesReadLocal 3.0E7
Cluster_BytesReadRemote 1.0E7
Cluster_BytesReadUfsAll 0.0
"""
COUNT = "File Count   Folder Count   Folder Size\n6            3              41943040\n"


def listed(*mounts: tuple[str, str]) -> str:
    lines = (f"{uri}  on  {path}  (s3, capacity=-1B, used=-1B, not read-only)\n" for path, uri in mounts)
    return ROOT + "".join(lines)


class AlluxioUser(User):
    """A user of AlluxioRuntimes, whose masters answer what real ones do."""

    def answers(self, *mounts: tuple[str, str], **more: Fault) -> None:
        """What masters answer that have some mounts."""
        said = {
            f"{SCRIPT} --metrics *": METRICS,
            f"{SCRIPT} *": "",
            "alluxio fs mount": listed(*mounts),
            "alluxio fs unmount *": "",
            "alluxio fs loadMetadata -R /": "",
            "alluxio fs count /": COUNT,
            "timeout 60 alluxio fs free -f /": "/ was successfully freed from Alluxio space.\n",
        }
        usual = [Fault(command=one, stdout=text, namespace=self.namespace) for one, text in said.items()]
        self.plane.faults(*more.values(), *usual)

    def alluxio(self, **spec: object) -> Json:
        level = {"mediumtype": "MEM", "path": "/dev/shm", "quota": "64Mi"}
        spec = {"replicas": 1, "tieredstore": {"levels": [level]}, **spec}
        return {"apiVersion": API, "kind": "AlluxioRuntime", "metadata": {"name": NAME}, "spec": spec}

    def bound(self, *mounts: Json, **spec: object) -> None:
        self.apply(self.dataset(NAME, *mounts, placement="Shared"), self.alluxio(**spec))
        self.phase(NAME)

    def commands(self, word: str) -> list[tuple[str, ...]]:
        return [one.argv for one in self.plane.exec_log(namespace=self.namespace) if word in one.argv]


MOUNT = {
    "mountPoint": "s3://bucket/data",
    "name": "data",
    "options": {"alluxio.underfs.s3.endpoint": "http://store:9000", "note": "a b; $(id) 'c'"},
    "encryptOptions": [
        {"name": "s3a.secretKey", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "secret"}}}
    ],
}
WORDS = (
    *("--option", "alluxio.underfs.s3.endpoint=http://store:9000", "--option", "note=a b; $(id) 'c'"),
    *("--secret", "s3a.secretKey=/etc/fluid/secrets/keys/secret"),
)


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[AlluxioUser]:
    found = AlluxioUser(plane, namespace)
    found.kubectl("create", "secret", "generic", "keys", "--from-literal=secret=open-sesame")
    found.answers()
    yield found
    plane.faults()


def test_a_dataset_becomes_bound_with_its_mounts_columns_and_numbers(user: AlluxioUser) -> None:
    user.bound(MOUNT, apiGateway={"enabled": True})
    assert user.commands("s3://bucket/data") == [(SCRIPT, *WORDS, "/data", "s3://bucket/data")]
    until(lambda: user.status("datasets", NAME).get("fileNum") == "6", "files are counted")
    status = user.status("datasets", NAME)
    assert (status["ufsTotal"], status["fileNum"]) == ("40.00MiB", "6")
    until(lambda: user.status("datasets", NAME)["cacheStates"].get("cachedPercentage"), "a share is known")
    states = user.status("datasets", NAME)["cacheStates"]
    assert (states["cacheCapacity"], states["cached"], states["cachedPercentage"]) == (
        "1.00GiB",
        "20.00MiB",
        "50.0%",
    )
    assert (states["cacheHitRatio"], states["localHitRatio"]) == ("100.0%", "75.0%")
    assert status["hcfs"]["endpoint"].startswith(f"alluxio://{NAME}-master-0.{user.namespace}:")
    runtime = user.status("alluxioruntimes", NAME)
    assert runtime["apiGateway"]["endpoint"].startswith(f"{NAME}-master-0.{user.namespace}:")
    shown = user.kubectl("get", "dataset,alluxioruntime", "-o", "wide")
    assert "API GATEWAY" in shown
    heads, values = user.kubectl("get", "alluxio", NAME, "-o", "wide").splitlines()
    assert heads.startswith("NAME     READY MASTERS   DESIRED MASTERS   MASTER PHASE")
    assert values.split()[1:4] == ["1", "1", "Ready"]
    assert "open-sesame" not in str(user.all("configmaps")) + str(user.all("events"))


def test_a_changed_option_and_a_new_source_are_followed_in_the_running_master(user: AlluxioUser) -> None:
    user.bound(MOUNT)
    pods = user.uids("pods", "role=alluxio-master")
    user.answers(("/data", "s3://bucket/data"))
    changed = {**MOUNT, "options": {"alluxio.underfs.s3.endpoint": "http://other:9000"}}
    user.apply(user.dataset(NAME, changed, {"mountPoint": "s3://more", "name": "more"}, placement="Shared"))
    until(lambda: user.commands("s3://more"), "the new source is mounted")
    until(
        lambda: len(user.commands("s3://bucket/data")) == 2,
        "the changed source is mounted again",
        but=lambda: user.status("datasets", NAME),
    )
    user.phase(NAME)
    assert user.commands("unmount") == [("alluxio", "fs", "unmount", "/data")]
    assert "alluxio.underfs.s3.endpoint=http://other:9000" in user.commands("s3://bucket/data")[1]
    assert user.uids("pods", "role=alluxio-master") == pods


def test_a_mount_that_fails_is_told_with_its_reason_and_no_credential(user: AlluxioUser) -> None:
    reason = "SignatureDoesNotMatch: The request signature we calculated does not match"
    user.answers(refused=Fault(command=f"{SCRIPT} --option *", exit=1, stderr=reason))
    user.apply(user.dataset(NAME, MOUNT, placement="Shared"), user.alluxio())

    def said() -> str:
        return user.condition("datasets", NAME, "NotReady").get("message", "")

    until(lambda: "SignatureDoesNotMatch" in said(), "the reason is told", but=said)
    assert "check the mount's address, options and credentials" in said()
    assert "open-sesame" not in said()


def test_workers_follow_the_scale_subresource(user: AlluxioUser) -> None:
    user.bound(MOUNT)
    user.kubectl("scale", "alluxioruntime", NAME, "--replicas=2")
    until(lambda: user.status("alluxioruntimes", NAME)["workerNumberReady"] == 2, "two workers are ready")
    scaled = user.get("alluxioruntimes", NAME) or {}
    assert scaled["status"]["selector"] == f"app=alluxio,release={NAME},role=alluxio-worker"
    assert len(user.all("pods", "role=alluxio-worker")) == 2
    user.kubectl("scale", "alluxioruntime", NAME, "--replicas=1")
    until(lambda: len(user.all("pods", "role=alluxio-worker")) == 1, "one worker is left")


def test_a_load_runs_with_its_targets_as_arguments_and_is_complete(user: AlluxioUser) -> None:
    user.bound(MOUNT)
    target = [{"path": "/data/a b:c", "replicas": 2}, {"path": "/data/$(HOME)"}]
    spec = {"dataset": {"name": NAME}, "loadMetadata": True, "target": target}
    user.apply({"apiVersion": API, "kind": "DataLoad", "metadata": {"name": "warm"}, "spec": spec})
    until(
        lambda: user.status("dataloads", "warm").get("phase") == "Complete",
        "the load is complete",
        30,
        lambda: user.status("dataloads", "warm"),
    )
    job = user.get("jobs", "warm-loader-job") or {}
    [container] = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["/bin/bash", "/scripts/alluxio_dataload.sh"]
    assert container["args"] == ["--metadata", "--", "/data/a b:c", "2", "/data/$$(HOME)", "1"]
    assert container["envFrom"] == [{"configMapRef": {"name": f"{NAME}-config"}}]


def test_a_deletion_frees_the_cache_and_leaves_nothing(user: AlluxioUser) -> None:
    user.bound(MOUNT, master={"replicas": 3})
    user.kubectl("delete", "dataset", NAME, "--wait=false")
    user.gone("alluxioruntimes", NAME, 30)
    user.gone("datasets", NAME, 30)
    assert user.commands("free")[0] == ("timeout", "60", "alluxio", "fs", "free", "-f", "/")
    for plural in ("statefulsets", "daemonsets", "services", "persistentvolumeclaims", "pods"):
        until(lambda kind=plural: not user.all(kind), f"no {plural} are left", 30, lambda: "")
    kept = {"kube-root-ca.crt"}
    until(
        lambda: {one["metadata"]["name"] for one in user.all("configmaps")} == kept, "no ConfigMaps are left"
    )
    assert user.plane.kubectl("get", "pv", f"{user.namespace}-{NAME}", "--ignore-not-found") == ""


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"jvmOptions": ["-Dx=$(id)"]}, "spec.jvmOptions[0]"),
        ({"master": {"properties": {"alluxio.master.rpc.port": "1"}}}, "Set it in spec.properties"),
        ({"properties": {"alluxio.master.web.port": "many"}}, "spec.properties[alluxio.master.web.port]"),
        ({"hadoopConfig": "absent"}, "spec.hadoopConfig"),
        ({"worker": {"resources": {"limits": {"memory": "1Mi"}}}}, "spec.worker.resources.limits[memory]"),
    ],
)
def test_bad_words_are_told_with_their_field(user: AlluxioUser, spec: Json, words: str) -> None:
    user.apply(user.dataset(NAME, MOUNT, placement="Shared"), user.alluxio(**spec))

    def said() -> str:
        return user.condition("datasets", NAME, "NotReady").get("message", "")

    until(lambda: words in said(), words, but=said)


def test_a_tier_without_room_and_a_long_name_are_refused_when_they_are_written(user: AlluxioUser) -> None:
    with pytest.raises(KubectlError, match="at most 45"):
        user.apply({**user.alluxio(), "metadata": {"name": "a" * 46}})
    level = {"mediumtype": "SSD", "path": "/a,/b", "quotaList": "1Gi,0Gi"}
    with pytest.raises(KubectlError, match="a tier needs room"):
        user.apply(user.alluxio(tieredstore={"levels": [level]}))
