"""DataLoad fills the cache of a Dataset ahead of its use: what Jobs of all engines have in common."""

import re
from typing import Literal, TypeVar

from pydantic import Field

from fluid.charts import ChartValues, Release, load_chart
from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.limits import refuse_heavy, refuse_impossible, refuse_oversized
from fluid.engines.core.operation import OperationRegistration, OperationSpec
from fluid.engines.core.settings import Settings
from fluid.engines.core.versions import INTERFACE
from fluid.engines.kit.metadata import dataflow_annotations
from fluid.models import (
    Affinity,
    DataLoad,
    Dataset,
    LocalObjectReference,
    PodMetadata,
    ResourceRequirements,
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
        DataLoad, _spec, release="loader", scripts="data-load-script", interface=INTERFACE
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


def filled(values: V, dataload: DataLoad, dataset: Dataset, image: str, settings: Settings) -> V:
    """An engine's own values, and with them what every loader is given.

    Args:
        values: What the engine has to say.
        dataload: What is to be loaded.
        dataset: Its Dataset.
        image: What runs, with its tag.
        settings: What the administrator set.

    Raises:
        InvalidSpec: There is no schedule where there has to be one, or a text that cannot be written down.
    """
    spec, metadata = dataload.spec, dataload.spec.pod_metadata or PodMetadata()
    if spec.policy == "Cron" and not (spec.schedule or "").strip():
        me = NamedObject.of(dataload)
        raise InvalidSpec(
            me, "spec.schedule", "is missing for policy Cron", "Set a schedule such as '0 2 * * *'"
        )
    refuse_impossible(NamedObject.of(dataload), spec)
    recorded = (dataset.metadata.labels or {}).get(DATASET_ID)
    return values.model_copy(
        update={
            "name": dataload.name,
            "target_dataset": dataset.name,
            "owner_dataset_id": recorded or default_dataset_id(dataset.namespace, dataset.name, dataset.uid),
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


def release_objects(chart: str, values: LoaderValues, dataload: DataLoad) -> list[KubeObject]:
    """The objects of a DataLoad's release.

    Raises:
        InvalidSpec: One would be larger than the API server takes.
    """
    refuse_heavy(values, [dataload])
    objects = load_chart(chart).render(values, Release(f"{dataload.name}-loader", dataload.namespace))
    refuse_oversized(objects, [dataload])
    return objects


def literal(value: str) -> str:
    """The text as a container has to spell it: the kubelet expands `$(NAME)`, halves `$$`."""
    return value.replace("$", "$$") if _EXPANDED.search(value) else value
