"""`config.json`: what a FUSE client is told of the Dataset, in the shape that its images have always read."""

import json
from collections.abc import Mapping, Sequence

from fluid.engines import api
from fluid.models import CSIPersistentVolumeSource, Dataset, Mount


class ConfigMount(api.ChartValues):
    """One mount: as the Dataset has it, with shared options, and paths of files in place of credentials."""

    mount_point: str
    options: dict[str, str] | None = None
    name: str | None = None
    path: str | None = None
    read_only: bool | None = None
    shared: bool | None = None


class FuseConfig(api.ChartValues):
    """The whole file; what is empty is left out, but for the list of mounts."""

    mounts: list[ConfigMount]
    target_path: str
    runtime_options: dict[str, str] | None = None
    persistent_volume_attrs: dict[str, CSIPersistentVolumeSource] | None = None
    """CSI sources of the volumes behind `pvc://` mounts, by claim."""
    persistent_volume_mount_options: dict[str, list[str]] | None = None
    """How these volumes want to be mounted, by claim."""
    access_modes: list[str]

    def text(self) -> str:
        """The file; the same for the same content."""
        return json.dumps(self.to_values(), ensure_ascii=False, separators=(",", ":"))


def fuse_config(
    dataset: Dataset,
    sources: Sequence[api.Source],
    target_path: str,
    runtime_options: Mapping[str, str],
    claims: Mapping[str, api.ClaimVolume],
) -> FuseConfig:
    """The configuration of a Dataset's FUSE clients.

    Args:
        dataset: The Dataset.
        sources: Its mounts with all that applies to them.
        target_path: Where the clients mount.
        runtime_options: Options that the runtime itself gives.
        claims: The volumes behind the claims that are sources, by claim.
    """
    mounts = dataset.spec.mounts or []
    described = {name: api.source_volumes.mounting_facts(one.csi) for name, one in claims.items() if one.csi}
    options = {name: list(one.mount_options) for name, one in claims.items() if one.mount_options}
    return FuseConfig(
        mounts=[_mount(mount, source) for mount, source in zip(mounts, sources, strict=True)],
        target_path=target_path,
        runtime_options=dict(runtime_options) or None,
        persistent_volume_attrs=described or None,
        persistent_volume_mount_options=options or None,
        access_modes=dataset.spec.access_modes or ["ReadOnlyMany"],
    )


def _mount(mount: Mount, source: api.Source) -> ConfigMount:
    options = {
        **source.options,
        **{option.name: api.secret_files.secret_path(option) for option in source.secrets},
    }
    return ConfigMount(
        mount_point=mount.mount_point,
        options=options or None,
        name=mount.name or None,
        path=mount.path or None,
        read_only=mount.read_only or None,
        shared=mount.shared or None,
    )
