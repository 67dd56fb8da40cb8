"""The Node service: checks the kubelet's calls and passes them to staging and publishing."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.errors import CallError, Code, HelperError
from fluid.csi.mounts import Mounts
from fluid.csi.publishing import Publishing
from fluid.csi.records import StagedVolume
from fluid.csi.rpc import Method
from fluid.csi.staging import Staging
from fluid.csi.volume import Pod, Volume, VolumeError

_Mode = csi.VolumeCapability.AccessMode.Mode
_READERS = frozenset({_Mode.SINGLE_NODE_READER_ONLY, _Mode.MULTI_NODE_READER_ONLY})
_Capability = csi.NodeServiceCapability.RPC.Type
LARGEST = 2**63 - 1
"""The largest number of the protocol; object stores without a limit report larger ones."""
_CAPABILITIES = (_Capability.STAGE_UNSTAGE_VOLUME, _Capability.GET_VOLUME_STATS)


@dataclass(frozen=True)
class Node:
    """The Node service.

    Attributes:
        name: Name of the node.
        mount_root: Directory below which all FUSE pods mount.
        mounts: Looks at mounts.
        staging: Stages volumes.
        publishing: Publishes volumes at targets of pods.
    """

    name: str
    mount_root: str
    mounts: Mounts
    staging: Staging
    publishing: Publishing

    async def stage(self, request: csi.NodeStageVolumeRequest) -> csi.NodeStageVolumeResponse:
        """Stage a volume, before a pod on this node uses it."""
        staging_path = _path(request.staging_target_path, "staging_target_path")
        volume = self._volume(request.volume_id, request.volume_context, request.volume_capability)
        record = StagedVolume(
            volume_id=volume.id, attributes=dict(request.volume_context), staging_path=staging_path
        )
        await self.staging.stage(volume, record)
        return csi.NodeStageVolumeResponse()

    async def unstage(self, request: csi.NodeUnstageVolumeRequest) -> csi.NodeUnstageVolumeResponse:
        """Unstage a volume that no pod on this node uses any more."""
        staging_path = _path(request.staging_target_path, "staging_target_path")
        await self.staging.unstage(_required(request.volume_id, "volume_id"), staging_path)
        return csi.NodeUnstageVolumeResponse()

    async def publish(self, request: csi.NodePublishVolumeRequest) -> csi.NodePublishVolumeResponse:
        """Publish a volume for a pod."""
        target = _path(request.target_path, "target_path")
        volume = self._volume(request.volume_id, request.volume_context, request.volume_capability)
        read_only = request.readonly or request.volume_capability.access_mode.mode in _READERS
        pod = Pod.of(request.volume_context)
        record = StagedVolume(volume_id=volume.id, attributes=dict(request.volume_context))
        await self.staging.note(record)
        await self.publishing.publish(volume, target, read_only=read_only, pod=pod)
        return csi.NodePublishVolumeResponse()

    async def unpublish(self, request: csi.NodeUnpublishVolumeRequest) -> csi.NodeUnpublishVolumeResponse:
        """Unpublish a volume."""
        target = _path(request.target_path, "target_path")
        await self.publishing.unpublish(_required(request.volume_id, "volume_id"), target)
        return csi.NodeUnpublishVolumeResponse()

    async def stats(self, request: csi.NodeGetVolumeStatsRequest) -> csi.NodeGetVolumeStatsResponse:
        """Return space and files of a volume, as its FUSE process reports them."""
        _required(request.volume_id, "volume_id")
        path = _required(request.volume_path, "volume_path")
        try:
            await self._require_published(request.volume_id, path)
            try:
                found = await self.mounts.usage(path, disk=self.mount_root)
            finally:
                # A volume that was unpublished in the meantime is NOT_FOUND: neither another failure nor the
                # numbers of the directory below it
                await self._require_published(request.volume_id, path)
        except (HelperError, OSError) as error:
            advice = f"look at its FUSE pod on node {self.name}"
            raise CallError(Code.UNAVAILABLE, f"volume {request.volume_id}: {error}; {advice}") from error
        return csi.NodeGetVolumeStatsResponse(usage=volume_usage(found))

    async def capabilities(self, request: csi.NodeGetCapabilitiesRequest) -> csi.NodeGetCapabilitiesResponse:
        """Return the optional capabilities that are served."""
        del request
        able = [
            csi.NodeServiceCapability(rpc=csi.NodeServiceCapability.RPC(type=one)) for one in _CAPABILITIES
        ]
        return csi.NodeGetCapabilitiesResponse(capabilities=able)

    async def info(self, request: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        """Return the name of the node."""
        del request
        return csi.NodeGetInfoResponse(node_id=self.name)

    def methods(self) -> Sequence[Method[Any, Any]]:
        """The methods of csi.v1.Node."""
        return [
            Method("NodeStageVolume", csi.NodeStageVolumeRequest, self.stage),
            Method("NodeUnstageVolume", csi.NodeUnstageVolumeRequest, self.unstage),
            Method("NodePublishVolume", csi.NodePublishVolumeRequest, self.publish),
            Method("NodeUnpublishVolume", csi.NodeUnpublishVolumeRequest, self.unpublish),
            Method("NodeGetVolumeStats", csi.NodeGetVolumeStatsRequest, self.stats),
            Method("NodeGetCapabilities", csi.NodeGetCapabilitiesRequest, self.capabilities),
            Method("NodeGetInfo", csi.NodeGetInfoRequest, self.info),
        ]

    async def _require_published(self, volume_id: str, path: str) -> None:
        seen = await self.mounts.see(path, ask=False)
        if not path.startswith("/") or not (seen.stack or seen.entry == "link"):
            raise CallError(Code.NOT_FOUND, f"volume {volume_id}: nothing is published at {path}")

    def _volume(
        self, volume_id: str, attributes: Mapping[str, str], capability: csi.VolumeCapability
    ) -> Volume:
        _required(volume_id, "volume_id")
        if not capability.ByteSize():
            raise CallError(Code.INVALID_ARGUMENT, f"volume {volume_id}: volume_capability is missing")
        if capability.HasField("block"):
            raise CallError(
                Code.INVALID_ARGUMENT,
                f"volume {volume_id}: a Dataset is no block device; set volumeMode: Filesystem on its claim",
            )
        try:
            return Volume.of(volume_id, attributes, self.mount_root)
        except VolumeError as error:
            raise CallError(Code.INVALID_ARGUMENT, str(error)) from error


def _required(value: str, name: str) -> str:
    if not value:
        raise CallError(Code.INVALID_ARGUMENT, f"{name} is missing")
    return value


def _path(value: str, name: str) -> str:
    path = posixpath.normpath(_required(value, name))
    if not path.startswith("/") or path == "/":
        raise CallError(Code.INVALID_ARGUMENT, f"{name} {value!r} is no absolute path")
    return path


def volume_usage(found: Mapping[str, int | str]) -> list[csi.VolumeUsage]:
    """Space and files of a volume, from what the helper's `usage` found, within the protocol's numbers.

    Files are left out if no file is reported free: such a FUSE process does not count files, and the answer
    would look like a full volume and raise alarms.
    """
    numbers = {name: min(max(int(value), 0), LARGEST) for name, value in found.items()}
    space = csi.VolumeUsage(
        unit=csi.VolumeUsage.Unit.BYTES,
        total=numbers["bytes"],
        available=numbers["bytes_available"],
        used=numbers["bytes_used"],
    )
    if not numbers["files_available"]:
        return [space]
    files = csi.VolumeUsage(
        unit=csi.VolumeUsage.Unit.INODES,
        total=numbers["files"],
        available=numbers["files_available"],
        used=numbers["files_used"],
    )
    return [space, files]
