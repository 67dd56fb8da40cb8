"""The runtime policies that a namespace's labels select; a change of the labels wakes its objects."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fluid.engines.core.runtime_policy import NAMESPACE_NAME, RuntimePolicies
from fluid.engines.core.settings import Settings
from fluid.kube import Change, InformerFactory, Reflector
from fluid.kube.controller import Controller
from fluid.models import Namespace, PolicyRule
from fluid.types import Key, KubeObject

M = TypeVar("M", bound=KubeObject)
RULES = (PolicyRule(api_groups=[""], resources=["namespaces"], verbs=["list", "watch"]),)
"""Rights that policies with a namespace selector need; not needed if there is no such policy."""
SOON = 0.05
"""Seconds over which changes of labels are gathered into one pass."""


@dataclass(frozen=True)
class NamespacePolicies:
    """The settings that apply to each namespace.

    Attributes:
        settings: What the administrator set for all namespaces.
        policies: The policies of the installation.
        namespaces: The labels of namespaces; None if no policy selects by them.
    """

    settings: Settings
    policies: RuntimePolicies
    namespaces: Reflector[Namespace] | None = None

    @classmethod
    def watching(
        cls, settings: Settings, policies: RuntimePolicies, informer_factory: InformerFactory
    ) -> "NamespacePolicies":
        """The policies, with a watch of the namespaces' metadata if a policy needs it."""
        reads = policies.reads_namespaces
        return cls(settings, policies, informer_factory.of(Namespace, metadata_only=True) if reads else None)

    def of(self, namespace: str) -> Settings | None:
        """The settings for a namespace; None while its labels are not known, as a rule may depend on them."""
        labels: Mapping[str, str] = {}
        if self.namespaces is not None:
            entry = self.namespaces.store.entry(Key("", namespace))
            if entry is None:
                return None
            labels = entry.labels
        return self.settings.under(self.policies.of({**labels, NAMESPACE_NAME: namespace}))

    def subscribe(self, controller: Controller, objects: Reflector[M]) -> None:
        """Makes a change of a namespace's labels wake the objects in it."""
        if self.namespaces is not None:
            controller.watches(self.namespaces, _within(objects), delay=SOON)


def _within(objects: Reflector[M]) -> Callable[[Change[Namespace]], Iterable[Key]]:
    """Maps a change of labels to the keys of the objects in the namespace."""

    def keys(change: Change[Namespace]) -> Iterable[Key]:
        before, after = change.before, change.after
        if after is None or (before is not None and before.labels == after.labels):
            return ()
        return [one.key for one in objects.store.entries() if one.key.namespace == change.key.name]

    return keys
