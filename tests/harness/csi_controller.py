"""What csi-sanity asks besides the plugin: it makes volumes by a Controller service, even where none is.

``python -m tests.harness.csi_controller SOCKET PATH`` serves until it is killed; each volume that it makes is
that of the FUSE mount at PATH. Run csi-sanity with ``--csi.controllerendpoint=unix://SOCKET`` and
``--ginkgo.focus="Identity Service|Node Service"``, with a plugin whose API server lets it label its node.
"""

import sys
from pathlib import Path

import anyio

from fluid.csi.api import csi_pb2 as csi
from fluid.csi.identity import Identity
from fluid.csi.rpc import Method, service
from fluid.csi.server import serving


async def capabilities(
    request: csi.ControllerGetCapabilitiesRequest,
) -> csi.ControllerGetCapabilitiesResponse:
    """One capability without a meaning: csi-sanity takes an empty list for no answer."""
    del request
    nothing = csi.ControllerServiceCapability(rpc=csi.ControllerServiceCapability.RPC())
    return csi.ControllerGetCapabilitiesResponse(capabilities=[nothing])


async def create(request: csi.CreateVolumeRequest) -> csi.CreateVolumeResponse:
    attributes = {"fluid_path": sys.argv[2], "mount_pod_node_selector_key": "fluid.io/f-default-sanity"}
    return csi.CreateVolumeResponse(volume=csi.Volume(volume_id=request.name, volume_context=attributes))


async def delete(request: csi.DeleteVolumeRequest) -> csi.DeleteVolumeResponse:
    del request
    return csi.DeleteVolumeResponse()


async def main(path: Path) -> None:
    methods = [
        Method("ControllerGetCapabilities", csi.ControllerGetCapabilitiesRequest, capabilities),
        Method("CreateVolume", csi.CreateVolumeRequest, create),
        Method("DeleteVolume", csi.DeleteVolumeRequest, delete),
    ]
    identity = service(csi.DESCRIPTOR, "Identity", Identity().methods())
    async with serving(path, [identity, service(csi.DESCRIPTOR, "Controller", methods)]):
        await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]))
