"""Manifests that Fluid's CRDs refuse, and their neighbours: at the API server, and by `fluid render`."""

from pydantic import JsonValue

Node = dict[str, JsonValue]

LONG_NAME = "n" + "a" * 62


def manifest(kind: str, spec: Node, name: str = "x") -> Node:
    return {"apiVersion": "data.fluid.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _dataset(spec: Node, name: str = "x") -> Node:
    return manifest("Dataset", spec, name)


def jindo(spec: Node, name: str = "x") -> Node:
    return manifest("JindoRuntime", spec, name)


def _thin(spec: Node, name: str = "x") -> Node:
    return manifest("ThinRuntime", spec, name)


def _load(spec: Node, name: str = "x") -> Node:
    return manifest("DataLoad", spec, name)


def _process(name: str = "x", processor: JsonValue = None, **spec: JsonValue) -> Node:
    target: JsonValue = {"name": "x", "mountPath": "/data"}
    return manifest("DataProcess", {"dataset": target, "processor": processor or {}, **spec}, name)


_END: JsonValue = {"dataset": {"name": "x", "namespace": "default"}}
_MIGRATE: Node = {"from": {"externalStorage": {"uri": "s3://bucket"}}, "to": _END}


def tier(**fields: JsonValue) -> Node:
    return {"tieredstore": {"levels": [{"mediumtype": "SSD", **fields}]}}


def _mounted(*addresses: str) -> Node:
    return {"mounts": [{"mountPoint": one, "name": f"m{index}"} for index, one in enumerate(addresses)]}


def _encrypted(option: Node) -> Node:
    mount: JsonValue = {"mountPoint": "s3://bucket", "encryptOptions": [option]}
    return {"mounts": [mount]}


def _secret(**reference: JsonValue) -> Node:
    return {"name": "key", "valueFrom": {"secretKeyRef": reference}}


def _target(**spec: JsonValue) -> Node:
    return {"dataset": {"name": "x"}, **spec}


def _claims(*names: str) -> Node:
    claims: JsonValue = [{"name": name} for name in names]
    return {"fuse": {"resources": {"claims": claims}}}


# What is refused, and the beginning of what the user reads: the place, and how to mend it.
REFUSED = [
    (_dataset({}, "1a"), "metadata.name is also the name of Services"),
    (_dataset({}, "a.b"), "metadata.name is also the name of Services"),
    (_dataset({}, LONG_NAME + "a"), "metadata.name is also the name of Services: use at most 63"),
    (jindo({"replicas": -1}), "spec.replicas: .*non-negative integer"),
    (_thin({"replicas": -1}), "spec.replicas: .*non-negative integer"),
    (_thin(_claims("a", "b", "a")), r"spec.fuse.resources.claims\[2\]: Duplicate value"),
    (jindo({}, LONG_NAME[:38]), "metadata.name is the beginning of .* use at most 37"),
    (jindo({}, "a.b"), "metadata.name is the beginning of"),
    (manifest("JuiceFSRuntime", {}, LONG_NAME[:46]), "metadata.name is the beginning of .* use at most 45"),
    (_thin({}, LONG_NAME + "a"), "metadata.name is the beginning of .* use at most 63"),
    (_thin({"worker": {"enabled": True}}, LONG_NAME[:46]), "metadata.name is the beginning of"),
    (_thin({"worker": {"replicas": 0}}), "spec.worker.replicas"),
    (manifest("ThinRuntimeProfile", {"fuse": {}}), "spec.fileSystemType: Required"),
    (jindo({"fuse": {"cleanPolicy": "onDemand"}}), "spec.fuse.cleanPolicy: .*write OnRuntimeDeleted"),
    (_thin({"fuse": {"cleanPolicy": "OnDemandDeleted"}}), "spec.fuse.cleanPolicy: .*write OnRuntime"),
    (
        manifest("ThinRuntimeProfile", {"fileSystemType": "f", "fuse": {"cleanPolicy": "Never"}}),
        "spec.fuse.cleanPolicy: .*write OnRuntimeDeleted",
    ),
    (_load({}, LONG_NAME[:53]), "metadata.name is the beginning of a Job's name: use at most 52"),
    (_load(_target(policy="Cron", schedule="* * * * *"), LONG_NAME[:42]), "use at most 41 characters"),
    (_dataset(_mounted("dataset://a/b", "s3://bucket")), "spec.mounts: .*must be the only"),
    (_dataset({"mounts": [{"mountPoint": "s3://a"}, {"mountPoint": "s3://b", "path": "b"}]}),
     "spec.mounts: .*told apart by where they appear"),
    (_dataset({"accessModes": ["ReadOnlyMany", "Nonsense"]}), "spec.accessModes: .*access modes are"),
    (_dataset({"accessModes": ["ReadWriteOnce", "ReadWriteOncePod"]}), "spec.accessModes: .*alone"),
    (_dataset({"mounts": []}), "spec.mounts: .*at least 1 items"),
    (_dataset(_mounted(*["s3://a"] * 257)), "spec.mounts: Too many"),
    (_dataset(_mounted("s3://" + "a" * 4092)), "mountPoint: Too long"),
    (_dataset(_encrypted({"name": "key"})), r"encryptOptions\[0\]: .*needs its name"),
    (_dataset(_encrypted(_secret(name="s"))), r"spec.mounts\[0\].encryptOptions\[0\]: .*set name"),
    (_dataset(_encrypted(_secret(name="s", key=""))), r"encryptOptions\[0\]: .*set name"),
    (_dataset(_encrypted(_secret(name="", key="k"))), r"encryptOptions\[0\]: .*set name"),
    (_dataset({"sharedEncryptOptions": [{"name": "a"}]}), r"spec.sharedEncryptOptions\[0\]: .*set name"),
    (jindo(tier(path="/a")), r"spec.tieredstore.levels\[0\]: .*set quota .* or quotaList"),
    (jindo(tier(path="/a,/b", quotaList="1Gi,2Gi,3Gi")), r"levels\[0\]: .*as many entries"),
    (jindo(tier(path="/a", quotaList="1Gi,2Gi")), r"levels\[0\]: .*as many entries"),
    (jindo(tier(quotaList="1Gi,2Gi")), r"levels\[0\]: .*as many entries"),
    (jindo(tier(path="/a", quota="-1Gi")), r"levels\[0\]: .*a tier needs room"),
    (jindo(tier(path="/a", quota=-1)), r"levels\[0\]: .*a tier needs room"),
    (jindo(tier(path="/a", quota=0)), r"levels\[0\]: .*a tier needs room"),
    (_thin(tier(path="/a", quota="0Gi")), r"levels\[0\]: .*a tier needs room"),
    (jindo(tier(path="/a,/b", quotaList="1Gi,-2Gi")), r"levels\[0\]: .*a tier needs room"),
    (jindo(tier(path="/a,/b", quotaList="1Gi,0.00")), r"levels\[0\]: .*a tier needs room"),
    (jindo(tier(path="/a,/b", quotaList="00Gi,1Gi")), r"levels\[0\]: .*a tier needs room"),
    (_load(_target(policy="Cron")), "spec: .*policy Cron needs spec.schedule"),
    (_load(_target(policy="Cron", schedule="")), "spec: .*policy Cron needs spec.schedule"),
    (manifest("DataMigrate", _MIGRATE, LONG_NAME[:39]), "names of a CronJob and of workers: use at most 38"),
    (manifest("DataBackup", {}, LONG_NAME[:53]), "the beginning of a Job's name: use at most 52"),
    (_process(LONG_NAME[:50]), "metadata.name is the beginning of a Job's name: use at most 49"),
    (_process(LONG_NAME[:39], policy="Cron"), "use at most 38 characters"),
    (manifest("DataProcess", {"processor": {}}), "spec.dataset: Required"),
    (manifest("DataProcess", {"dataset": {"name": "x"}, "processor": {}}), "dataset.mountPath: Required"),
    (_process(processor={"script": {"image": "a"}}), "spec.processor.script.source: Required"),
]  # fmt: skip

# Their neighbours, which have to pass.
ACCEPTED = [
    _dataset({}, LONG_NAME),
    _dataset({}, "a"),
    jindo({}, LONG_NAME[:37]),
    _thin({}, LONG_NAME),
    _thin({"worker": {"enabled": False}}, LONG_NAME),
    _thin({"worker": {"enabled": True}}, LONG_NAME[:45]),
    manifest("ThinRuntimeProfile", {"fileSystemType": "fuse"}),
    _load({}, LONG_NAME[:52]),
    _load(_target(policy="Cron", schedule="* * * * *"), LONG_NAME[:41]),
    jindo({"replicas": 0}),
    _thin(_claims("a", "b")),
    _dataset(_mounted("dataset://a/b")),
    _dataset(_mounted("s3://a", "s3://a")),
    _dataset({"mounts": [{"mountPoint": "s3://a"}, {"mountPoint": "s3://b", "path": "/b"}]}),
    _dataset(_mounted(*["s3://a"] * 256)),
    _dataset(_mounted("s3://" + "a" * 4091)),
    _dataset(_encrypted(_secret(name="s", key="k"))),
    _dataset({"accessModes": ["ReadWriteOnce", "ReadOnlyMany"], "placement": ""}),
    _dataset({"accessModes": ["ReadWriteOncePod"]}),
    _dataset({"accessModes": []}),
    jindo(tier(path="/a,/b", quotaList="1Gi,2Gi")),
    jindo(tier(path="/a,/b", quota="1Gi", quotaList="1Gi,2Gi")),
    jindo(tier(path="/a,/b", quota=5)),
    jindo(tier(quota="1Gi")),
    jindo(tier(quota="0.5Gi")),
    jindo(tier(path="/a,/b", quotaList="0.5Gi,1e-1")),
    _load(_target(policy="Once", schedule="")),
    _load(_target(policy="OnEvent")),
    _process(LONG_NAME[:49]),
    _process(LONG_NAME[:38], policy="Cron"),
    _process(processor={"job": {}}),
    _process(processor={"job": {"podSpec": {"containers": [{"name": "a"}], "hostUsers": False}}}),
]
