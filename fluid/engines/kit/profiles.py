"""A template and what overrides it, field by field: an administrator's profile, and a user's runtime.

Unless an `Overlay` says otherwise, a field of the runtime replaces that of the profile where it says
anything.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import JsonValue

from fluid.engines.core.policy_check import disallowed
from fluid.engines.core.runtime_policy import TEMPLATE_FIELDS, RuntimePolicy
from fluid.types import KubeModel

M = TypeVar("M", bound=KubeModel)


@dataclass(frozen=True)
class Overlay:
    """How fields are put together that are not just replaced; fields are spelled as in the spec.

    Attributes:
        added: Lists: the runtime's entries come after the profile's.
        merged: Mappings: single entries of the runtime count over the profile's, in mappings below likewise.
        keyed: Lists by the field that is the key of an entry: of two with one key the runtime's counts.
        given: Fields that count whatever the runtime says, such as false or 0.
    """

    added: Collection[str] = ()
    merged: Collection[str] = ()
    keyed: Mapping[str, str] | None = None
    given: Collection[str] = ()

    def put_together(self, profile: M | None, runtime: M | None) -> M | None:
        """The template with what overrides it; None if nobody says anything."""
        if profile is None or runtime is None:
            return runtime or profile
        base, own = profile.to_wire(), runtime.to_wire()
        fields = {name: self._field(name, base.get(name), own.get(name)) for name in {**base, **own}}
        said = {name: value for name, value in fields.items() if value is not None}
        return type(profile).model_validate(said)

    def _field(self, name: str, base: JsonValue, own: JsonValue) -> JsonValue:
        if isinstance(base, list) and isinstance(own, list):
            if name in self.added:
                return [*base, *own]
            if key := (self.keyed or {}).get(name):
                taken = [_key(one, key) for one in own]
                return [*(one for one in base if _key(one, key) not in taken), *own]
        if name in self.merged:
            return _merged(base, own)
        if name in self.given:
            return base if own is None else own
        return own or base


def _key(entry: JsonValue, key: str) -> JsonValue:
    return entry.get(key) if isinstance(entry, dict) else None


def _merged(base: JsonValue, own: JsonValue) -> JsonValue:
    if isinstance(base, dict) and isinstance(own, dict):
        return {key: _merged(base.get(key), own.get(key)) for key in {**base, **own}}
    return base if own is None else own


def unvetted(
    policies: Sequence[RuntimePolicy],
    kind: str,
    profile_name: str | None,
    components: Sequence[KubeModel | None],
    *,
    volumes: bool,
) -> Iterator[str]:
    """What policies that require a profile do not allow of a runtime, a sentence each.

    A profile is worth nothing where a runtime can replace what the profile's image runs: the container is
    privileged. Options are what the image makes of them.

    Args:
        policies: The policies in force.
        kind: Kind of the runtime.
        profile_name: The profile that the runtime names.
        components: What the runtime says of its components.
        volumes: Whether it has volumes of its own.
    """
    said = [component.to_wire() for component in components if component is not None]
    own = dict.fromkeys(name for one in said for name in TEMPLATE_FIELDS if name in one)
    for policy in policies:
        if not policy.required_profile:
            continue
        if not profile_name:
            yield disallowed(policy, f"a {kind} without spec.profileName")
        for name in [*own, *(["volumes"] if volumes else [])]:
            if name not in policy.profile_overrides:
                yield disallowed(policy, f"{name} in a {kind}; the profile decides")
