"""The Identity service, and the plugin's own registration with the kubelet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from fluid._version import __version__
from fluid.csi.api import csi_pb2 as csi
from fluid.csi.api import pluginregistration_pb2 as registration
from fluid.csi.rpc import Method
from fluid.naming import CSI_DRIVER

_CSI_VERSIONS = ("1.0.0",)
_log = structlog.get_logger("fluid.csi.identity")


@dataclass
class Identity:
    """The Identity service: name, version and readiness of the plugin.

    Attributes:
        ready: Whether calls can be served.
    """

    ready: Callable[[], bool] = lambda: True

    async def info(self, request: csi.GetPluginInfoRequest) -> csi.GetPluginInfoResponse:
        """Name and version."""
        del request
        return csi.GetPluginInfoResponse(name=CSI_DRIVER, vendor_version=__version__)

    async def capabilities(
        self, request: csi.GetPluginCapabilitiesRequest
    ) -> csi.GetPluginCapabilitiesResponse:
        """No capabilities: there is no controller service, the operator creates volumes."""
        del request
        return csi.GetPluginCapabilitiesResponse()

    async def probe(self, request: csi.ProbeRequest) -> csi.ProbeResponse:
        """Whether calls can be served now."""
        del request
        answer = csi.ProbeResponse()
        answer.ready.value = self.ready()
        return answer

    def methods(self) -> Sequence[Method[Any, Any]]:
        """The methods of csi.v1.Identity."""
        return [
            Method("GetPluginInfo", csi.GetPluginInfoRequest, self.info),
            Method("GetPluginCapabilities", csi.GetPluginCapabilitiesRequest, self.capabilities),
            Method("Probe", csi.ProbeRequest, self.probe),
        ]


@dataclass
class Registration:
    """The Registration service, whose socket the kubelet finds in its directory of plugins.

    Attributes:
        endpoint: Path of the CSI socket, as the kubelet sees it.
        refusal: Why the kubelet refused the plugin; empty if it registered the plugin, None before it
            answered.
    """

    endpoint: str
    refusal: str | None = field(default=None)

    async def info(self, request: registration.InfoRequest) -> registration.PluginInfo:
        """Type, name and CSI endpoint of the plugin."""
        del request
        return registration.PluginInfo(
            type="CSIPlugin",
            name=CSI_DRIVER,
            endpoint=self.endpoint,
            supported_versions=_CSI_VERSIONS,
        )

    async def notify(
        self, request: registration.RegistrationStatus
    ) -> registration.RegistrationStatusResponse:
        """Take note of the result of the registration."""
        if request.plugin_registered:
            self.refusal = ""
            _log.info("registered with the kubelet", driver=CSI_DRIVER)
        else:
            self.refusal = request.error or "the kubelet gave no reason"
            _log.error("the kubelet refused the plugin", driver=CSI_DRIVER, problem=self.refusal)
        return registration.RegistrationStatusResponse()

    def problems(self) -> list[str]:
        """Why the kubelet sends no calls to the plugin; empty if it does."""
        if self.refusal is None:
            return ["the kubelet has not registered the plugin yet"]
        return [f"the kubelet refused the plugin: {self.refusal}"] if self.refusal else []

    def methods(self) -> Sequence[Method[Any, Any]]:
        """The methods of pluginregistration.Registration."""
        return [
            Method("GetInfo", registration.InfoRequest, self.info),
            Method("NotifyRegistrationStatus", registration.RegistrationStatus, self.notify),
        ]
