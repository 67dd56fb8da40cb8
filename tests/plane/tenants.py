# pyright: basic
"""What tenants of a cluster have when its operator is upgraded: Datasets, runtimes, operations, readers."""

from dataclasses import dataclass

from tests.plane.user import API, Json, User, until

LONG = {"fluid.test/job-seconds": "3600"}
FOREIGN = "alluxio.underfs.hdfs.remote"
"""An option in the words of another cache: the old release does not know whose word it is, and takes it."""
READERS = {
    "host": "node-0",
    "images": "node-0",
    "keys": "node-1",
    "rotating": "node-1",
    "leaving": "node-2",
}
"""Pods that read a claim, and where: a FUSE pod is beside each of them."""
BOUND = ("host", "pods", "keys", "refused", "words", "images", "plain")
"""Datasets that nothing is about to happen to."""
PHASES = (
    ("dataloads", "loaded", "Complete"),
    ("dataloads", "read", "Complete"),
    ("dataloads", "loading", "Executing"),
    ("dataloads", "following", "Pending"),
    ("dataprocesses", "counted", "Complete"),
    ("dataprocesses", "counting", "Executing"),
    ("dataloads", "minutely", "Complete"),
)
"""Operations, and where they get; the last has had a run of its schedule then."""
_TIERS = {
    "levels": [
        {"mediumtype": "MEM", "path": "/dev/shm", "quota": "64Mi", "high": "0.9", "low": "0.7"},
        {"mediumtype": "SSD", "path": "/mnt/d1,/mnt/d2", "quotaList": "1Gi,2Gi"},
    ]
}
_SCRIPT = {"script": {"image": "busybox", "imageTag": "1.36", "command": ["sh"], "source": "ls /d\n"}}


def mount(name: str, **more: object) -> Json:
    return {"mountPoint": f"s3://{name}/", "name": name, **more}


def encrypted(name: str, secret: str = "keys", **options: str) -> Json:
    """A mount with options from a Secret, by default the two that JindoCache reads."""
    keys = options or {"fs.s3.accessKeyId": "id", "fs.s3.accessKeySecret": "secret"}
    values = {option: {"secretKeyRef": {"name": secret, "key": key}} for option, key in keys.items()}
    return mount(name, encryptOptions=[{"name": name, "valueFrom": of} for name, of in values.items()])


HALF = encrypted("half", **{"fs.s3.accessKeyId": "id"})
"""A mount that every release refuses: half of the keys."""


@dataclass(frozen=True)
class Tenants(User):
    """All of it in one namespace."""

    @property
    def profile_name(self) -> str:
        return f"{self.namespace}-client"

    def settle(self) -> None:
        """Makes everything, and waits until it is as the tenants want it, or is told why not."""
        for secret in ("keys", "newer"):
            literals = ("--from-literal=id=I", "--from-literal=secret=S")
            self.kubectl("create", "secret", "generic", secret, *literals)
        self.apply(*self._jindo(), self.profile("v1"), *self._thin())
        for name in (*BOUND, "rotating", "leaving"):
            self.phase(name, seconds=60)
        for name in READERS:
            self._read(name)
        self.apply(*self._operations())
        self._unsettle()
        for plural, name, phase in PHASES:
            self.until_phase(plural, name, phase, 90)

    def until_phase(self, plural: str, name: str, phase: str, seconds: float = 30.0) -> None:
        def look() -> bool:
            return self.status(plural, name).get("phase") == phase

        until(look, f"{name} is {phase}", seconds, lambda: self.status(plural, name))

    def profile(self, version: str) -> Json:
        fuse = {"image": "reg.example.com/client", "imageTag": "v1", "options": {"retries": "2"}}
        worker = {"image": f"reg.example.com/worker:{version}"}
        spec = {"fileSystemType": "fuse.client", "fuse": fuse, "worker": worker}
        return self._of("ThinRuntimeProfile", self.profile_name, **spec)

    def _unsettle(self) -> None:
        """What is not as it should be, and is told: a refused edit, pods that wait, a deletion that waits."""
        self.patch("dataset/refused", {"spec": {"mounts": [mount("data"), HALF]}})
        self.until_condition("datasets", "refused", "NotReady", "True")
        self.apply(self.profile("v2"))
        self.until_condition("thinruntimes", "images", "UpdatePending", "True")
        self.patch("dataset/rotating", {"spec": {"mounts": [encrypted("data", "newer")]}})
        self.until_fuses_wait("rotating")
        self.kubectl("delete", "dataset", "leaving", "--wait=false")
        self.until_condition("datasets", "leaving", "DeletionBlocked", "True")

    def until_fuses_wait(self, name: str) -> None:
        """Waits until all that is left of a rotation are FUSE pods with readers."""

        def look() -> bool:
            return "FUSE pods" in self.condition("datasets", name, "Updating").get("message", "")

        until(look, f"FUSE pods of {name} wait for readers", 30, lambda: self.status("datasets", name))

    def _jindo(self) -> list[Json]:
        worker = {"env": {"TUNED": "1"}, "podMetadata": {"labels": {"team": "a"}}}
        return [
            *self.pair("host", mount("data", options={"fs.s3.endpoint": "s3.example.org"}), replicas=2),
            *self.pair(
                "pods", mount("data"), networkmode="ContainerNetwork", tieredstore=_TIERS, worker=worker
            ),
            *self.pair("keys", encrypted("one"), mount("two", path="/deep/two")),
            *self.pair("refused", mount("data")),
            *self.pair("words", mount("data", options={FOREIGN: "true"})),
            *self.pair("rotating", encrypted("data")),
            *self.pair("leaving", mount("data")),
        ]

    def _thin(self) -> list[Json]:
        worker = {"profileName": self.profile_name, "worker": {"enabled": True}, "replicas": 1}
        fuse = {"image": "reg.example.com/other", "imageTag": "v2"}
        return [
            self.dataset("images", mount("one"), encrypted("two", key="id"), placement="Shared"),
            self._of("ThinRuntime", "images", **worker),
            self.dataset("plain", mount("one"), placement="Shared"),
            self._of("ThinRuntime", "plain", fuse=fuse),
        ]

    def _operations(self) -> list[Json]:
        on_host = {"name": "host", "mountPath": "/d"}
        running = {**_SCRIPT, "podMetadata": {"annotations": LONG}}
        return [
            self._load("loaded", "host"),
            self._load("loading", "keys", podMetadata={"annotations": LONG}),
            self._load("following", "keys", runAfter={"kind": "DataLoad", "name": "loading"}),
            self._load("minutely", "pods", policy="Cron", schedule="* * * * *"),
            self._load("read", "images"),
            self._of("DataProcess", "counted", dataset=on_host, processor=_SCRIPT),
            self._of("DataProcess", "counting", dataset=on_host, processor=running),
        ]

    def _load(self, name: str, dataset: str, **spec: object) -> Json:
        return self._of("DataLoad", name, dataset={"name": dataset}, **spec)

    def _of(self, kind: str, name: str, **spec: object) -> Json:
        return {"apiVersion": API, "kind": kind, "metadata": {"name": name}, "spec": spec}

    def _read(self, name: str) -> None:
        """A pod that reads a claim, and the label by which the node plugin brings a FUSE pod beside it."""
        self.plane.kubectl("label", "node", READERS[name], f"fluid.io/f-{self.namespace}-{name}=true")
        container = {"name": "main", "image": "x", "volumeMounts": [{"name": "data", "mountPath": "/d"}]}
        spec = {
            "nodeSelector": {"kubernetes.io/hostname": READERS[name]},
            "containers": [container],
            "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": name}}],
        }
        self.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"reader-{name}"}, "spec": spec})
        self.kubectl("wait", f"pod/reader-{name}", "--for=condition=Ready", "--timeout=30s")
