"""The thin engine: a FUSE client of the user's, workers if wanted, and mounts that follow the Dataset.

All sources of a Dataset appear under one FUSE mount; how, is the client's business. A change of the mounts is
a change of `config.json` in running pods: these are touched, so that their kubelets bring it at once.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from fluid.engines import api
from fluid.engines.thin.case import Case, target_path
from fluid.engines.thin.template import Template
from fluid.engines.thin.transform import transform
from fluid.engines.thin.values import ThinValues
from fluid.models import ThinRuntime, ThinRuntimeProfile

CONFIG_KEY = "config.json"
FILE_SYSTEM = "fuse"
"""What the mount table of a node calls mounts of a runtime without a profile, or a part of it."""
_STATES = ("cacheCapacity", "cached", "cachedPercentage", "cacheHitRatio", "cacheThroughputRatio")


class ThinEngine(api.Engine[ThinRuntime, ThinValues]):
    """A FUSE client that mounts all sources; nobody to ask, nothing to mount by command."""

    runtime_type = chart = implementation = "thin"
    unknown_states: Mapping[str, str] | None = dict.fromkeys(_STATES, "N/A")

    @cached_property
    def template(self) -> Template:
        """The runtime over its profile, if it names one that exists."""
        profiles = (one for one in self.snapshot.references if isinstance(one, ThinRuntimeProfile))
        return Template(self.snapshot.runtime, next(profiles, None))

    def components(self) -> api.Components:
        """FUSE clients; workers as long as there are some, or shall be: `masters`, to existing tools."""
        runtime = self.snapshot.runtime
        workers, wanted = f"{runtime.name}-worker", self.template.workers
        there = self.snapshot.statefulset(workers) is not None
        return api.Components(
            fuse=f"{runtime.name}-fuse",
            masters=runtime.spec.replicas or 0,
            workers=workers if there or wanted is not None else None,
            replicas=wanted or 0,
            worker_selector=f"app=thin,release={runtime.name},role=thin-worker",
        )

    @cached_property
    def sources(self) -> list[api.Source]:
        """The Dataset's sources."""
        return api.sources_as(api.Source, self.dataset)

    @cached_property
    def claims(self) -> dict[str, api.ClaimVolume]:
        """The volumes behind the claims among the sources."""
        return api.source_volumes.claim_volumes(
            self.sources, self.snapshot.runtime.namespace, self.results, self.plan
        )

    def inputs(self) -> api.Fingerprint:
        """The profile has to be there; what is behind claims counts."""
        named = self.snapshot.runtime.spec.profile_name
        if named and self.template.profile is None:
            raise api.InvalidSpec(
                api.Whose.RUNTIME,
                "spec.profileName",
                f"there is no ThinRuntimeProfile {named[:253]!r}",
                "Create it, or name another",
            )
        return tuple(
            (claim, volume.csi.model_dump_json() if volume.csi else "", volume.mount_options)
            for claim, volume in self.claims.items()
        )

    def values(self) -> api.Transformed[ThinValues]:
        """The values of the chart `thin`."""
        identity, settings = self.snapshot.identity, self.settings
        return transform(Case(self.template, self.dataset, identity, settings, self.sources, self.claims))

    def unvetted(self) -> Sequence[str]:
        """Whether there has to be a profile, and what it leaves to the runtime."""
        spec, policies = self.snapshot.runtime.spec, self.settings.policies
        components, volumes = (spec.fuse, spec.worker), spec.volumes is not None
        return [
            *api.profiles.unvetted(policies, "ThinRuntime", spec.profile_name, components, volumes=volumes)
        ]

    def fuse_mount(self, values: ThinValues) -> api.FuseMount:
        """A directory of its own below the mount root, called what the profile says."""
        profile = self.template.of_profile
        kind = profile.file_system_type if profile else FILE_SYSTEM
        selector = self.template.fuse.node_selector or {}
        path = target_path(self.settings, self.snapshot.identity)
        return api.FuseMount(self.snapshot.runtime, kind, path, selector, self.settings.volume_metadata)

    def mounts(self) -> api.ConfigMounts[ThinRuntime]:
        """Mounts in `config.json`, which running clients follow."""
        name = f"{self.snapshot.runtime.name}-fuse"
        spec = api.ConfigMountsSpec(CONFIG_KEY, name, lambda: self.sources, lambda: self.rendered)
        return api.ConfigMounts(self.snapshot, self.plan, spec)
