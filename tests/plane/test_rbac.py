# pyright: basic
"""The operator's rights, both ways: a whole life is denied nothing and leaves no right unused."""

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from cluster import ControlPlane, Operator
from cluster.audit import AuditEvent
from cluster.operator import NAMESPACE, USER
from tests.harness.rights import Right, granted, table, used
from tests.plane.test_alluxio import AlluxioUser

REREAD = "read again after a conflict with another writer, which this test does not force"
EXCEPTIONS = {
    ("data.fluid.io", "datasets", "get"): REREAD,
    ("data.fluid.io", "alluxioruntimes", "get"): REREAD,
    ("data.fluid.io", "jindoruntimes", "get"): REREAD,
    ("data.fluid.io", "juicefsruntimes", "get"): REREAD,
    ("data.fluid.io", "thinruntimes", "get"): REREAD,
    ("data.fluid.io", "databackups", "get"): REREAD,
    ("data.fluid.io", "dataloads", "get"): REREAD,
    ("data.fluid.io", "datamigrates", "get"): REREAD,
    ("data.fluid.io", "dataprocesses", "get"): REREAD,
    ("batch", "jobs", "patch"): "takes the Job of a former controller over, of which there is none here",
    ("", "events", "patch"): "counts the repeats of an event, after a minute at the earliest",
    (
        "",
        "pods/exec",
        "create",
    ): "asked for beside get by API servers from 1.35 on; the audit log shows the get",
}
"""Rights that are needed and that the audit log of this test cannot show, with the reason."""
DATASET = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: hbase}
spec:
  placement: Shared
  mounts:
    - {name: hbase, mountPoint: "s3://bucket/hbase", options: {fs.s3.endpoint: s3.example.org}}
"""
RUNTIME = """
apiVersion: data.fluid.io/v1alpha1
kind: JindoRuntime
metadata: {name: hbase}
spec:
  replicas: 2
  hadoopConfig: hadoop
  tieredstore: {levels: [{mediumtype: MEM, path: /dev/shm, quota: 1Gi}]}
"""
ALLUXIO = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: models}
spec: {placement: Shared, mounts: [{name: one, mountPoint: "s3://one"}]}
---
apiVersion: data.fluid.io/v1alpha1
kind: AlluxioRuntime
metadata: {name: models}
spec: {management: {cleanCachePolicy: {gracePeriodSeconds: 0}}}
"""
BACKUP = """
apiVersion: data.fluid.io/v1alpha1
kind: DataBackup
metadata: {name: saved}
spec: {dataset: models, backupPath: "local:///var/backups", ttlSecondsAfterFinished: 1}
"""
THIN = """
apiVersion: data.fluid.io/v1alpha1
kind: ThinRuntimeProfile
metadata: {name: NAMESPACE-client}
spec: {fileSystemType: fuse.client, fuse: {image: client}}
---
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: images}
spec: {mounts: [{name: one, mountPoint: "s3://one"}]}
---
apiVersion: data.fluid.io/v1alpha1
kind: ThinRuntime
metadata: {name: images}
spec: {profileName: NAMESPACE-client}
"""
JUICEFS = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: volume}
spec: {placement: Shared, mounts: [{name: volume, mountPoint: "juicefs:///"}]}
---
apiVersion: data.fluid.io/v1alpha1
kind: JuiceFSRuntime
metadata: {name: volume}
spec: {}
---
apiVersion: data.fluid.io/v1alpha1
kind: DataMigrate
metadata: {name: fill}
spec:
  from: {externalStorage: {uri: "s3://bucket"}}
  to: {dataset: {name: volume, namespace: NAMESPACE}}
  ttlSecondsAfterFinished: 1
"""
REFERENCE = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: album}
spec: {mounts: [{name: all, mountPoint: "dataset://NAMESPACE/images"}]}
"""
THIN_LOAD = """
apiVersion: data.fluid.io/v1alpha1
kind: DataLoad
metadata: {name: slowly}
spec: {dataset: {name: images}, podMetadata: {annotations: {fluid.test/job-seconds: "600"}}}
"""
LOADS = """
apiVersion: data.fluid.io/v1alpha1
kind: DataLoad
metadata: {name: once}
spec: {dataset: {name: hbase}, ttlSecondsAfterFinished: 1}
---
apiVersion: data.fluid.io/v1alpha1
kind: DataLoad
metadata: {name: nightly}
spec: {dataset: {name: hbase}, policy: Cron, schedule: "0 2 * * *"}
"""
PROCESS = """
apiVersion: data.fluid.io/v1alpha1
kind: DataProcess
metadata: {name: count}
spec:
  ttlSecondsAfterFinished: 1
  dataset: {name: hbase, mountPath: /data}
  processor: {script: {image: busybox, source: "ls /data"}}
"""
REFUSED = """
apiVersion: data.fluid.io/v1alpha1
kind: DataProcess
metadata: {name: refused}
spec:
  dataset: {name: hbase, mountPath: /data}
  processor: {serviceAccountName: nobody, script: {image: busybox, source: "ls /data"}}
"""
LATER = '{"spec": {"schedule": "0 3 * * *"}}'
KEYS = """
spec:
  mounts:
    - name: hbase
      mountPoint: s3://bucket/hbase
      encryptOptions:
        - {name: fs.s3.accessKeyId, valueFrom: {secretKeyRef: {name: keys, key: id}}}
        - {name: fs.s3.accessKeySecret, valueFrom: {secretKeyRef: {name: keys, key: secret}}}
"""
READER = """
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  containers: [{name: reader, image: busybox, volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: hbase}}]
"""
TAKEN = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: claimed}
spec: {accessModes: [ReadWriteMany], storageClassName: one, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: NAMESPACE-held}
spec:
  accessModes: [ReadWriteMany]
  storageClassName: other
  capacity: {storage: 1Gi}
  hostPath: {path: /tmp}
"""
"""Names that a Dataset wants for its claim and volume, and that somebody else has; the two never bind."""

CONTROLLER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: jindoruntime-controller}
spec:
  replicas: 0
  selector: {matchLabels: {app: manager}}
  template:
    metadata: {labels: {app: manager}}
    spec: {containers: [{name: manager, image: manager}]}
"""
"""What serves the runtimes where the operator only has the Dataset controller."""


class User:
    """What a user does in one namespace."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self.plane = plane
        self.namespace = namespace

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.plane.kubectl("--namespace", self.namespace, *arguments, stdin=stdin)

    def apply(self, text: str) -> None:
        self.kubectl("apply", "-f", "-", stdin=text)

    def wait(self, what: str, path: str, value: str) -> None:
        self.kubectl("wait", what, f"--for=jsonpath={{{path}}}={value}", "--timeout=30s")

    def until(self, what: str, holds: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, f"waited for: {what}"
            time.sleep(0.1)

    def names(self, kinds: str) -> list[str]:
        return self.kubectl("get", kinds, "-o", "name").split()


def asked(plane: ControlPlane, since: datetime, wanted: Right) -> bool:
    return wanted in used(mine(plane, since))


def mine(plane: ControlPlane, since: datetime) -> list[AuditEvent]:
    """What the operator asked for."""
    return [event for event in plane.audit(since) if event.user == USER]


@pytest.fixture(scope="module")
def life(plane: ControlPlane, installed: Operator) -> Iterator[datetime]:
    """A whole life under the operator, which takes the Lease; returns when it began."""
    since = datetime.now(UTC)
    user = User(plane, f"rights-{secrets.token_hex(3)}")
    plane.kubectl("create", "namespace", user.namespace)
    plane.kubectl("delete", "lease", "--all", "--namespace", NAMESPACE)
    installed.start("--leader-elect")
    try:
        live(user, plane, since)
        installed.stop()
        installed.start("--controllers", "dataset")
        live_apart(user, User(plane, NAMESPACE))
        yield since
    finally:
        installed.stop()
        plane.kubectl("delete", "pv", f"{user.namespace}-held", "--ignore-not-found", "--wait=false")
        plane.kubectl("delete", "namespace", user.namespace, "--wait=false")


def live(user: User, plane: ControlPlane, since: datetime) -> None:
    user.kubectl("create", "configmap", "hadoop", "--from-literal=hdfs-site.xml=<configuration/>")
    user.kubectl(
        "create", "secret", "generic", "keys", "--from-literal=id=me", "--from-literal=secret=sesame"
    )
    user.apply(DATASET + "---" + RUNTIME)
    user.wait("dataset/hbase", ".status.phase", "Bound")
    user.kubectl("scale", "jindoruntime", "hbase", "--replicas=3")
    user.wait("jindoruntime/hbase", ".status.workerNumberReady", "3")
    user.apply(LOADS)
    user.until("the DataLoad goes when its time is over", lambda: "once" not in str(user.names("dataload")))
    user.until("the CronJob is there", lambda: user.names("cronjob"))
    user.kubectl("patch", "dataload", "nightly", "--type=merge", "--patch", LATER)
    user.until("the CronJob follows", partial(asked, plane, since, Right("batch", "cronjobs", "patch")))
    user.kubectl("delete", "dataload", "nightly", "--timeout=30s")
    user.apply(PROCESS)
    user.kubectl("wait", "dataprocess/count", "--for=delete", "--timeout=30s")
    user.apply(REFUSED)
    user.until("it looks why there is no pod", partial(asked, plane, since, Right("", "events", "list")))
    user.kubectl("delete", "dataprocess/refused", "--timeout=30s")
    user.kubectl("label", "service", "hbase-jindofs-master-0", "role-")
    user.until("the label is back", partial(asked, plane, since, Right("", "services", "patch")))
    user.kubectl("patch", "dataset/hbase", "--type=merge", "--patch", KEYS)
    user.until("a pod is replaced", partial(asked, plane, since, Right("", "pods", "delete")))
    user.apply(READER)
    user.wait("pod/reader", ".status.phase", "Running")
    user.kubectl("delete", "dataset/hbase", "--wait=false")
    user.wait("dataset/hbase", '.status.conditions[?(@.type=="DeletionBlocked")].status', "True")
    user.kubectl("delete", "pod/reader", "--wait=false")
    user.kubectl("wait", "dataset/hbase", "--for=delete", "--timeout=30s")
    live_on_alluxio(user, plane)
    user.apply(JUICEFS.replace("NAMESPACE", user.namespace))
    user.wait("dataset/volume", ".status.phase", "Bound")
    user.kubectl("wait", "datamigrate/fill", "--for=delete", "--timeout=30s")
    user.kubectl("delete", "dataset/volume", "--timeout=30s")
    live_thinly(user, plane, since)
    user.apply(TAKEN.replace("NAMESPACE", user.namespace))
    for name, resource in (("claimed", "persistentvolumeclaims"), ("held", "persistentvolumes")):
        user.apply(f"{DATASET}---{RUNTIME}".replace("{name: hbase}", f"{{name: {name}}}"))
        user.until("it looks who has its name", partial(asked, plane, since, Right("", resource, "get")))
        user.kubectl("delete", f"dataset/{name}", "--timeout=30s")


def live_on_alluxio(user: User, plane: ControlPlane) -> None:
    """A cache whose masters answer, and a backup of it."""
    AlluxioUser(plane, user.namespace).answers()
    user.apply(f"{ALLUXIO}---{BACKUP}")
    user.wait("dataset/models", ".status.phase", "Bound")
    user.kubectl("wait", "databackup/saved", "--for=delete", "--timeout=60s")
    user.kubectl("delete", "dataset/models", "--timeout=30s")
    plane.faults()


def live_apart(user: User, home: User) -> None:
    """The runtime's controller is elsewhere, and is started when it is needed."""
    home.apply(CONTROLLER)
    user.apply(f"{DATASET}---{RUNTIME}")
    home.wait("deployment/jindoruntime-controller", ".spec.replicas", "1")
    user.kubectl("delete", "dataset/hbase", "--timeout=30s")
    home.kubectl("delete", "deployment/jindoruntime-controller", "--wait=false")


def live_thinly(user: User, plane: ControlPlane, since: datetime) -> None:
    """A FUSE client that is told of another mount."""
    user.apply(THIN.replace("NAMESPACE", user.namespace))
    user.wait("dataset/images", ".status.phase", "Bound")
    node = user.names("nodes")[0]
    user.kubectl("label", node, f"fluid.io/f-{user.namespace}-images=true")
    user.until("the client is told of its mounts", partial(asked, plane, since, Right("", "pods", "patch")))
    user.apply(THIN_LOAD)
    user.until("its progress is looked at", partial(asked, plane, since, Right("", "pods/log", "get")))
    user.apply(READER.replace("hbase", "images"))
    user.wait("pod/reader", ".status.phase", "Running")
    ended = '{"status": {"phase": "Succeeded"}}'
    user.kubectl("patch", "pod/reader", "--type=merge", "--patch", ended, "--subresource=status")
    user.apply(REFERENCE.replace("NAMESPACE", user.namespace))
    user.wait("dataset/album", ".status.phase", "Bound")
    user.kubectl("delete", "dataset/album", "--timeout=30s")
    user.kubectl("delete", "dataload/slowly", "dataset/images", "--timeout=30s")
    let_go = Right("", "persistentvolumeclaims", "patch")
    user.until("its claim goes beside a pod that has finished", partial(asked, plane, since, let_go))
    user.kubectl("delete", f"thinruntimeprofile/{user.namespace}-client", "--timeout=30s")


def test_the_operator_is_denied_nothing(plane: ControlPlane, life: datetime) -> None:
    assert not [event for event in mine(plane, life) if event.denied]


def test_the_operator_uses_every_right_that_it_has(plane: ControlPlane, life: datetime) -> None:
    given, taken = granted("--rbac"), used(mine(plane, life))
    assert given - taken <= EXCEPTIONS.keys(), f"used, and granted:\n{table(given, taken)}"


def test_every_exception_is_a_right_that_is_granted() -> None:
    assert granted("--rbac") >= EXCEPTIONS.keys()


def test_there_is_no_right_on_secrets_and_none_on_everything() -> None:
    for right in granted("--rbac") | granted("--csi"):
        assert "secret" not in right.resource
        assert "*" not in right
