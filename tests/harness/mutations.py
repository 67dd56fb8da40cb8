"""Manifests as nobody should write them: seeds that work, changed at random, the same for the same number."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from fluid.types.yaml import dump_yaml, load_yaml

ROOT = Path(__file__).parents[2]
Container = dict[str, JsonValue] | list[JsonValue]
Place = tuple[Container, str | int]

_STRINGS: Sequence[str] = (
    *("", " ", "\n", "a\nb", "\x7f", "\x85", "\u2028", "\ufeff", "é", "名前", "\U0001f600", "'", '"'),
    *("`", "\\", "a" * 64, "a" * 254, "A_B", "-a", "a-", "a.b", "a/b", "../..", "/..", "//", "/"),
    *("/a:b", "/a,/b", "$(A)", "$$", "{{ x }}", "{% x %}", "- a", "a: b", "#", "&a", "*a"),
    *("!!int 1", "yes", "null", "~", "1e9", "0x10", "1:30", "-1", "0", "1.5Gi", "-1Gi", "0Gi"),
    *("9" * 400, "1e400", "1Ei", "NaN", "2024-01-01", "5m", "* * * * *", "@daily", "oss://"),
    *("s3://b", "s3:///", "pvc://", "pvc://c/../x", "local:///", "local:///../etc"),
    *("dataset://a/b", "hdfs://", "https://u:p@h/x", "://", "latest", "a:b:c"),
    *("registry/image@sha256:0", "Cron", "OnEvent", "MEM", "true", "x" * 5000),
)
_OTHERS: Sequence[JsonValue] = (
    *(None, True, False, 0, -1, 1, 3, 256, 65536, 2**31, 2**63, -(2**63), 10**30, 0.5, -0.0, 1e300),
    *([], {}, [None], [[]], {"": ""}, {"a": {"b": {"c": None}}}, [{}, {}], {"name": "x"}),
    *([*("a" * 300)],),
)
_KEYS = (
    *("name", "path", "spec", "options", "image", "replicas", "x", "", "a b", "fs.s3.endpoint"),
    *("readOnly", "volumes"),
)
_WORDS = (
    *("\n", "  ", "\t", "- ", ": ", "---\n", "...\n", "{", "}", "[", "]", ",", "&a ", "*a"),
    *("<<: *a", "!!set ", "|\n", '"', "'", "#", "%YAML 1.9\n", "? ", "\x00", "\x1b[31m", "\r"),
    *("null", "[" * 500, "{a: " * 200, "9" * 5000),
)


def seeds() -> list[list[JsonValue]]:
    """Documents that render: the examples, each with what it needs, and all fields of a JindoRuntime."""
    jindo, thin, processes = (ROOT / "examples" / name for name in ("jindo", "thin", "dataprocess"))
    together = [
        [jindo / name for name in ("dataset.yaml", "runtime.yaml", "dataload.yaml")],
        *([thin / "rclone" / name, thin / "rclone/profile.yaml"] for name in ("dataset.yaml", "local.yaml")),
        [thin / "rclone" / name for name in ("cached.yaml", "profile.yaml", "dataload.yaml")],
        [thin / "s3fs" / name for name in ("dataset.yaml", "profile.yaml")],
        [thin / "rclone/dataset.yaml", thin / "rclone/profile.yaml", *sorted(processes.glob("*.yaml"))],
    ]
    found = [[one for path in paths for one in load_yaml(path.read_text())] for paths in together]
    return [*found, *[load_yaml(_EVERYTHING)] * 3]


def manifest(number: int, known: Sequence[list[JsonValue]]) -> str:
    """The text of one case.

    Args:
        number: of the case.
        known: the seeds.
    """
    chance = random.Random(number)
    documents = cast("list[JsonValue]", _copy(chance.choice(known)))
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 4))):
        chance.choice(_CHANGES)(documents, chance)
    text = dump_yaml(*documents)
    if chance.random() < 0.15:
        text = _scratched(text, chance)
    return text


def _copy(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _copy(one) for key, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list) else value


def _places(value: JsonValue) -> list[Place]:
    """Everywhere in a value."""
    found: list[Place] = []
    ahead = [value]
    while ahead:
        one = ahead.pop()
        if isinstance(one, dict):
            found += [(one, key) for key in one]
            ahead += one.values()
        elif isinstance(one, list):
            found += [(one, index) for index in range(len(one))]
            ahead += one
    return found


def _at(place: Place) -> JsonValue:
    around, key = place
    return cast("dict[str | int, JsonValue]", around)[key]


def _put(place: Place, value: JsonValue) -> None:
    around, key = place
    cast("dict[str | int, JsonValue]", around)[key] = value


def _replace(documents: list[JsonValue], chance: random.Random) -> None:
    place = chance.choice(_places(documents) or [(documents, 0)])
    if not documents:
        return
    before = _at(place)
    if chance.random() < 0.2:  # of another type: refused before anything is made of it
        _put(place, _copy(chance.choice((*_STRINGS, *_OTHERS))))
    elif isinstance(before, str):
        _put(place, chance.choice((*_STRINGS, before + chance.choice(_STRINGS))))
    elif isinstance(before, bool):
        _put(place, not before)
    elif isinstance(before, int):
        _put(place, chance.choice((0, -1, 1, 3, 256, 65536, 2**31 - 1, 2**31, 2**63)))


def _remove(documents: list[JsonValue], chance: random.Random) -> None:
    if places := _places(documents):
        around, key = chance.choice(places)
        del cast("dict[str | int, JsonValue]", around)[key]


def _move(documents: list[JsonValue], chance: random.Random) -> None:
    """A value of one place in another."""
    if places := _places(documents):
        _put(chance.choice(places), _copy(_at(chance.choice(places))))


def _repeat(documents: list[JsonValue], chance: random.Random) -> None:
    """An entry of a list several times."""
    lists = [one for place in _places(documents) if isinstance(one := _at(place), list) and one]
    chosen = chance.choice([documents, *lists])
    if chosen:
        chosen += [_copy(chance.choice(chosen)) for _ in range(chance.choice((1, 2, 300)))]


def _add(documents: list[JsonValue], chance: random.Random) -> None:
    mappings = [one for place in _places(documents) if isinstance(one := _at(place), dict)]
    if mappings:
        values = (*_STRINGS, *_OTHERS)
        chance.choice(mappings)[chance.choice((*_KEYS, *_STRINGS))] = _copy(chance.choice(values))


def _swell(documents: list[JsonValue], chance: random.Random) -> None:
    """A mapping with many entries."""
    mappings = [one for place in _places(documents) if isinstance(one := _at(place), dict)]
    if mappings:
        many = chance.choice((50, 300, 2000))
        chance.choice(mappings).update(
            {f"key-{index}": "value" * chance.choice((1, 20)) for index in range(many)}
        )


_CHANGES: Sequence[Callable[[list[JsonValue], random.Random], None]] = (
    *(_replace, _replace, _replace, _replace, _replace, _replace),
    *(_remove, _move, _repeat, _add, _swell),
)


def _scratched(text: str, chance: random.Random) -> str:
    """The text itself, damaged: cut, doubled, or with signs of YAML anywhere."""
    for _ in range(chance.choice((1, 1, 3))):
        at = chance.randrange(len(text) + 1)
        until = at + chance.choice((0, 1, 10, 200))
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[until:]
            case 1:
                text = text[:at] + text[at:until] * 2 + text[until:]
            case _:
                text = text[:at] + chance.choice(_WORDS) + text[at:]
    return text


_EVERYTHING = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: all, annotations: {pvc.fluid.io/resources.requests.storage: 1Ti}}
spec:
  placement: Shared
  accessModes: [ReadOnlyMany]
  tolerations: [{key: a, operator: Exists}]
  nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}
  sharedOptions: {metaPolicy: ONCE}
  mounts:
    - {mountPoint: "oss://b/d", name: a, path: /a, options: {fs.oss.endpoint: e}, readOnly: true,
       encryptOptions: [{name: fs.oss.accessKeyId, valueFrom: {secretKeyRef: {name: s, key: i}}},
                        {name: fs.oss.accessKeySecret, valueFrom: {secretKeyRef: {name: s, key: k}}}]}
    - {mountPoint: "pvc://claim/dir", name: c}
    - {mountPoint: "local:///mnt/d", name: l}
    - {mountPoint: "hdfs://n:8020/", name: h, options: {dfs.replication: "1"}}
---
apiVersion: data.fluid.io/v1alpha1
kind: JindoRuntime
metadata:
  name: all
  annotations:
    data.fluid.io/metadataList: '[{"labels":{"a":"b"},"selector":{"kind":"PersistentVolume"}}]'
spec:
  replicas: 2
  hadoopConfig: conf
  secret: all
  user: "0"
  networkmode: HostNetwork
  imagePullSecrets: [{name: pull}]
  logConfig: {logger.verbose: "1"}
  podMetadata: {labels: {a: b}, annotations: {c: d}}
  master: {replicas: 3, env: {A: b}, properties: {a: b}, nodeSelector: {a: b},
           tolerations: [{operator: Exists}],
           resources: {requests: {cpu: "1"}, limits: {memory: 2Gi}},
           volumeMounts: [{name: v, mountPath: /v}]}
  worker: {resources: {requests: {memory: 1Gi}}, podMetadata: {labels: {x: y}}}
  fuse: {args: [-oro], cleanPolicy: OnDemand, properties: {a: b}, metrics: {enabled: true, scrapeTarget: All}}
  volumes: [{name: v, emptyDir: {}}]
  tieredstore: {levels: [{mediumtype: SSD, path: "/a,/b", quotaList: "1Gi,2Gi", high: "0.9", low: "0.7"}]}
---
apiVersion: data.fluid.io/v1alpha1
kind: DataLoad
metadata: {name: load, annotations: {affinity.dataflow.fluid.io/labels: a}}
spec:
  dataset: {name: all, namespace: default}
  loadMetadata: true
  target: [{path: /a, replicas: 2}]
  options: {atomicCache: "true"}
  policy: Cron
  schedule: "0 2 * * *"
  resources: {limits: {cpu: "1"}}
---
apiVersion: data.fluid.io/v1alpha1
kind: DataProcess
metadata: {name: process}
spec:
  dataset: {name: all, mountPath: /data, subPath: a}
  processor:
    podMetadata: {labels: {a: b}}
    script: {image: busybox, imageTag: "1", command: [sh], source: "true", env: [{name: A, value: b}],
             volumes: [{name: w, emptyDir: {}}], volumeMounts: [{name: w, mountPath: /w}]}
"""
