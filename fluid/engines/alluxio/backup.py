"""A DataBackup on Alluxio: the Job that receives the files, and the command in the masters that sends them.

The leader writes a backup to its own disk. The operator starts a script in the masters, which makes it and
sends it to the Job; the Job needs no right, and masters need no further volume.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

from pydantic import Field

from fluid.engines import api
from fluid.models import (
    Affinity,
    AlluxioRuntime,
    DataBackup,
    Dataset,
    HostPathVolumeSource,
    LabelSelector,
    LocalObjectReference,
    PersistentVolumeClaimVolumeSource,
    Pod,
    PodAffinity,
    PodAffinityTerm,
    SecurityContext,
    Toleration,
    Volume,
)
from fluid.types import Key, KubeObject

CHART = "fluid-databackup/alluxio"
KIND = "DataBackup"
PORT = 9800
"""The port on which a Job listens, in a pod of its own."""
_SCRIPT = "send_backup.sh"
_RELEASE = "backup"
_MOUNT = "/backup"
_MOST = 8
"""Backups that are sent at once."""


class BackupValues(api.ChartValues):
    """All values of the chart `fluid-databackup/alluxio`."""

    name: str = "backup"
    target_dataset: str = "alluxio"
    owner_dataset_id: str = "default-alluxio"
    image: str = "fluid-operator"
    image_pull_secrets: list[LocalObjectReference] = Field(default_factory=list[LocalObjectReference])
    annotations: dict[str, str] = Field(default_factory=dict[str, str])
    affinity: Affinity | None = None
    tolerations: list[Toleration] = Field(default_factory=list[Toleration])
    security_context: SecurityContext = SecurityContext(run_as_user=0, run_as_group=0)
    """The user that writes the files."""
    volume: Volume = Volume(name="backup")
    """Where they are."""
    folder: str = "/backup"
    """Their folder, escaped for the kubelet."""
    location: str = ""
    """The place as the DataBackup spells it, escaped for the kubelet."""
    on_node: bool = False
    """Whether the node counts, so that the status names it."""
    port: int = PORT
    token: str = ""
    """What the sender has to know."""


def backup_objects(request: api.OperationRequest[AlluxioRuntime]) -> list[KubeObject]:
    """The ConfigMap with the program, the Service by which masters find the Job, and the Job.

    Raises:
        InvalidSpec: The DataBackup can never run as it is written.
    """
    backup, dataset, runtime = request.operation, request.dataset, request.runtime
    assert isinstance(backup, DataBackup), "registered for DataBackup"
    path = (backup.spec.backup_path if backup.spec else None) or ""
    place, me = api.databackup.place_of(path), api.NamedObject.of(backup)
    if backup.spec is None or place is None:
        fix = "Write pvc://<claim>/<folder> or local:///<directory>"
        raise api.InvalidSpec(me, "spec.backupPath", f"{path[:80]!r} is no place", fix)
    api.refuse_impossible(me, backup.spec)
    inside = f"{_MOUNT}/{place.folder}" if place.claim and place.folder else _MOUNT
    user = backup.spec.run_as or runtime.spec.run_as
    values = BackupValues(
        name=backup.name,
        target_dataset=dataset.name,
        owner_dataset_id=api.dataload.recorded_id(dataset),
        image=request.settings.operator_image,
        image_pull_secrets=request.settings.pull_secrets,
        annotations=api.pods.dataflow_annotations(backup),
        affinity=None if place.claim else _beside_masters(runtime),
        tolerations=api.pods.tolerations(dataset, None),
        security_context=_security(user.uid if user else 0, user.gid if user else 0),
        volume=_volume(place),
        folder=api.dataload.literal(inside),
        location=api.dataload.literal(path),
        on_node=not place.claim,
        token=_token(backup.name, dataset, runtime),
    )
    return api.dataload.release_objects(CHART, values, backup, _RELEASE)


def sending(
    dataset: Dataset, runtime: AlluxioRuntime, masters: Sequence[Pod], web: int
) -> Iterator[api.Exec]:
    """The queries that make masters send what running DataBackups wait for; a standby sends nothing.

    Args:
        dataset: The Dataset, whose status has the names of running operations.
        runtime: Its runtime.
        masters: Pods of its masters.
        web: The port of their web server.
    """
    recorded = (dataset.status.operation_ref if dataset.status else None) or {}
    script = api.load_chart(CHART).files[_SCRIPT]
    for name in sorted(filter(None, recorded.get(KIND, "").split(",")))[:_MOST]:
        service = f"{name}-{_RELEASE}-job.{runtime.namespace}"
        words = (service, str(PORT), _token(name, dataset, runtime))
        for pod in masters:
            command = ("bash", "-c", script, _SCRIPT, *words, str(web))
            life = api.incarnation(pod, "alluxio-master")
            yield api.Exec(
                Key(pod.namespace, pod.name), "alluxio-master", command, 60.0, life, background=True
            )


def _token(name: str, dataset: Dataset, runtime: AlluxioRuntime) -> str:
    """What sender and receiver both know, and nobody else who cannot read Dataset and runtime."""
    return sha256("\0".join((name, dataset.uid, runtime.uid)).encode()).hexdigest()[:32]


def _beside_masters(runtime: AlluxioRuntime) -> Affinity:
    """A node that runs a master, so that a directory is where it has always been."""
    labels = {"app": "alluxio", "role": "alluxio-master", "name": f"{runtime.name}-master"}
    term = PodAffinityTerm(
        label_selector=LabelSelector(match_labels=labels), topology_key="kubernetes.io/hostname"
    )
    return Affinity(pod_affinity=PodAffinity(required_during_scheduling_ignored_during_execution=[term]))


def _security(user: int, group: int) -> SecurityContext:
    return SecurityContext(run_as_user=user, run_as_group=group)


def _volume(place: api.databackup.BackupPlace) -> Volume:
    if place.claim:
        claim = PersistentVolumeClaimVolumeSource(claim_name=place.claim)
        return Volume(name="backup", persistent_volume_claim=claim)
    host = HostPathVolumeSource(path=f"/{place.folder}", type="DirectoryOrCreate")
    return Volume(name="backup", host_path=host)
