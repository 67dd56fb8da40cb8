"""DataLoad fills the cache of a Dataset ahead of its use: what Jobs of all engines have in common."""

import re
from collections.abc import Mapping
from typing import Literal, TypeVar

from pydantic import Field

from fluid.charts import ChartValues, Release, load_chart
from fluid.engines.core.demands import IMAGES, Demands
from fluid.engines.core.distributions import INTERFACE
from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.limits import refuse_heavy, refuse_impossible, refuse_oversized
from fluid.engines.core.operation import OperationRegistration, OperationRequest, OperationSpec
from fluid.engines.core.settings import Settings
from fluid.engines.core.snapshot import R
from fluid.engines.kit.pods import dataflow_annotations
from fluid.models import (
    Affinity,
    DataLoad,
    DataMigrate,
    Dataset,
    LocalObjectReference,
    PodMetadata,
    ResourceRequirements,
    TargetPath,
    Toleration,
)
from fluid.naming import DATASET_ID, default_dataset_id
from fluid.types import Key, KubeObject

_EXPANDED = re.compile(r"\$\$|\$\([A-Za-z_][A-Za-z0-9_]*\)")
V = TypeVar("V", bound="LoaderValues")


def _spec(load: DataLoad) -> OperationSpec:
    target = load.spec.dataset
    return OperationSpec.of(
        load.spec, Key(target.namespace or load.namespace, target.name) if target else None
    )


def registration() -> OperationRegistration[DataLoad]:
    """The kind; what can be loaded depends on the engine, which builds the workload and says it."""
    return OperationRegistration(
        DataLoad,
        _spec,
        release="loader",
        scripts="data-load-script",
        interface=INTERFACE,
        demands=Demands({IMAGES: "[?object.?spec.?options[?'image']].filter(one, one != '')"}),
    )


class LoaderValues(ChartValues):
    """The values that all charts `fluid-dataloader/*` have."""

    name: str = "load"
    target_dataset: str = "dataset"
    owner_dataset_id: str = "default-dataset"
    policy: Literal["Once", "Cron"] = "Once"
    schedule: str = ""
    image: str = ""
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    labels: dict[str, str] = Field(default_factory=dict[str, str])
    annotations: dict[str, str] = Field(default_factory=dict[str, str])
    scheduler_name: str = ""
    node_selector: dict[str, str] = Field(default_factory=dict[str, str])
    affinity: Affinity | None = None
    tolerations: list[Toleration] = Field(default_factory=list[Toleration])
    resources: ResourceRequirements | None = None


def dataload_of(request: OperationRequest[R]) -> DataLoad:
    """The DataLoad of a request to a builder that is registered for DataLoad."""
    assert isinstance(request.operation, DataLoad), "registered for DataLoad"
    return request.operation


def loader_objects(
    chart: str, values: LoaderValues, request: OperationRequest[R], image: str, *, release: str = "loader"
) -> list[KubeObject]:
    """The objects of the release of an operation that moves data.

    Args:
        chart: Name of the chart.
        values: What the engine has to say; what every loader is given is added.
        request: A DataLoad or DataMigrate, its Dataset and the settings.
        image: What runs, with its tag.
        release: What the names of its objects have after that of the operation.

    Raises:
        InvalidSpec: There is no schedule where there has to be one, a text cannot be written down, or an
            object would be larger than the API server takes.
    """
    moved = request.operation
    assert isinstance(moved, DataLoad | DataMigrate), "registered for DataLoad or DataMigrate"
    values = _filled(values, moved, request.dataset, image, request.settings)
    return release_objects(chart, values, moved, release)


def release_objects(chart: str, values: ChartValues, operation: KubeObject, release: str) -> list[KubeObject]:
    """The objects of the release of an operation, of any kind.

    Args:
        chart: Name of the chart.
        values: All its values.
        operation: The operation.
        release: What the names of its objects have after that of the operation.

    Raises:
        InvalidSpec: An object would be larger than the API server takes.
    """
    refuse_heavy(values, [operation])
    objects = load_chart(chart).render(values, Release(f"{operation.name}-{release}", operation.namespace))
    refuse_oversized(objects, [operation])
    return objects


def recorded_id(dataset: Dataset) -> str:
    """The value of the label ``fluid.io/dataset-id`` of what belongs to a Dataset."""
    recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
    return recorded or default_dataset_id(dataset.namespace, dataset.name, dataset.uid)


def target_environment(dataload: DataLoad) -> dict[str, str]:
    """What the scripts of loaders read of the targets: paths and replicas, joined, and if metadata comes."""
    targets = targets_of(dataload)
    return {
        "NEED_LOAD_METADATA": "true" if dataload.spec.load_metadata else "false",
        "DATA_PATH": ":".join(re.sub(r"\s", "", target.path) for target in targets),
        "PATH_REPLICAS": ":".join(str(target.replicas or 1) for target in targets),
    }


def targets_of(dataload: DataLoad) -> list[TargetPath]:
    """The targets; all of the Dataset where none is named."""
    return dataload.spec.target or [TargetPath(path="/")]


def _filled(
    values: V, dataload: DataLoad | DataMigrate, dataset: Dataset, image: str, settings: Settings
) -> V:
    spec = dataload.spec
    assert spec is not None, "an operation without a spec has no Dataset to work on"
    metadata = spec.pod_metadata or PodMetadata()
    if spec.policy == "Cron" and not (spec.schedule or "").strip():
        me = NamedObject.of(dataload)
        raise InvalidSpec(
            me, "spec.schedule", "is missing for policy Cron", "Set a schedule such as '0 2 * * *'"
        )
    refuse_impossible(NamedObject.of(dataload), spec)
    return values.model_copy(
        update={
            "name": dataload.name,
            "target_dataset": dataset.name,
            "owner_dataset_id": recorded_id(dataset),
            "policy": "Cron" if spec.policy == "Cron" else "Once",
            "schedule": spec.schedule or "",
            "image": image,
            "image_pull_secrets": settings.pull_secrets,
            "labels": metadata.labels or {},
            "annotations": {**(metadata.annotations or {}), **dataflow_annotations(dataload)},
            "scheduler_name": spec.scheduler_name or "",
            "node_selector": spec.node_selector or {},
            "affinity": spec.affinity,
            "tolerations": spec.tolerations or [],
            "resources": spec.resources,
        }
    )


def literal(value: str) -> str:
    """The text as a container has to spell it: the kubelet expands `$(NAME)`, halves `$$`."""
    return value.replace("$", "$$") if _EXPANDED.search(value) else value


def literals(values: Mapping[str, str]) -> dict[str, str]:
    """The texts as a container has to spell them."""
    return {name: literal(value) for name, value in values.items()}
