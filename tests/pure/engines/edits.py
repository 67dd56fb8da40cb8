"""An edit of each field of the specs of Fluid's kinds, and what it needs in rendered objects."""

import contextlib
import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from fluid.charts.kinds import model_of
from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.settings import Settings
from fluid.engines.testing.updates import needed
from fluid.models import ConfigMap, Dataset, JindoRuntime, JuiceFSRuntime, ThinRuntime, ThinRuntimeProfile
from fluid.models import kubernetes as core
from fluid.offline.render import render_documents
from fluid.types import KubeModel, KubeObject, Update
from fluid.types.updates import plain
from fluid.types.yaml import load_yaml

Document = dict[str, Any]
KINDS: Sequence[type[KubeObject]] = (JindoRuntime, JuiceFSRuntime, ThinRuntime, Dataset, ThinRuntimeProfile)

_BASES = """
kind: Dataset
spec:
  mounts:
    - {name: a, mountPoint: "oss://bucket/a", options: {fs.oss.endpoint: oss.example.com}}
---
kind: JindoRuntime
spec:
  replicas: 2
  volumes: [{name: scratch, emptyDir: {}}]
  master: {volumeMounts: [{name: scratch, mountPath: /scratch}]}
  fuse: {metrics: {enabled: true}}
  tieredstore: {levels: [{mediumtype: SSD, path: "/mnt/a,/mnt/b", quota: 10Gi, high: "0.9", low: "0.5"}]}
===
kind: Dataset
spec:
  mounts:
    - {name: a, mountPoint: "s3://bucket/a"}
---
kind: ThinRuntime
spec:
  replicas: 2
  profileName: client
  worker: {enabled: true, image: reg/worker, imageTag: "1", volumeMounts: [{name: scratch, mountPath: /s}]}
  fuse: {image: reg/client, imageTag: "1"}
  volumes: [{name: scratch, emptyDir: {}}]
  tieredstore: {levels: [{mediumtype: SSD, path: "/mnt/a,/mnt/b", quota: 10Gi, high: "0.9", low: "0.5"}]}
---
kind: ThinRuntimeProfile
metadata: {name: client}
spec: {fileSystemType: fuse.client}
---
kind: ThinRuntimeProfile
metadata: {name: other}
spec: {fileSystemType: fuse.other, fuse: {env: [{name: OTHER, value: "1"}]}}
===
kind: Dataset
spec:
  mounts:
    - name: jfs
      mountPoint: juicefs:///a
      options: {open-cache: "30"}
      encryptOptions: [{name: metaurl, valueFrom: {secretKeyRef: {name: keys, key: url}}}]
---
kind: JuiceFSRuntime
spec:
  replicas: 2
  worker: {volumeMounts: [{name: scratch, mountPath: /s}, {name: blocks, mountPath: /b}]}
  fuse: {}
  volumes: [{name: scratch, emptyDir: {}}]
  volumeClaimTemplates:
    - metadata: {name: blocks}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
  tieredstore: {levels: [{mediumtype: SSD, path: "/mnt/a:/mnt/b", quota: 10Gi, high: "0.9", low: "0.5"}]}
===
kind: Dataset
spec:
  mounts: [{name: a, mountPoint: "s3://bucket/a"}]
---
kind: ThinRuntime
spec: {profileName: client}
---
kind: ThinRuntimeProfile
metadata: {name: client}
spec:
  fileSystemType: fuse.client
  worker: {enabled: true, replicas: 2, image: reg/worker, volumeMounts: [{name: scratch, mountPath: /s}]}
  fuse: {image: reg/client, volumeMounts: [{name: scratch, mountPath: /s}]}
  volumes: [{name: scratch, emptyDir: {}}]
"""
_PROBE = {"exec": {"command": ["true"]}}
_METADATA = {"labels": {"z": "z"}, "annotations": {"z": "z"}}
_NODES = {"nodeSelectorTerms": [{"matchExpressions": [{"key": "z", "operator": "Exists"}]}]}


def _secrets(*names: str) -> list[Document]:
    return [{"name": one, "valueFrom": {"secretKeyRef": {"name": "keys", "key": one}}} for one in names]


_OSS: Document = {"name": "a", "mountPoint": "oss://a/", "options": {"fs.oss.endpoint": "oss.example.com"}}
_OSS_KEYS = _secrets("fs.oss.accessKeyId", "fs.oss.accessKeySecret")
_S3 = {"name": "a", "mountPoint": "s3://a/"}
_BY_NAME: Mapping[str, object] = {
    **dict.fromkeys(("uid", "gid", "gracePeriodSeconds", "maxRetryAttempts", "masterReplicas"), 7),
    **dict.fromkeys(("enabled", "disabled", "readOnly", "shared", "disablePrometheus"), True),
    **dict.fromkeys(("image", "imageTag", "user", "group", "hadoopConfig", "secret", "name", "key"), "z"),
    **dict.fromkeys(("namespace", "category", "type", "nodeName"), "z"),
    **{one: {"z": "z"} for one in ("labels", "annotations", "properties", "logConfig", "nodeSelector")},
    **{one: ["z"] for one in ("args", "command")},
    **dict.fromkeys(("livenessProbe", "readinessProbe"), _PROBE),
    "replicas": 3,
    "imagePullPolicy": "Never",
    "imagePullSecrets": [{"name": "z"}],
    "ports": [{"containerPort": 7}],
    "env": [{"name": "Z", "value": "z"}],
    "options": {"fs.oss.endpoint": "z.example.com"},
    "sharedOptions": {"fs.oss.z": "z"},
    "resources": {"limits": {"cpu": "7"}},
    "tolerations": [{"key": "z", "operator": "Exists"}],
    "volumeMounts": [{"name": "scratch", "mountPath": "/z"}],
    "volumes": [{"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}],
    "networkmode": "ContainerNetwork",
    "networkMode": "ContainerNetwork",
    "lifecycle": {"preStop": _PROBE},
    "cleanPolicy": "OnDemand",
    "scrapeTarget": "All",
    "mediumtype": "MEM",
    "volumeType": "emptyDir",
    "volumeSource": {"emptyDir": {"sizeLimit": "1Gi"}},
    "path": "/mnt/a,/mnt/z",
    "quota": "20Gi",
    "quotaList": "10Gi,20Gi",
    "high": "0.95",
    "low": "0.6",
    "profileName": "other",
    "autoSync": True,
    "accessModes": ["ReadWriteMany"],
    "placement": "Shared",
    "required": _NODES,
    "fileSystemType": "fuse.z",
    "nodePublishSecretPolicy": "NotMountNodePublishSecret",
}
_BY_PATH: Mapping[str, Sequence[object]] = {
    "spec.mounts.mountPoint": ["oss://bucket/z", "oss://other/a", "s3://other/a", "local:///z"],
    "spec.mounts.path": ["/z"],
    "spec.mounts.options": [{"fs.oss.endpoint": "z.example.com"}, {"endpoint": "z.example.com"}],
    "spec.sharedOptions": [{"fs.oss.endpoint": "z.example.com"}, {"z": "z"}],
    "spec.mounts.encryptOptions.name": ["z"],
    "spec.sharedEncryptOptions.name": ["z"],
    "spec.dataRestoreLocation.path": ["local:///z"],
    "spec.worker.enabled": [True, False],
}
"""Edits of fields whose name says too little."""
_OF_JINDO: Mapping[str, object] = {"env": {"Z": "z"}, "ports": {"z": 7}}
_OF_JUICEFS: Mapping[str, object] = {
    "spec.worker.volumeMounts": [{"name": "blocks", "mountPath": "/z"}],
    "spec.fuse.cleanPolicy": "OnFuseChanged",
    "spec.configs": ["z=z"],
    "spec.initUsers.env": {"Z": "z"},
    "spec.volumeClaimTemplates.spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "z"},
}
_USER = {"uid": 1, "gid": 1, "user": "a", "group": "a"}
_TIER = {"mediumtype": "SSD", "path": "/mnt/a,/mnt/b", "quota": "10Gi"}
_BESIDE: Mapping[str, Sequence[Document]] = {
    "spec.mounts.encryptOptions": [
        {"mounts": [{**_OSS, "encryptOptions": _OSS_KEYS}]},
        {"mounts": [{**_S3, "encryptOptions": _secrets("key")}]},
    ],
    "spec.sharedEncryptOptions": [
        {"mounts": [_OSS], "sharedEncryptOptions": _OSS_KEYS},
        {"mounts": [_S3], "sharedEncryptOptions": _secrets("key")},
    ],
    **{
        f"spec.mounts.{field}": [
            {},
            *({"mounts": [{"name": "a", "mountPoint": one}]} for one in ("local:///a", "pvc://claim/a")),
        ]
        for field in ("name", "path", "readOnly", "shared")
    },
    "spec.sharedOptions": [
        {},
        {"mounts": [{"name": "a", "mountPoint": "oss://a/"}], "sharedOptions": _OSS["options"]},
    ],
    "spec.master.disabled": [{"worker": {"disabled": True}}],
    "spec.worker.disabled": [{"master": {"disabled": True}}],
    "spec.fuse.metrics.enabled": [{"fuse": {}}],
    "spec.runtimes": [{"runtimes": [{"name": "a"}]}],
    "spec.owner": [{"owner": _USER}],
    "spec.runAs": [{"runAs": _USER}],
    "spec.tieredstore": [
        {"tieredstore": {"levels": [_TIER]}},
        {"tieredstore": {"levels": [{**_TIER, "volumeType": "emptyDir"}]}},
    ],
}
"""What has to be there before the edit, by the beginning of the path."""


def leaves(model: type[KubeModel], path: str = "spec") -> Iterator[str]:
    """Paths of the fields below a model, those inside Kubernetes' own types left out."""
    for name, field in model.model_fields.items():
        below, inside = f"{path}.{field.alias or name}", _model(field.annotation)
        if inside is not None and inside.__module__ != core.__name__:
            yield from leaves(inside, below)
        else:
            yield below


def spec_model(kind: type[KubeObject]) -> type[KubeModel]:
    """The model of the spec of a kind."""
    found = _model(kind.model_fields["spec"].annotation)
    assert found is not None
    return found


def _model(annotation: object) -> type[KubeModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, KubeModel):
        return annotation
    return next(filter(None, map(_model, get_args(annotation))), None)


def bases() -> list[list[Document]]:
    """Sets of objects in which fields are edited."""
    found: list[list[Document]] = []
    for text in _BASES.split("==="):
        documents: Any = load_yaml(text)
        for one in documents:
            one["apiVersion"] = "data.fluid.io/v1alpha1"
            one["metadata"] = {"namespace": "b", "name": "a", **one.get("metadata", {})}
            if one["kind"] == "ThinRuntimeProfile":
                del one["metadata"]["namespace"]
        found.append(documents)
    return found


def edits(kind: type[KubeObject], path: str) -> Sequence[object]:
    """New values of a field."""
    name = path.rpartition(".")[2]
    if kind is JuiceFSRuntime and path in _OF_JUICEFS:
        return [_OF_JUICEFS[path]]
    if path in _BY_PATH:
        return _BY_PATH[path]
    if kind is JindoRuntime and name in _OF_JINDO:
        return [_OF_JINDO[name]]
    return [_BY_NAME[name]]


def all_needed(kind: type[KubeObject], path: str) -> list[Update]:
    """What the edits of a field need, wherever they change something and are not refused."""
    found: list[Update] = []
    nothing: list[Document] = [{}]
    beside = next((specs for beginning, specs in _BESIDE.items() if path.startswith(beginning)), nothing)
    for base, spec, value in itertools.product(bases(), beside, edits(kind, path)):
        subject = next((index for index, one in enumerate(base) if one["kind"] == kind.resource.kind), None)
        if subject is None:
            continue
        base[subject]["spec"].update(copy.deepcopy(spec))
        after = copy.deepcopy(base)
        put(after[subject], path, value)
        with contextlib.suppress(InvalidSpec):
            if base != after:
                found.append(needed(rendered(base), rendered(after)))
    return found


def rendered(documents: Sequence[Document]) -> list[KubeObject]:
    """What the operator makes."""
    objects = [model_of(one).author(one) for one in documents]
    for one in objects:
        one.metadata.uid = one.resource.kind
    found = render_documents(objects, Settings())
    for one in found:
        if isinstance(one, ConfigMap) and one.data is not None:
            # Its defaults are those of a mount that it does not list; what differs is in the revision.
            one.data.pop("cacheset.xml", None)
    return found


def put(document: Any, path: str, value: object) -> None:
    """Set a field, in the first item of lists on the way."""
    name, _, rest = plain(path).partition(".")
    if not rest:
        document[name] = value
        return
    below = document.setdefault(name, {})
    put(below[0] if hasattr(below, "append") else below, rest, value)
