"""References without a cluster: what the operator makes of a Dataset that refers to another document."""

from collections.abc import Mapping, Sequence

from fluid.engines.core.borrowed_volume import borrowed_claim, borrowed_volume
from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.references import AddressError, address_of, is_allowed, is_reference
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.models import Dataset, PersistentVolume
from fluid.naming import ALLOWED_NAMESPACES, DATASET_ID, Identity
from fluid.types import Key, KubeObject

WHERE = "spec.mounts[0].mountPoint"


def reference_objects(
    dataset: Dataset,
    identity: Identity,
    runtime: KubeObject | None,
    datasets: Mapping[Key, Dataset],
    rendered: Sequence[KubeObject],
    registry: Registry,
    settings: Settings,
) -> list[KubeObject]:
    """The runtime beside a reference, unless there is one, its volume and its claim.

    Args:
        dataset: the reference.
        identity: its names.
        runtime: the runtime of its name among the documents.
        datasets: all Datasets among the documents.
        rendered: what was made of the other documents, volumes among it.
        registry: the engines.
        settings: what the administrator set.

    Raises:
        InvalidSpec: It refers to what is not among the documents, or not allowed, or cannot be referred to.
    """
    me = NamedObject.of(dataset)
    try:
        address = address_of(dataset)
    except AddressError as error:
        where, _, problem = str(error).partition(" ")
        raise InvalidSpec(me, where.removesuffix(":"), problem, "See docs/references.md") from None
    assert address is not None, "it is a reference"
    other = datasets.get(address.dataset)
    if other is None:
        problem = f"refers to another Dataset, {address.dataset}, which is not among the documents"
        raise InvalidSpec(me, WHERE, problem, "Add that Dataset and its runtime")
    if not is_allowed(other, dataset.namespace, settings):
        problem = f"refers to another Dataset, {other.key}, which does not allow it"
        fix = f"Add {dataset.namespace} to its annotation {ALLOWED_NAMESPACES}"
        raise InvalidSpec(me, WHERE, problem, fix)
    if is_reference(other):
        problem = f"refers to another Dataset, {other.key}, which refers to one itself"
        raise InvalidSpec(me, WHERE, problem, "Name the one that has the data")
    lender = _volume(rendered, address.dataset)
    known = (identity, dataset, address, lender)
    made = [] if runtime is not None else [_beside(dataset, identity, registry)]
    return [*made, borrowed_volume(*known), borrowed_claim(*known)]


def refuse_other_cache(
    dataset: Dataset, runtime: KubeObject, registered: EngineRegistration[KubeObject]
) -> None:
    """Refuse a runtime of a reference's name that has a cache of its own.

    Raises:
        InvalidSpec: It has one.
    """
    judge = registered.carries_references
    if judge is None or not judge(runtime):
        problem = f"refers to another Dataset, which {runtime.resource.kind} {runtime.name} cannot serve"
        raise InvalidSpec(NamedObject.of(dataset), WHERE, problem, "Remove the runtime")


def _volume(rendered: Sequence[KubeObject], key: Key) -> PersistentVolume:
    for item in rendered:
        claim = item.spec.claim_ref if isinstance(item, PersistentVolume) and item.spec else None
        if claim is not None and isinstance(item, PersistentVolume) and (claim.namespace, claim.name) == key:
            return item
    raise InvalidSpec(NamedObject("Dataset", key), "", "has no runtime", "Add its runtime")


def _beside(dataset: Dataset, identity: Identity, registry: Registry) -> KubeObject:
    engines = registry.engines
    found = (engines[kind] for kind in sorted(engines))
    carrier = next((one for one in found if one.carries_references is not None), None)
    if carrier is None:
        problem = "refers to another Dataset, and no engine is installed whose runtimes carry references"
        raise InvalidSpec(NamedObject.of(dataset), WHERE, problem, "Install one")
    metadata = {
        "name": dataset.name,
        "namespace": dataset.namespace,
        "labels": {DATASET_ID: identity.dataset_id},
    }
    return carrier.kind.model_validate({"metadata": metadata, "spec": {}})
