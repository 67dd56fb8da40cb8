"""What runtime policies ask of a ThinRuntime beside its pods: a profile, and that the profile decides."""

from collections.abc import Iterator, Sequence

from fluid.engines.core.policy_check import disallowed
from fluid.engines.core.runtime_policy import TEMPLATE_FIELDS, RuntimePolicy
from fluid.models import ThinCompTemplateSpec, ThinFuseSpec, ThinRuntime


def unvetted(runtime: ThinRuntime, policies: Sequence[RuntimePolicy]) -> Iterator[str]:
    """What the policies do not allow, a sentence each.

    A profile is worth nothing where a runtime can replace what the profile's image runs: the container is
    privileged. Options are what the image makes of them.
    """
    for policy in policies:
        if not policy.required_profile:
            continue
        if not runtime.spec.profile_name:
            yield disallowed(policy, "a ThinRuntime without spec.profileName")
        own = dict.fromkeys([*_set(runtime.spec.fuse), *_set(runtime.spec.worker), *_volumes(runtime)])
        for name in own:
            if name not in policy.profile_overrides:
                yield disallowed(policy, f"{name} in a ThinRuntime; the profile decides")


def _set(component: ThinFuseSpec | ThinCompTemplateSpec | None) -> Iterator[str]:
    said = component.to_wire() if component else {}
    yield from (name for name in TEMPLATE_FIELDS if name in said)


def _volumes(runtime: ThinRuntime) -> Iterator[str]:
    if runtime.spec.volumes is not None:
        yield "volumes"
