"""DataMigrate copies files into a Dataset or out of it: the kind, and what can never run."""

from fluid.engines.core.distributions import INTERFACE
from fluid.engines.core.operation import OperationProblem, OperationRegistration, OperationSpec
from fluid.models import DataMigrate, DataMigrateSpec, Service, StatefulSet
from fluid.types import Key

_SSH_SECRET = "sshSecretName"


def target_of(migrate: DataMigrate) -> Key | None:
    """The Dataset that a migration works on: where it copies to, else where it copies from."""
    ends = (migrate.spec.to.dataset, migrate.spec.from_.dataset) if migrate.spec else ()
    found = next(filter(None, ends), None)
    return Key(found.namespace or migrate.namespace, found.name) if found else None


def problem_of(migrate: DataMigrate) -> OperationProblem | None:
    """Why a migration can never run, whatever its Dataset; None when it can."""
    spec = migrate.spec
    if spec is None:
        return OperationProblem("EndNotSpecified", "spec", "is missing", "set from and to")
    if spec.block:
        problem = "is true, but nobody keeps pods from using a Dataset"
        return OperationProblem(
            "BlockNotSupported", "spec.block", problem, "remove it, and end the pods first"
        )
    return _of_ends(migrate, spec) or _of_workers(spec)


def _of_ends(migrate: DataMigrate, spec: DataMigrateSpec) -> OperationProblem | None:
    datasets = [end.dataset for end in (spec.from_, spec.to) if end.dataset is not None]
    for path, end in (("spec.from", spec.from_), ("spec.to", spec.to)):
        if (end.dataset is None) == (end.external_storage is None):
            fix = "set one of dataset and externalStorage"
            return OperationProblem("EndNotSpecified", path, "has to be one place", fix)
        if end.dataset is not None and end.dataset.namespace != migrate.namespace:
            problem = f"is in namespace {end.dataset.namespace[:63]!r}, not in that of the DataMigrate"
            fix = "create it beside its Datasets"
            return OperationProblem(
                "TargetDatasetNamespaceNotSame", f"{path}.dataset.namespace", problem, fix
            )
    if len({one.name for one in datasets}) > 1:
        problem = "is another Dataset than that of spec.to, whose credentials nobody has here"
        fix = "copy by way of an external storage"
        return OperationProblem("TwoDatasets", "spec.from.dataset", problem, fix)
    return None


def _of_workers(spec: DataMigrateSpec) -> OperationProblem | None:
    if spec.parallelism > 1 and not (spec.parallel_options or {}).get(_SSH_SECRET):
        path = f"spec.parallelOptions[{_SSH_SECRET}]"
        fix = "name a Secret with ssh-privatekey and ssh-publickey, or set parallelism to 1"
        return OperationProblem("TargetSSHSecretNameNotSet", path, "is not set in parallelOptions", fix)
    return None


def _spec(migrate: DataMigrate) -> OperationSpec:
    if migrate.spec is None:
        return OperationSpec(None)
    workers = (Service, StatefulSet) if migrate.spec.parallelism > 1 else ()
    return OperationSpec.of(migrate.spec, target_of(migrate), beside=workers)


def registration() -> OperationRegistration[DataMigrate]:
    """The kind; which Datasets it can copy depends on the engine, which builds the workload."""
    return OperationRegistration(
        DataMigrate,
        _spec,
        release="migrate",
        scripts="script",
        interface=INTERFACE,
        problem=problem_of,
        job="migrate",
        workloads=(Service, StatefulSet),
    )
