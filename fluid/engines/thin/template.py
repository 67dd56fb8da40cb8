"""What a ThinRuntime wants: its profile is the template, and the runtime overrides it field by field."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from fluid.engines import api
from fluid.models import (
    Lifecycle,
    LocalObjectReference,
    ThinCompTemplateSpec,
    ThinFuseSpec,
    ThinRuntime,
    ThinRuntimeProfile,
    ThinRuntimeProfileSpec,
    Volume,
    VolumeMount,
)
from fluid.types import Key

CONFIGURATION = "thin-conf"
"""The volume with `config.json` in FUSE pods."""
_OVERLAY = api.profiles.Overlay(
    added=("env", "ports"),
    merged=("options", "resources", "podMetadata"),
    keyed={"volumeMounts": "mountPath"},
    given=("enabled",),
)


@dataclass(frozen=True)
class Template:
    """A runtime over its profile, put together once.

    Attributes:
        runtime: The runtime; never changed.
        profile: Its template; None when it names none, or one that does not exist.
    """

    runtime: ThinRuntime
    profile: ThinRuntimeProfile | None

    @property
    def of_profile(self) -> ThinRuntimeProfileSpec | None:
        """What the profile says."""
        return self.profile.spec if self.profile else None

    @cached_property
    def worker(self) -> ThinCompTemplateSpec:
        """The workers' settings; `enabled` of the runtime counts where it is given."""
        base = self.of_profile.worker if self.of_profile else None
        return _OVERLAY.put_together(base, self.runtime.spec.worker) or ThinCompTemplateSpec()

    @cached_property
    def fuse(self) -> ThinFuseSpec:
        """The FUSE clients' settings; options, labels and annotations are merged one by one."""
        base = self.of_profile.fuse if self.of_profile else None
        return _OVERLAY.put_together(base, self.runtime.spec.fuse) or ThinFuseSpec()

    @property
    def workers(self) -> int | None:
        """How many workers there are to be; None for a runtime without workers."""
        if not self.worker.enabled:
            return None
        own = self.runtime.spec.replicas
        return max((own if own is not None else self.worker.replicas) or 0, 0)

    @property
    def pull_secrets(self) -> list[LocalObjectReference] | None:
        """Secrets for pulling images of components that have none of their own."""
        return self.runtime.spec.image_pull_secrets or (
            self.of_profile.image_pull_secrets if self.of_profile else None
        )

    def volumes(self, component: str, mounts: Sequence[VolumeMount]) -> list[Volume]:
        """The volumes that a component mounts; of two with one name the runtime's counts.

        FUSE clients may mount the one with their configuration once more, which the chart has.

        Raises:
            InvalidSpec: A mount names no volume, or two volumes of one object have one name.
        """
        base = api.volumes.volumes_by_name(
            self.of_profile.volumes if self.of_profile else None, self._profile_subject
        )
        known = {**base, **api.volumes.volumes_by_name(self.runtime.spec.volumes)}
        offered = (CONFIGURATION,) if component == "fuse" else ()
        where = ", in the runtime nor in its profile"
        return api.volumes.mounted_volumes(
            mounts, known, f"spec.{component}.volumeMounts", offered=offered, where=where
        )

    def stop_command(self, target_path: str) -> Lifecycle:
        """What runs before a FUSE container stops: what is asked for, else an unmount.

        Raises:
            InvalidSpec: A `postStart` is given, which would run before or after the client as it happens.
        """
        base = self.of_profile.fuse if self.of_profile else None
        for whose, one in ((self._profile_subject, base), (api.Whose.RUNTIME, self.runtime.spec.fuse)):
            if one is not None and one.lifecycle is not None and one.lifecycle.post_start is not None:
                raise api.InvalidSpec(whose, "spec.fuse.lifecycle.postStart", "is not supported", "Remove it")
        if self.fuse.lifecycle is not None and self.fuse.lifecycle.pre_stop is not None:
            return self.fuse.lifecycle
        return Lifecycle.model_validate({"preStop": {"exec": {"command": ["umount", target_path]}}})

    @property
    def _profile_subject(self) -> api.Subject:
        named = self.profile
        return api.NamedObject("ThinRuntimeProfile", Key("", named.name)) if named else api.Whose.RUNTIME
