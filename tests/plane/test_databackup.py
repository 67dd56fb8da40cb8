# pyright: basic
"""DataBackups at a real API server: the Job, its Service, what masters are told, refusals, deletion."""

from collections.abc import Iterator

import pytest

from cluster import ControlPlane, Fault, KubectlError
from tests.plane.test_alluxio import MOUNT, NAME, AlluxioUser
from tests.plane.user import API, Json, until

pytestmark = [pytest.mark.plane, pytest.mark.usefixtures("operator")]


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[AlluxioUser]:
    found = AlluxioUser(plane, namespace)
    found.kubectl("create", "secret", "generic", "keys", "--from-literal=secret=open-sesame")
    found.answers(sent=Fault(command="bash -c *", stdout="", namespace=namespace))
    yield found
    plane.faults()


def backup(name: str, path: str = "pvc://backups/monday", **spec: object) -> Json:
    spec = {"dataset": NAME, "backupPath": path, **spec}
    return {"apiVersion": API, "kind": "DataBackup", "metadata": {"name": name}, "spec": spec}


def claim(name: str) -> Json:
    resources = {"requests": {"storage": "1Mi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "none", "resources": resources}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def test_a_backup_waits_with_its_service_and_the_master_is_told_to_send(user: AlluxioUser) -> None:
    user.bound(MOUNT)
    user.apply(claim("backups"), backup("monday"))  # nothing binds the claim: the pod waits, the Job runs
    until(
        lambda: user.status("databackups", "monday").get("phase") == "Executing",
        "it runs",
        20,
        lambda: user.status("databackups", "monday"),
    )
    assert user.get("services", "monday-backup-job") is not None
    assert user.status("datasets", NAME)["operationRef"] == {"DataBackup": "monday"}
    told = until(lambda: user.commands("send_backup.sh"), "the master is told", 20)
    assert told[0][4:6] == (f"monday-backup-job.{user.namespace}", "9800")
    job = user.get("jobs", "monday-backup-job") or {}
    pod = job["spec"]["template"]["spec"]
    environment = {one["name"]: one.get("value") for one in pod["containers"][0]["env"]}
    assert environment["TOKEN"] == told[0][6]
    assert pod["automountServiceAccountToken"] is False
    user.kubectl("delete", "databackup", "monday", "--timeout=30s")
    for plural in ("jobs", "services", "configmaps"):
        name = "monday-backup-script" if plural == "configmaps" else "monday-backup-job"
        user.gone(plural, name, 30)
    until(lambda: not (user.status("datasets", NAME).get("operationRef") or {}), "nothing is recorded")


def test_a_backup_to_a_node_with_a_master_is_complete_and_leaves_no_service(user: AlluxioUser) -> None:
    user.bound(MOUNT)
    user.apply(backup("on-node", "local:///var/backups"))
    until(
        lambda: user.status("databackups", "on-node").get("phase") == "Complete",
        "it is complete",
        60,
        lambda: user.status("databackups", "on-node"),
    )
    print(user.kubectl("get", "backup,job"))  # noqa: T201 - for people
    heads = user.kubectl("get", "databackup", "on-node").splitlines()[0]
    assert heads.split() == ["NAME", "DATASET", "PHASE", "PATH", "NODENAME", "DURATION", "AGE"]
    [master] = user.all("pods", "role=alluxio-master")
    [pod] = user.all("pods", "role=databackup-pod")
    assert pod["spec"]["nodeName"] == master["spec"]["nodeName"]
    user.gone("services", "on-node-backup-job", 30)
    user.kubectl("delete", "databackup", "on-node", "--timeout=30s")


@pytest.mark.parametrize("path", ["s3://bucket", "local:///", "pvc://claim/../x", "local:///a/../b"])
def test_a_path_that_is_no_place_fails_with_its_reason(user: AlluxioUser, path: str) -> None:
    user.bound(MOUNT)
    user.apply(backup("wrong", path))
    until(lambda: user.status("databackups", "wrong").get("phase") == "Failed", "it is refused", 20)
    condition = user.condition("databackups", "wrong", "Failed")
    assert condition["reason"] == "PathNotSupported"
    assert "spec.backupPath" in condition["message"]
    assert "pvc://<claim>/<folder>" in condition["message"]


def test_a_missing_dataset_and_a_long_name_are_told(user: AlluxioUser) -> None:
    with pytest.raises(KubectlError, match="at most 52"):
        user.apply(backup("a" * 53))
    user.apply(backup("early"))
    condition = user.until_condition("databackups", "early", "Progressing", "False")
    assert NAME in condition["message"]
