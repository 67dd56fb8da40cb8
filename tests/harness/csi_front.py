# pyright: basic
"""A Controller service in front of a plugin that has none: csi-sanity makes volumes by it.

``python -m tests.harness.csi_front SOCKET PLUGIN PATH`` serves at SOCKET until it is killed. It makes volumes
of the FUSE mount at PATH. Every call that is not the Controller's goes to the plugin at the socket PLUGIN and
its answer comes back as it is, but for the plugin's capabilities, which get one more.
"""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import grpc
import grpc.aio

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.rpc import Method, Service, service, serving

_SECONDS = 30
_Ability = csi.ControllerServiceCapability.RPC.Type.CREATE_DELETE_VOLUME
_CONTROLLER = csi.PluginCapability(
    service=csi.PluginCapability.Service(type=csi.PluginCapability.Service.Type.CONTROLLER_SERVICE)
)


class Forwarding(Service):
    """Hands calls on, byte for byte."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        forward = self.channel.unary_unary(handler_call_details.method, None, None)
        capabilities = handler_call_details.method == "/csi.v1.Identity/GetPluginCapabilities"

        async def answer(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
            try:
                said = await forward(request, timeout=_SECONDS)
            except grpc.aio.AioRpcError as error:
                await context.abort(error.code(), error.details() or "")
            return with_controller(said) if capabilities else said

        return grpc.unary_unary_rpc_method_handler(answer)


def with_controller(said: bytes) -> bytes:
    answer = csi.GetPluginCapabilitiesResponse.FromString(said)
    return csi.GetPluginCapabilitiesResponse(
        capabilities=[*answer.capabilities, _CONTROLLER]
    ).SerializeToString()


async def capabilities(
    request: csi.ControllerGetCapabilitiesRequest,
) -> csi.ControllerGetCapabilitiesResponse:
    del request
    able = csi.ControllerServiceCapability(rpc=csi.ControllerServiceCapability.RPC(type=_Ability))
    return csi.ControllerGetCapabilitiesResponse(capabilities=[able])


def creating(path: str) -> Callable[[csi.CreateVolumeRequest], Awaitable[csi.CreateVolumeResponse]]:
    async def create(request: csi.CreateVolumeRequest) -> csi.CreateVolumeResponse:
        attributes = {"fluid_path": path, "mount_pod_node_selector_key": "fluid.io/f-default-sanity"}
        volume = csi.Volume(volume_id=request.name, volume_context=attributes)
        return csi.CreateVolumeResponse(volume=volume)

    return create


async def delete(request: csi.DeleteVolumeRequest) -> csi.DeleteVolumeResponse:
    del request
    return csi.DeleteVolumeResponse()


async def main(own: Path, plugin: Path, path: str) -> None:
    controller = [
        Method("ControllerGetCapabilities", csi.ControllerGetCapabilitiesRequest, capabilities),
        Method("CreateVolume", csi.CreateVolumeRequest, creating(path)),
        Method("DeleteVolume", csi.DeleteVolumeRequest, delete),
    ]
    async with anyio.create_task_group() as tasks, grpc.aio.insecure_channel(f"unix://{plugin}") as channel:
        services = [service(csi.DESCRIPTOR, "Controller", controller, tasks), Forwarding(channel)]
        async with serving(own, services):
            await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
