"""Kubernetes Events, as `kubectl describe` shows them, without floods."""

from typing import Literal, NamedTuple

from fluid.types import KubeObject

EventType = Literal["Normal", "Warning"]


class Reference(NamedTuple):
    """The object that an event is about."""

    api_version: str
    kind: str
    namespace: str
    name: str
    uid: str

    @classmethod
    def to(cls, obj: KubeObject) -> "Reference":
        """The reference to `obj`."""
        resource = obj.resource
        version = f"{resource.group}/{resource.version}" if resource.group else resource.version
        return cls(version, resource.kind, obj.namespace, obj.name, obj.uid)


class Recorder:
    """Sends events in the background: one per object, reason and message in ten minutes, repeats counted."""

    def event(self, about: KubeObject | Reference, type: EventType, reason: str, message: str) -> None:  # noqa: A002 - the wire's word
        """Notes an event; returns at once and never fails.

        Args:
            about: the object.
            type: Normal, or Warning for what a human should look at.
            reason: CamelCase word.
            message: sentence for a human.
        """
        raise NotImplementedError

    async def run(self) -> None:
        """Sends what `event` has noted, until cancelled."""
        raise NotImplementedError
