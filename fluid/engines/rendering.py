"""Rendering without a cluster: from a user's documents to the objects that the operator would make."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from fluid.charts import ChartValues
from fluid.engines.errors import InvalidSpec, SpecWarning
from fluid.engines.jindo.children import children
from fluid.engines.jindo.images import smartdata_image
from fluid.engines.jindo.loader import LoadValues, load_objects
from fluid.engines.jindo.topology import ports_needed
from fluid.engines.jindo.transform import Ports, transform
from fluid.engines.jindo.values import JindoValues
from fluid.engines.settings import Settings
from fluid.engines.volume import FuseMount, persistent_volume, persistent_volume_claim
from fluid.models import DataLoad, Dataset, JindoRuntime
from fluid.naming import DATASET_ID, Identity
from fluid.types import KubeObject

FIRST_PORT = 18000
"""Lowest of the ports that runtimes on the host network are given."""
VALUES: Mapping[str, type[ChartValues]] = {"jindofs": JindoValues, "fluid-dataloader": LoadValues}
"""Values models by the name in Chart.yaml."""
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HADOOP_FILES = frozenset({"hdfs-site.xml"})
"""What a user's ConfigMap is taken to have: the one file that has always been mounted."""
M = TypeVar("M", bound=KubeObject)


def render_documents(
    objects: Sequence[KubeObject], settings: Settings, warn: Callable[[SpecWarning], None] = lambda _: None
) -> list[KubeObject]:
    """The objects that the operator would make of these, with the lowest ports, volume and claim included.

    Args:
        objects: A Dataset and the JindoRuntime of the same name, of any number; DataLoads of these Datasets.
        settings: What the administrator set.
        warn: Called with what the user should know.

    Raises:
        InvalidSpec: An object is alone, or asks for something impossible.
    """
    for item in objects:
        _refuse_name(item)
    runtimes = _by_key(objects, JindoRuntime)
    datasets = _by_key(objects, Dataset)
    for dataset in datasets.values():
        _refuse_reference(dataset)
    rendered: list[KubeObject] = []
    for key, runtime in runtimes.items():
        rendered += _runtime_objects(runtime, _partner(runtime, datasets.get(key), "Dataset"), settings, warn)
    for dataset in datasets.values():
        _partner(dataset, runtimes.get((dataset.namespace, dataset.name)), "JindoRuntime")
    for load in _by_key(objects, DataLoad).values():
        rendered += _load_objects(load, datasets, runtimes, settings)
    return rendered


def _runtime_objects(
    runtime: JindoRuntime, dataset: Dataset, settings: Settings, warn: Callable[[SpecWarning], None]
) -> list[KubeObject]:
    identity = _identity(dataset)
    ports = Ports.model_validate(
        dict(zip(ports_needed(runtime), range(FIRST_PORT, FIRST_PORT + 4), strict=False))
    )
    # Without a cluster nobody can look into the user's ConfigMap.
    values, warnings = transform(runtime, dataset, identity, ports, settings, hadoop_keys=_HADOOP_FILES)
    for warning in warnings:
        warn(warning)
    path = f"{settings.host_path('jindo', runtime.namespace, runtime.name)}/jindofs-fuse"
    node_selector = (runtime.spec.fuse.node_selector if runtime.spec.fuse else None) or {}
    mount = FuseMount(runtime, "jindo", path, node_selector)
    return [
        *children(values, identity, None),
        persistent_volume(identity, dataset, mount),
        persistent_volume_claim(identity, dataset, mount),
    ]


def _load_objects(
    load: DataLoad,
    datasets: Mapping[tuple[str, str], Dataset],
    runtimes: Mapping[tuple[str, str], JindoRuntime],
    settings: Settings,
) -> list[KubeObject]:
    target = load.spec.dataset
    if target is None:
        raise InvalidSpec(f"DataLoad {load.key} spec.dataset", "is missing", "Name the Dataset")
    if target.namespace and target.namespace != load.namespace:
        raise InvalidSpec(
            f"DataLoad {load.key} spec.dataset.namespace", "is another one", "Use the Dataset's namespace"
        )
    if load.spec.policy == "OnEvent" and load.spec.run_after is None:
        raise InvalidSpec(
            f"DataLoad {load.key} spec.policy",
            "is OnEvent but there is no event",
            "Set spec.runAfter, or policy Once or Cron",
        )
    key = load.namespace, target.name
    dataset = _partner(load, datasets.get(key), f"Dataset {target.name}")
    runtime = _partner(load, runtimes.get(key), f"JindoRuntime {target.name}")
    return load_objects(load, dataset, runtime, str(smartdata_image(runtime, settings)), settings)


def _identity(dataset: Dataset) -> Identity:
    recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
    return Identity.of(dataset.namespace, dataset.name, dataset.uid, recorded)


def _by_key(objects: Sequence[KubeObject], kind: type[M]) -> dict[tuple[str, str], M]:
    found: dict[tuple[str, str], M] = {}
    for item in objects:
        if isinstance(item, kind):
            if item.key in found:
                raise InvalidSpec(f"{kind.__name__} {item.key}", "stands there twice", "Remove one")
            found[item.key] = item
    return found


def _partner(item: KubeObject, partner: M | None, what: str) -> M:
    if partner is None:
        raise InvalidSpec(
            f"{item.resource.kind} {item.key}", f"there is no {what} for it", "Add that document"
        )
    return partner


def _refuse_reference(dataset: Dataset) -> None:
    for index, mount in enumerate(dataset.spec.mounts or []):
        if mount.mount_point.startswith("dataset://"):
            raise InvalidSpec(
                f"Dataset {dataset.key} spec.mounts[{index}].mountPoint",
                "refers to another Dataset, which JindoRuntime cannot serve",
                "Mount what that Dataset mounts",
            )


def _refuse_name(item: KubeObject) -> None:
    for field, value, pattern in (("name", item.name, _NAME), ("namespace", item.namespace, _NAMESPACE)):
        if not pattern.fullmatch(value):
            raise InvalidSpec(
                f"{item.resource.kind} metadata.{field}",
                f"{value[:63]!r} is no {field}",
                "Use at most 63 lower-case letters, digits and dashes, a letter first",
            )
