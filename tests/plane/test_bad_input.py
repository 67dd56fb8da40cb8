# pyright: basic
"""Whatever a user writes or a cache answers: a message that says what to do, and nobody else is harmed."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import yaml

from cluster import ControlPlane, Fault, KubectlError, Operator
from tests.plane.user import Json, User, until

pytestmark = pytest.mark.plane
MEM = {"mediumtype": "MEM", "path": "/dev/shm", "quota": "1Gi"}


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> Iterator[User]:
    yield User(plane, namespace)
    plane.faults()


@pytest.fixture(scope="module", autouse=True)
def no_traceback(operator: Operator) -> Iterator[None]:
    """Nothing that a user does is a fault of the program."""
    yield
    log = operator.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]


def _levels(*levels: Json) -> Json:
    return {"tieredstore": {"levels": list(levels)}}


def _option(name: str) -> Json:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": "keys", "key": "k"}}}


MOUNT = {
    "mountPoint": "s3://bucket/data",
    "name": "data",
    "encryptOptions": [_option("fs.s3.accessKeyId"), _option("fs.s3.accessKeySecret")],
}
RUNTIMES: dict[str, tuple[Json, str]] = {
    "quota": (_levels({**MEM, "quota": "lots"}), "quota"),
    "no-quota": (_levels({"mediumtype": "MEM", "path": "/dev/shm"}), "quota"),
    "quota-list": (_levels({"mediumtype": "SSD", "path": "/a,/b", "quotaList": "1Gi"}), "quotaList"),
    "limit": ({"worker": {"resources": {"limits": {"memory": "1Mi"}}}, **_levels(MEM)}, "memory"),
    "mounts": ({"master": {"volumeMounts": [{"name": "none", "mountPath": "/x"}]}}, "none"),
    "hadoop": ({"hadoopConfig": "absent"}, "absent"),
    "elsewhere": ({"hadoopConfig": "../../default/configmaps/kube-root-ca.crt"}, "is no name of a ConfigMap"),
    "old-image": ({"jindoVersion": {"image": "r.example.org/jindo", "imageTag": "4.5.1"}}, "4.6.8"),
    "affinity": ({"worker": {"nodeSelector": {"no label/": "x"}}}, "label"),
    "env": ({"fuse": {"env": {"a=b": "c"}}}, "a=b"),
    "resources": ({"worker": {"resources": {"limits": {"no unit": "1Gi"}}}}, "no unit"),
}
"""Specs that can never work, and a word of what has to be told."""
DATASETS: dict[str, tuple[list[Json], str]] = {
    "scheme": ([{"mountPoint": "nonsense", "name": "x"}], "nonsense"),
    "reference": ([{"mountPoint": "dataset://only-one", "name": "x"}], "names no Dataset"),
    "option": (
        [{"mountPoint": "s3://a/b", "name": "x", "encryptOptions": [_option("fs.s3.accessKeyId")]}],
        "accessKeySecret",
    ),
}


def test_what_can_never_work_is_told_once_and_harms_nobody(user: User, operator: Operator) -> None:
    objects = {
        name: ([user.dataset(name, MOUNT), user.runtime(name, **spec)], word)
        for name, (spec, word) in RUNTIMES.items()
    }
    objects |= {
        name: ([user.dataset(name, *mounts), user.runtime(name)], word)
        for name, (mounts, word) in DATASETS.items()
    }
    applied = {name for name, (pair, word) in objects.items() if _applied(user, pair, word)}
    assert {"limit", "scheme"} <= applied
    user.apply(*user.pair("good"))
    user.phase("good", seconds=10)
    for name in applied:
        word = objects[name][1]
        until(
            lambda word=word, name=name: word in _told(user, name),
            name,
            but=lambda name=name: user.status("datasets", name),
        )
        assert f"{user.namespace}/{name}" in _told(user, name) or "spec.mounts" in _told(user, name)
    for name in applied:
        until(lambda name=name: user.events(name), f"an event on {name}")
        warnings = [one for one in user.events(name) if one["type"] == "Warning"]
        assert len(warnings) == 1, f"no flood: {warnings}"


def _applied(user: User, pair: list[Json], word: str) -> bool:
    """Whether the API server takes the objects; else its message has to name the field."""
    try:
        user.apply(*pair)
    except KubectlError as error:
        refusal = str(error)
    else:
        return True
    assert "spec." in refusal
    assert word in refusal
    return False


def _told(user: User, name: str) -> str:
    ready = user.condition("datasets", name, "Ready")
    return ready["message"] if ready.get("status") == "False" else ""


def test_a_cache_that_hangs_keeps_no_other_dataset_waiting(user: User, operator: Operator) -> None:
    user.plane.faults(Fault(command="jindocache *", pod="stuck-*", namespace=user.namespace, hang=True))
    stuck = [f"stuck-{number}" for number in range(20)]
    user.apply(*(one for name in stuck for one in user.pair(name, replicas=0)))
    until(
        lambda: len({one.pod for one in user.plane.exec_log(namespace=user.namespace)}) == 20, "20 hang", 40
    )
    since = time.monotonic()
    user.apply(*user.pair("well", replicas=0))
    user.phase("well")
    assert time.monotonic() - since <= 3
    assert not any(user.status("datasets", name).get("phase") == "Bound" for name in stuck)


FAULTS = {
    "silent": (Fault(command="jindocache -report", exit=1, stderr="no leader elected"), "no leader elected"),
    "babble": (
        Fault(command="jindocache -report", stdout="\x00\xff{{garbage}}\n" * 50),
        "jindocache -report",
    ),
    "unmounted": (
        Fault(command="jindocache -mount *", exit=2, stderr="AccessDenied: key k"),
        "AccessDenied: key k",
    ),
}
"""What a cache may answer, and what the user is told of it."""


def test_what_a_broken_cache_says_is_shown(user: User, operator: Operator) -> None:
    faults = {
        name: replace(fault, pod=f"{name}-*", namespace=user.namespace) for name, (fault, _) in FAULTS.items()
    }
    user.plane.faults(*faults.values())
    user.apply(*(one for name in FAULTS for one in user.pair(name, replicas=0)))
    for name, (_, word) in FAULTS.items():
        until(lambda name=name, word=word: word in _told(user, name), f"{name} tells {word!r}")
    user.plane.faults()
    for name in FAULTS:
        user.phase(name)
        assert len(user.events(name, "ErrorProcessRuntime")) <= 1, "no flood"


ONE_LINE = "q\"u'o {{ x }} {%x%} $(id) `id` %s \\ # : - é"
LINES = "a\nb: c\n---\r\x00"
HOSTILE: dict[str, Callable[[str], tuple[Json, Json]]] = {
    "option": lambda text: (
        {"mounts": [{"mountPoint": "s3://b/d", "name": "d", "options": {"fs.s3.endpoint": text}}]},
        {},
    ),
    "option-key": lambda text: (
        {"mounts": [{"mountPoint": "s3://b/d", "name": "d", "options": {text: "x"}}]},
        {},
    ),
    "shared": lambda text: ({"sharedOptions": {"fs.s3.endpoint": text}}, {}),
    "address": lambda text: ({"mounts": [{"mountPoint": "s3://b/" + text, "name": "d"}]}, {}),
    "mount-name": lambda text: ({"mounts": [{"mountPoint": "s3://b/d", "name": text}]}, {}),
    "mount-path": lambda text: (
        {"mounts": [{"mountPoint": "s3://b/d", "name": "d", "path": "/" + text}]},
        {},
    ),
    "property": lambda text: ({}, {"master": {"properties": {"namespace.x": text}}}),
    "property-key": lambda text: ({}, {"master": {"properties": {text: "x"}}}),
    "env": lambda text: ({}, {"fuse": {"env": {"X": text}}}),
    "user": lambda text: ({}, {"user": text}),
    "args": lambda text: ({}, {"fuse": {"args": [text]}}),
    "tier": lambda text: ({}, {"tieredstore": {"levels": [{**MEM, "path": "/" + text}]}}),
    "hadoop": lambda text: ({}, {"hadoopConfig": text}),
    "annotation": lambda text: ({}, {"podMetadata": {"annotations": {"x": text}}}),
    "label": lambda text: ({}, {"podMetadata": {"labels": {"x": text}}}),
    "image": lambda text: ({}, {"jindoVersion": {"image": text, "imageTag": "6.2.0"}}),
}
"""Where a user may put a string: additions to the specs of Dataset and runtime."""
LONG = {"option", "args", "hadoop", "mount-path", "env"}
"""Where ten thousand characters are tried too."""
UNUSED = {"option-key", "property-key"}
"""Keys that are none of the cache's own are passed on to nobody."""


def test_no_string_breaks_out_of_its_field(user: User, operator: Operator) -> None:
    texts = {
        f"{field}-{kind}": (place, text)
        for field, place in HOSTILE.items()
        for kind, text in (("line", ONE_LINE), ("lines", LINES), ("long", "x" * 10_000))
        if kind != "long" or field in LONG
    }
    objects = [one for name, (place, text) in texts.items() for one in _pair(user, name, *place(text))]
    command = ("apply", "-n", user.namespace, "--server-side", "-f", "-")
    done = user.plane.try_kubectl(*command, stdin=yaml.safe_dump_all(objects))
    assert all("spec." in line for line in done.stderr.splitlines() if "is invalid" in line), done.stderr
    runtimes = user.uids("jindoruntimes")
    accepted = {name: texts[name][1] for name in user.uids("datasets") if name in runtimes}
    assert len(accepted) > len(texts) / 2
    for name in accepted:
        until(
            lambda name=name: _settled(user, name),
            name,
            40,
            but=lambda name=name: user.status("datasets", name),
        )
        assert len(_told(user, name)) < 2000
    bound = [name for name in accepted if not _told(user, name)]
    kept = {name: _kept(user, name) for name in bound}
    lost = {name for name in bound if not any(accepted[name] in one for one in kept[name])}
    assert {name.rpartition("-")[0] for name in lost} <= UNUSED, "else it is there as it was written"
    assert "option-line" in bound


def _pair(user: User, name: str, dataset: Json, runtime: Json) -> list[Json]:
    return [user.dataset(name, **dataset, placement="Shared"), user.runtime(name, replicas=0, **runtime)]


def _settled(user: User, name: str) -> bool:
    """Whether a Dataset is Bound, or something is wrong that does not pass by itself."""
    return "True" in {user.condition("datasets", name, kind).get("status") for kind in ("Ready", "NotReady")}


def _kept(user: User, name: str) -> list[str]:
    """Every string in the values, read back, and in the workloads of a runtime."""
    values = user.get("configmaps", f"{name}-jindocache-values") or {}
    parts = [yaml.safe_load(values["data"]["data"]), user.get("daemonsets", f"{name}-jindofs-fuse")]
    parts += [user.get("statefulsets", f"{name}-jindofs-master"), user.status("datasets", name)]
    return [one for part in parts for one in _strings(part)]


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [one for key, inner in value.items() for one in (key, *_strings(inner))]
    if isinstance(value, list):
        return [one for inner in value for one in _strings(inner)]
    return [value] if isinstance(value, str) else []
