"""The Node service: what the kubelet calls, checked and handed on."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.errors import CallError, Code, HelperError
from fluid.csi.publishing import Publishing
from fluid.csi.records import StagedVolume
from fluid.csi.rpc import Method
from fluid.csi.staging import Staging
from fluid.csi.volume import Pod, Volume, VolumeError

_Mode = csi.VolumeCapability.AccessMode.Mode
_READERS = frozenset({_Mode.SINGLE_NODE_READER_ONLY, _Mode.MULTI_NODE_READER_ONLY})
_Ability = csi.NodeServiceCapability.RPC.Type
LARGEST = 2**63 - 1
"""The largest number of the protocol; object stores without a limit report larger ones."""
_ABILITIES = (_Ability.STAGE_UNSTAGE_VOLUME, _Ability.GET_VOLUME_STATS)


@dataclass(frozen=True)
class Node:
    """The Node service.

    Attributes:
        staging: Volumes of the node.
        publishing: Targets of pods.
    """

    staging: Staging
    publishing: Publishing

    async def stage(self, request: csi.NodeStageVolumeRequest) -> csi.NodeStageVolumeResponse:
        """A pod on this node will use the volume."""
        staging_path = _path(request.staging_target_path, "staging_target_path")
        volume = self._volume(request.volume_id, request.volume_context, request.volume_capability)
        record = StagedVolume(
            volume_id=volume.id, attributes=dict(request.volume_context), staging_path=staging_path
        )
        await self.staging.stage(volume, record)
        return csi.NodeStageVolumeResponse()

    async def unstage(self, request: csi.NodeUnstageVolumeRequest) -> csi.NodeUnstageVolumeResponse:
        """No pod on this node uses it any more."""
        staging_path = _path(request.staging_target_path, "staging_target_path")
        await self.staging.unstage(_required(request.volume_id, "volume_id"), staging_path)
        return csi.NodeUnstageVolumeResponse()

    async def publish(self, request: csi.NodePublishVolumeRequest) -> csi.NodePublishVolumeResponse:
        """A pod gets to see it."""
        target = _path(request.target_path, "target_path")
        volume = self._volume(request.volume_id, request.volume_context, request.volume_capability)
        read_only = request.readonly or request.volume_capability.access_mode.mode in _READERS
        pod = Pod.of(request.volume_context)
        record = StagedVolume(volume_id=volume.id, attributes=dict(request.volume_context))
        await self.staging.note(record)
        await self.publishing.publish(volume, target, read_only=read_only, pod=pod)
        return csi.NodePublishVolumeResponse()

    async def unpublish(self, request: csi.NodeUnpublishVolumeRequest) -> csi.NodeUnpublishVolumeResponse:
        """The pod no longer sees it."""
        target = _path(request.target_path, "target_path")
        await self.publishing.unpublish(_required(request.volume_id, "volume_id"), target)
        return csi.NodeUnpublishVolumeResponse()

    async def stats(self, request: csi.NodeGetVolumeStatsRequest) -> csi.NodeGetVolumeStatsResponse:
        """Space and files, as the FUSE process tells them."""
        _required(request.volume_id, "volume_id")
        path = _required(request.volume_path, "volume_path")
        try:
            await self._require_published(request.volume_id, path)
            try:
                found = await self.publishing.mounts.usage(path, disk=self.staging.mount_root)
            finally:
                # What was taken away meanwhile is gone, and not a failure or the numbers of what was below it
                await self._require_published(request.volume_id, path)
        except (HelperError, OSError) as error:
            advice = f"look at its FUSE pod on node {self.staging.cluster.node}"
            raise CallError(Code.UNAVAILABLE, f"volume {request.volume_id}: {error}; {advice}") from error
        return csi.NodeGetVolumeStatsResponse(usage=volume_usage(found))

    async def capabilities(self, request: csi.NodeGetCapabilitiesRequest) -> csi.NodeGetCapabilitiesResponse:
        """What of the protocol is served."""
        del request
        able = [csi.NodeServiceCapability(rpc=csi.NodeServiceCapability.RPC(type=one)) for one in _ABILITIES]
        return csi.NodeGetCapabilitiesResponse(capabilities=able)

    async def info(self, request: csi.NodeGetInfoRequest) -> csi.NodeGetInfoResponse:
        """Which node this is."""
        del request
        return csi.NodeGetInfoResponse(node_id=self.staging.cluster.node)

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
        seen = await self.publishing.mounts.see(path, ask=False)
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
            return Volume.of(volume_id, attributes, self.staging.mount_root)
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
