"""Data operations as users write them, with builders and `apply`."""
# pyright: reportIncompatibleVariableOverride=false
# as in the generated models: a kind narrows apiVersion and kind to its own literals

from collections.abc import Mapping
from typing import Self

from pydantic import JsonValue

from fluid import models
from fluid.sdk.kinds import Applicable, Labels, document, given


class DataBackup(Applicable, models.DataBackup):
    """Saves the metadata of a Dataset's cache."""

    @classmethod
    def of(
        cls,
        name: str,
        dataset: str,
        path: str,
        *,
        namespace: str | None = None,
        run_as: models.User | None = None,
        run_after: models.OperationRef | None = None,
        ttl_seconds: int | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a DataBackup.

        Args:
            name: Its name.
            dataset: Name of the Dataset, in the same namespace.
            path: Where the files go: ``pvc://claim/folder`` or ``local:///directory``.
            namespace: Default is the client's.
            run_as: The user that writes the files. Default is the runtime's.
            run_after: Operation that has to be complete first.
            ttl_seconds: Seconds after the end, after which it is deleted. Default never.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        spec: dict[str, JsonValue] = {
            "dataset": dataset,
            "backupPath": path,
            "runAs": None if run_as is None else run_as.to_wire(),
            "runAfter": None if run_after is None else run_after.to_wire(),
            "ttlSecondsAfterFinished": ttl_seconds,
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


class DataLoad(Applicable, models.DataLoad):
    """Loads data into the cache of a Dataset before it is used, once or on a schedule."""

    @classmethod
    def of(
        cls,
        name: str,
        dataset: str,
        *paths: str | models.TargetPath,
        namespace: str | None = None,
        load_metadata: bool | None = None,
        options: Mapping[str, str] | None = None,
        schedule: str | None = None,
        run_after: models.OperationRef | None = None,
        ttl_seconds: int | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a DataLoad; set what else it needs in its `spec`.

        Args:
            name: Its name.
            dataset: Name of the Dataset, in the same namespace.
            paths: What to load. Default is everything.
            namespace: Default is the client's.
            load_metadata: Whether to load names and sizes of new files at the source first.
            options: Options of the engine's loader.
            schedule: When to run, again and again, as a cron expression. Default is once, now.
            run_after: Operation that has to be complete first.
            ttl_seconds: Seconds after the end, after which it is deleted. Default never.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        spec: dict[str, JsonValue] = {
            "dataset": {"name": dataset},
            "target": [{"path": one} if isinstance(one, str) else one.to_wire() for one in paths] or None,
            "loadMetadata": load_metadata,
            "options": None if options is None else dict(options),
            **_when(schedule, run_after, ttl_seconds),
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


class DataMigrate(Applicable, models.DataMigrate):
    """Copies files into a Dataset or out of it, once or on a schedule."""

    @classmethod
    def of(
        cls,
        name: str,
        source: models.DataToMigrate,
        target: models.DataToMigrate,
        *,
        namespace: str | None = None,
        options: Mapping[str, str] | None = None,
        schedule: str | None = None,
        run_after: models.OperationRef | None = None,
        ttl_seconds: int | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a DataMigrate; set what else it needs, such as `parallelism`, in its `spec`.

        Args:
            name: Its name.
            source: Where files are copied from; this end or the other one is a Dataset.
            target: Where files are copied to.
            namespace: Default is the client's.
            options: ``timeout``, and flags of `juicefs sync`.
            schedule: When to run, again and again, as a cron expression. Default is once, now.
            run_after: Operation that has to be complete first.
            ttl_seconds: Seconds after the end, after which it is deleted. Default never.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        spec: dict[str, JsonValue] = {
            "from": source.to_wire(),
            "to": target.to_wire(),
            "options": None if options is None else dict(options),
            **_when(schedule, run_after, ttl_seconds),
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


class DataProcess(Applicable, models.DataProcess):
    """Runs a script or a pod on the files of a Dataset, once or on a schedule."""

    @classmethod
    def of(
        cls,
        name: str,
        dataset: str,
        mount_path: str,
        processor: models.ScriptProcessor | models.PodSpec,
        *,
        sub_path: str | None = None,
        namespace: str | None = None,
        schedule: str | None = None,
        run_after: models.OperationRef | None = None,
        ttl_seconds: int | None = None,
        service_account: str | None = None,
        labels: Labels = None,
        annotations: Labels = None,
    ) -> Self:
        """Write a DataProcess; set what else it needs in its `spec`.

        Args:
            name: Its name.
            dataset: Name of the Dataset, in the same namespace.
            mount_path: Where every container finds the files.
            processor: What runs: a script, see `script`, or a pod.
            sub_path: Directory of the Dataset that is mounted. Default is all of it.
            namespace: Default is the client's.
            schedule: When to run, again and again, as a cron expression. Default is once, now.
            run_after: Operation that has to be complete first.
            ttl_seconds: Seconds after the end, after which it is deleted. Default never.
            service_account: Service account of the pods, where a pod names none.
            labels: Labels of the object.
            annotations: Annotations of the object.

        Raises:
            AuthoringError: A value is malformed; the message says which.
        """
        target: dict[str, JsonValue] = {"name": dataset, "mountPath": mount_path, "subPath": sub_path}
        spec: dict[str, JsonValue] = {
            "dataset": given(target),
            "processor": _runs(processor, service_account),
            **_when(schedule, run_after, ttl_seconds),
        }
        return cls.author(document(name, namespace, labels, annotations, spec))


def _when(
    schedule: str | None, run_after: models.OperationRef | None, ttl_seconds: int | None
) -> dict[str, JsonValue]:
    """When a data operation runs, and when it is deleted."""
    return {
        "policy": None if schedule is None else "Cron",
        "schedule": schedule,
        "runAfter": None if run_after is None else run_after.to_wire(),
        "ttlSecondsAfterFinished": ttl_seconds,
    }


def _runs(
    processor: models.ScriptProcessor | models.PodSpec, service_account: str | None
) -> dict[str, JsonValue]:
    """What a DataProcess runs: a script or a pod."""
    script = isinstance(processor, models.ScriptProcessor)
    runs: dict[str, JsonValue] = {
        "script": processor.to_wire() if script else None,
        "job": None if script else {"podSpec": processor.to_wire()},
        "serviceAccountName": service_account,
    }
    return given(runs)
