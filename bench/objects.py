"""What the measurements create: the shape of Dataset that the aims speak of, and what it becomes."""

from pydantic import JsonValue

from fluid.engines.core.render import chart_objects
from fluid.engines.core.settings import Settings
from fluid.engines.core.volumes import FuseMount, persistent_volume, persistent_volume_claim
from fluid.engines.jindo.case import Case
from fluid.engines.jindo.mounts import Source
from fluid.engines.jindo.shape import PORTS
from fluid.engines.jindo.transform import transform
from fluid.engines.kit.sources import sources_as
from fluid.models import DataLoad, Dataset, JindoRuntime, PersistentVolume, PersistentVolumeClaim
from fluid.naming import Identity
from fluid.offline.render import FIRST_PORT
from fluid.types import Key, KubeObject

NAMESPACE = "bench"
WORKERS = 2
_LEVEL: JsonValue = {"mediumtype": "MEM", "path": "/dev/shm", "quota": "1Gi", "high": "0.95", "low": "0.7"}


def key(name: str) -> Key:
    """The key of an object of the bench."""
    return Key(NAMESPACE, name)


def dataset(name: str) -> Dataset:
    """A Dataset that shares its nodes with others."""
    return Dataset.author(
        {"metadata": _metadata(name), "spec": {"mounts": mounts(name), "placement": "Shared"}}
    )


def mounts(*names: str) -> list[JsonValue]:
    """Sources of a Dataset."""
    return [{"mountPoint": f"s3://bucket-{name}/data", "name": name} for name in names]


def runtime(name: str) -> JindoRuntime:
    """Its runtime: workers with memory, on the host network."""
    spec: JsonValue = {"replicas": WORKERS, "tieredstore": {"levels": [_LEVEL]}}
    return JindoRuntime.author({"metadata": _metadata(name), "spec": spec})


def data_load(name: str, target: str) -> DataLoad:
    """A DataLoad of everything in a Dataset."""
    return DataLoad.author(
        {"metadata": _metadata(name), "spec": {"dataset": {"name": target, "namespace": NAMESPACE}}}
    )


def rendered(number: int) -> tuple[list[KubeObject], PersistentVolume, PersistentVolumeClaim]:
    """The objects that the operator makes for one Dataset, with ports that no other number has."""
    name = f"floor-{number:03}"
    owner, cache, settings = dataset(name), runtime(name), Settings.from_environment({})
    identity, needed = Identity.of(NAMESPACE, name, ""), PORTS.needed(cache)
    first = FIRST_PORT + number * len(needed)
    ports = dict(zip(needed, range(first, first + len(needed)), strict=True))
    values, _ = transform(Case.of(cache, owner, identity, settings, ports, sources_as(Source, owner)))
    fuse = FuseMount(cache, "jindo", f"{settings.host_path('jindo', NAMESPACE, name)}/jindofs-fuse", {})
    volume = persistent_volume(identity, owner, fuse)
    found = chart_objects("jindocache", "jindocache", values, identity, None, "JindoRuntime")
    return found, volume, persistent_volume_claim(identity, owner, fuse)


def _metadata(name: str) -> JsonValue:
    return {"name": name, "namespace": NAMESPACE}
