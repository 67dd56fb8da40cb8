"""Scales the Deployments of separate runtime controllers up from 0 when a Dataset needs them."""

from collections.abc import Iterable, Sequence

from fluid.controllers.context import Context
from fluid.controllers.lazy_start import RuntimeKind
from fluid.kube import Change, Reflector
from fluid.kube.controller import DONE, Controller, Result
from fluid.models import Dataset, Deployment, PolicyRule
from fluid.naming import CONTROLLER_REPLICAS
from fluid.types import Key, KubeObject
from fluid.types.untrusted import whole_number

DEFAULT_NAMESPACE = "fluid-system"
_MOST = 2**31 - 1  # what `replicas` can be
RULES = (
    PolicyRule(api_groups=["apps"], resources=["deployments"], verbs=["list", "watch"]),
    PolicyRule(api_groups=["apps"], resources=["deployments/scale"], verbs=["patch"]),
)
"""Rights that are needed in the operator's own namespace only."""


def deployment_name(kind: type[KubeObject]) -> str:
    """The Deployment that runs the controller of a runtime kind, such as ``mycacheruntime-controller``."""
    return f"{kind.resource.kind.lower()}-controller"


def wanted_replicas(deployment: Deployment) -> int:
    """The replicas that a Deployment gets when it is needed: the value of its annotation, at least 1."""
    template = deployment.spec.template.metadata if deployment.spec else None
    annotations = {
        **((template.annotations if template else None) or {}),
        **(deployment.metadata.annotations or {}),
    }
    spelled = annotations.get(CONTROLLER_REPLICAS, "")
    return max(1, whole_number(spelled, _MOST) or 1)


class ScaleController:
    """Scales the Deployment of a runtime kind up from 0 when a Dataset has a runtime of it; never down.

    Acts only when a Dataset, a runtime or the Deployment appears, so a manual scale to 0 lasts until then.

    Args:
        context: what all controllers share.
        kinds: The runtime kinds whose controllers run in another process.
        namespace: Namespace of the Deployments; ``fluid-system`` when empty.
    """

    def __init__(self, context: Context, kinds: Sequence[RuntimeKind], namespace: str) -> None:
        self._context = context
        self._namespace = namespace or DEFAULT_NAMESPACE
        self._kinds = {self._key(kind): kind for kind in kinds}
        self._deployments: dict[Key, Reflector[Deployment]] = {
            key: context.informer_factory.of(
                Deployment, namespace=key.namespace, fields=f"metadata.name={key.name}"
            )
            for key in self._kinds
        }

    def controller(self) -> Controller:
        """The controller, keyed by Deployment."""
        controller = Controller("scale", self.reconcile, workers=1, metrics=self._context.metrics)
        for key, kind in self._kinds.items():
            controller.watches(self._deployments[key], lambda change: () if change.before else (change.key,))
            controller.watches(
                kind.metadata_reflector, lambda change, key=key: () if change.before else (key,)
            )
        return controller.watches(self._context.informers.datasets, self._needed_by)

    async def reconcile(self, key: Key) -> Result:
        """Scales one Deployment up if it has to be."""
        deployment = self._deployments[key].store.get(key)
        if deployment is None or deployment.spec is None or deployment.spec.replicas != 0:
            return DONE
        datasets = self._context.informers.datasets.store
        if any(datasets.entry(entry.key) for entry in self._kinds[key].current.store.entries()):
            await self._context.informer_factory.api(Deployment).scale(key, wanted_replicas(deployment))
        return DONE

    def _key(self, kind: RuntimeKind) -> Key:
        return Key(self._namespace, deployment_name(kind.registration.kind))

    def _needed_by(self, change: Change[Dataset]) -> Iterable[Key]:
        if change.before is not None:
            return []
        return [key for key, kind in self._kinds.items() if kind.current.store.entry(change.key)]
