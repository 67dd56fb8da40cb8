"""The Job or CronJob of a DataMigrate: `juicefs sync`, with workers that it reaches by SSH."""

import re
from collections.abc import Mapping, Sequence
from posixpath import normpath

from pydantic import Field

from fluid.engines import api
from fluid.engines.juicefs import commands
from fluid.engines.juicefs.loader import flags_of, timeout_of
from fluid.engines.juicefs.settings import default_image
from fluid.engines.juicefs.transform import preparing_flags
from fluid.engines.juicefs.volume import NAMED, RESERVED, Volume
from fluid.models import (
    DataMigrate,
    DataToMigrate,
    EnvVar,
    ExternalStorage,
    JuiceFSRuntime,
    PersistentVolumeClaimVolumeSource,
    VolumeMount,
)
from fluid.models import (
    Volume as PodVolume,
)
from fluid.types import KubeObject
from fluid.types.untrusted import whole_number

CHART = "fluid-datamigrate/juicefs"
_URI = re.compile(r"[a-z][a-z0-9+.-]{0,31}://[^\s\x00-\x1f\x7f]{1,4096}")
_CLAIM = re.compile(r"pvc://([a-z0-9][-.a-z0-9]{0,252})((?:/[^\x00-\x1f\x7f]{0,4096})?)")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_EXTERNAL = {
    "access-key": "EXTERNAL_ACCESS_KEY",
    "secret-key": "EXTERNAL_SECRET_KEY",
    "token": "EXTERNAL_TOKEN",
}
_PLACE = "/mnt/fluid-native"
_OWN = frozenset({*RESERVED, *NAMED.values(), "FLUID_METAURL", "PATH", "HOME"})


class MigrateValues(api.dataload.LoaderValues):
    """All values of the chart `fluid-datamigrate/juicefs`."""

    name: str = "migrate"
    target_dataset: str = "juicefs"
    owner_dataset_id: str = "default-juicefs"
    image: str = "juicedata/mount:ce-v1.3.0"
    image_pull_policy: str = "IfNotPresent"
    args: list[str] = Field(default_factory=list[str])
    """Both ends, then flags of `juicefs sync`; escaped for the kubelet."""
    env: list[EnvVar] = Field(default_factory=list[EnvVar])
    prepare: str = ""
    """What signs the client in, as a script."""
    volumes: list[PodVolume] = Field(default_factory=list[PodVolume])
    volume_mounts: list[VolumeMount] = Field(default_factory=list[VolumeMount])
    parallelism: int = 1
    ssh_secret: str = ""
    hosts: str = ""
    """Names of the workers' hosts, separated by commas."""
    ssh_port: int = 22


class _Ends:
    """What both ends become: addresses, variables, volumes."""

    def __init__(self, migrate: DataMigrate, volume: Volume) -> None:
        self.subject = api.NamedObject.of(migrate)
        self.volume = volume
        self.env: list[EnvVar] = []
        self.volumes: list[PodVolume] = []
        self.mounts: list[VolumeMount] = []

    def address(self, end: DataToMigrate, path: str) -> str:
        """The address of an end, as the script takes it; raises `InvalidSpec`."""
        if end.dataset is not None:
            return self._of_dataset(end.dataset.path or "", f"{path}.dataset.path")
        assert end.external_storage is not None, "an end is one of both"
        return self._of_storage(end.external_storage, f"{path}.externalStorage")

    def _of_dataset(self, wanted: str, path: str) -> str:
        if ".." in wanted.split("/") or any(one < " " for one in wanted):
            raise self._refused(path, f"{wanted[:80]!r} is no path in the Dataset", "Write it without '..'")
        community = self.volume.edition == "community"
        root = self.volume.sub_path if community else "/"
        found = normpath(f"/{root.strip('/')}/{wanted.strip('/')}").replace("//", "/")
        end = "/" if (wanted.endswith("/") or not wanted) and found != "/" else ""
        return f"jfs://{'FLUID_METAURL' if community else self.volume.mount.name}{found}{end}"

    def _of_storage(self, storage: ExternalStorage, path: str) -> str:
        if (claim := _CLAIM.fullmatch(storage.uri)) is not None:
            return self._of_claim(claim[1], claim[2].strip("/"), f"{path}.uri")
        authority = storage.uri.partition("://")[2].partition("/")[0]
        if not _URI.fullmatch(storage.uri) or storage.uri.startswith(("local://", "jfs://", "pvc://")):
            fix = "Write it as s3://bucket.s3.example.com/folder/, or pvc://claim/folder"
            raise self._refused(f"{path}.uri", f"{storage.uri[:80]!r} cannot be copied from or to", fix)
        if "@" in authority and ":" in authority.partition("@")[0]:
            problem, fix = "has credentials, which everybody can read", "Put them into encryptOptions"
            raise self._refused(f"{path}.uri", problem, fix)
        for index, option in enumerate(storage.encrypt_options or ()):
            self._add_secret(option.name, option, f"{path}.encryptOptions[{index}]")
        return storage.uri

    def _add_secret(self, name: str, option: object, path: str) -> None:
        reference = getattr(getattr(option, "value_from", None), "secret_key_ref", None)
        secret, key = getattr(reference, "name", None), getattr(reference, "key", None)
        variable = _EXTERNAL.get(name, name)
        taken = {one.name for one in self.env}
        if (
            not _VARIABLE.fullmatch(variable)
            or variable in _OWN
            or variable in taken
            or not secret
            or not key
        ):
            fix = "Use access-key, secret-key, token or the name of a variable, with a Secret and its key"
            raise self._refused(path, f"{name[:80]!r} can be no variable of the client", fix)
        self.env.append(api.secret_variable(variable, api.SecretOption(name, secret, key, path)))

    def _of_claim(self, claim: str, folder: str, path: str) -> str:
        if ".." in folder.split("/"):
            raise self._refused(path, f"{folder[:80]!r} is no folder of a claim", "Write it without '..'")
        source = PersistentVolumeClaimVolumeSource(claim_name=claim)
        self.volumes.append(PodVolume(name="native-vol", persistent_volume_claim=source))
        mount = VolumeMount(name="native-vol", mount_path=_PLACE, sub_path=folder or None)
        self.mounts.append(mount)
        return f"{_PLACE}/"

    def _refused(self, path: str, problem: str, fix: str) -> api.InvalidSpec:
        return api.InvalidSpec(self.subject, path, problem, fix)


def migrate_objects(request: api.OperationRequest[JuiceFSRuntime]) -> list[KubeObject]:
    """The ConfigMap with the script, the Job or CronJob, and workers with their Service if there are several.

    Raises:
        InvalidSpec: The DataMigrate can never run as it is written.
    """
    migrate = request.operation
    assert isinstance(migrate, DataMigrate), "registered for DataMigrate"
    spec, volume = migrate.spec, Volume.of(request.dataset)
    assert spec is not None, "without a spec there is no Dataset to work on"
    subject, options = api.NamedObject.of(migrate), spec.options or {}
    if spec.runtime_type not in (None, "", "juicefs"):
        problem = f"{spec.runtime_type[:40]!r} is not the type of the Dataset's runtime"
        raise api.InvalidSpec(subject, "spec.runtimeType", problem, "Write juicefs, or remove it")
    api.refuse_impossible(subject, spec)
    ends = _Ends(migrate, volume)
    both = [ends.address(spec.from_, "spec.from"), ends.address(spec.to, "spec.to")]
    args = [*both, *flags_of(subject, options)]
    version = request.runtime.spec.juicefs_version
    default = api.pods.chosen_image(version, default_image(request.settings, volume.edition))
    seconds = _number(subject, spec.parallel_options, "sshReadyTimeoutSeconds", 180, 86400)
    workers = f"{migrate.name}-migrate-workers"
    values = MigrateValues(
        args=[api.dataload.literal(word) for word in args],
        env=[
            EnvVar(name="CLI", value=commands.CLI[volume.edition]),
            EnvVar(name="TIMEOUT", value=timeout_of(subject, options)),
            EnvVar(name="EXTERNAL", value=_external(spec.from_, spec.to)),
            EnvVar(name="SSH_READY_TIMEOUT", value=str(seconds)),
            *_credentials(volume),
            *ends.env,
        ],
        prepare=_prepare(volume, request.runtime.spec.configs or ()),
        volumes=ends.volumes,
        volume_mounts=ends.mounts,
        parallelism=spec.parallelism,
        ssh_secret=(spec.parallel_options or {}).get("sshSecretName", "") if spec.parallelism > 1 else "",
        hosts=",".join(f"{workers}-{index}.{workers}" for index in range(spec.parallelism - 1)),
        ssh_port=_number(subject, spec.parallel_options, "sshPort", 22, 65535),
        image_pull_policy=spec.image_pull_policy or "IfNotPresent",
    )
    image = str(api.pods.chosen_image(spec, default))
    return api.dataload.loader_objects(CHART, values, request, image, release="migrate")


def _external(source: DataToMigrate, target: DataToMigrate) -> str:
    """Which end gets the credentials of an external storage into its address."""
    for name, end in (("from", source), ("to", target)):
        storage = end.external_storage
        known = {one.name for one in (storage.encrypt_options if storage else None) or ()}
        if known & _EXTERNAL.keys():
            return name
    return ""


def _credentials(volume: Volume) -> list[EnvVar]:
    if volume.edition == "community":
        return [api.secret_variable("FLUID_METAURL", volume.secrets["metaurl"])]
    return [api.secret_variable(name, option) for name, option in volume.variables.items()]


def _prepare(volume: Volume, configs: Sequence[str]) -> str:
    if volume.edition == "community" or "token" not in volume.secrets:
        return ""
    return commands.sign_in(preparing_flags(volume, configs), volume.mount.name)


def _number(
    subject: api.Subject, options: Mapping[str, str] | None, name: str, default: int, most: int
) -> int:
    text = (options or {}).get(name) or str(default)
    found = whole_number(text, most)
    if not found:
        field, problem = f"spec.parallelOptions[{name}]", f"{text[:40]!r} is no such number"
        raise api.InvalidSpec(subject, field, problem, f"Write a whole number from 1 to {most}")
    return found
