"""A world to play histories in: users, a cluster and an operator; it goes on until nobody acts."""

from datetime import timedelta
from typing import TypeVar

from pydantic import JsonValue

from fluid.engines.core.cache import Components
from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import Results
from fluid.engines.core.registration import EngineRegistration
from fluid.engines.core.runtime_status import blank_status
from fluid.engines.core.settings import Settings
from fluid.engines.core.steps import CacheSteps
from fluid.engines.testing.lifecycle.caches import Answers, Caches, unknown
from fluid.engines.testing.lifecycle.cluster import Cluster
from fluid.engines.testing.lifecycle.operator import Operator
from fluid.engines.testing.lifecycle.there import spec_on_wire, status_of, there
from fluid.models import Dataset, DatasetCondition, DatasetStatus, PersistentVolumeClaim, RuntimeStatus
from fluid.types import JsonObject, Key, KubeObject

M = TypeVar("M", bound=KubeObject)
PATIENCE = 60
"""Steps within which everything must come to rest."""
MARKER = "s3cr3t-bytes"
"""What is in every Secret, and may be nowhere else."""


class Stage:
    """Users, cluster and operator."""

    SECOND: timedelta = timedelta(seconds=1)

    def __init__(
        self,
        real: EngineRegistration[KubeObject],
        answers: Answers = unknown,
        settings: Settings | None = None,
    ) -> None:
        self.cluster: Cluster = Cluster(caches=Caches(answers))
        self.real: EngineRegistration[KubeObject] = real
        self.kind: type[KubeObject] = real.kind
        self.settings: Settings = settings or Settings()
        self.operator: Operator = Operator(self.cluster, real, self.settings)
        for name in ("blue", "green"):
            self.cluster.secrets[Key("a", name)] = {"id": f"{MARKER}-{name}", "key": f"{MARKER}-{name}-key"}

    # Users.

    def create_dataset(self, key: Key, *mounts: JsonObject, **spec: JsonValue) -> Dataset:
        """A new Dataset; nothing if there is one."""
        return self.create(Dataset, key, {**({"mounts": list(mounts)} if mounts else {}), **spec})

    def create(self, kind: type[M], key: Key, spec: JsonObject) -> M:
        """A new object; the one that is there, if there is one."""
        found = self.cluster.get(kind, key)
        if found is not None:
            return found
        metadata = {"name": key.name, "namespace": key.namespace}
        return self.cluster.create(kind.model_validate({"metadata": metadata, "spec": spec}))

    def edit(self, kind: type[KubeObject], key: Key, **changes: JsonValue) -> None:
        """Replace top-level fields of a spec, as they are written in YAML; None removes one."""
        live = self.cluster.get(kind, key)
        if live is None:
            return
        spec = {**spec_on_wire(live), **changes}
        spec = {name: value for name, value in spec.items() if value is not None}
        if spec != spec_on_wire(live):
            edited = kind.model_validate({"metadata": {"name": "x"}, "spec": spec})
            self.cluster.change(live, spec=getattr(edited, "spec", None))

    def annotate(self, kind: type[KubeObject], key: Key, **annotations: str | None) -> None:
        """Set annotations; None removes one."""
        live = self.cluster.get(kind, key)
        if live is not None:
            merged = {**(live.metadata.annotations or {}), **annotations}
            left = {name: value for name, value in merged.items() if value is not None}
            self.cluster.change(live, metadata={"annotations": left})

    def delete(self, kind: type[KubeObject], key: Key) -> None:
        """Ask for a deletion, as `kubectl delete --wait=false` does."""
        live = self.cluster.get(kind, key)
        if live is not None:
            self.cluster.delete(live)

    def restart_operator(self) -> None:
        """The operator is killed, and another one starts."""
        self.operator = Operator(self.cluster, self.real, self.settings)

    # Time.

    def step(self) -> None:
        """One pass of everybody."""
        self.operator.step()
        self.operator.run_queries()
        self.cluster.step()

    def settle(self) -> None:
        """Go on until everything rests; fails when it does not within `PATIENCE` steps."""
        self.operator.time_out()
        for _ in range(PATIENCE):
            version, sent = self.cluster.version, len(self.cluster.writes)
            self.step()
            quiet = version == self.cluster.version and sent == len(self.cluster.writes)
            if quiet and not self.operator.has_news:
                return
        said = {str(one.key): self.condition(one.key, "NotReady") for one in self.cluster.all(Dataset)}
        asked = [" ".join(one.command) for one in self.cluster.caches.asked[-3:]]
        raise AssertionError(
            f"no rest after {PATIENCE} steps. The last commands are {asked}: when the same ones come"
            " again, the"
            " answers of the test do not know them, or `read` takes none. The last writes are"
            f" {self.cluster.writes[-6:]}: when the same object comes again, each pass renders another"
            " one. The"
            f" Datasets say {said}."
        )

    # What is there.

    def known_dataset(self, key: Key) -> DatasetStatus | None:
        """A Dataset's status, or None before its first."""
        return there(self.cluster.get(Dataset, key)).status

    def dataset(self, key: Key) -> DatasetStatus:
        """A Dataset's status."""
        return there(self.known_dataset(key))

    def runtime(self, key: Key) -> RuntimeStatus:
        """A runtime's status."""
        return there(status_of(self.cluster.get(self.kind, key)))

    def condition(self, key: Key, kind: str) -> DatasetCondition | None:
        """A condition of a Dataset, or None."""
        status = self.known_dataset(key)
        return next((one for one in (status.conditions if status else None) or () if one.type == kind), None)

    def claim(self, key: Key) -> PersistentVolumeClaim | None:
        """The claim of a Dataset."""
        return self.cluster.get(PersistentVolumeClaim, key)

    def traces(self, key: Key) -> dict[tuple[str, str], str]:
        """Versions of everything that belongs to a Dataset, by UID."""
        return {(obj.kind, obj.uid): obj.metadata.resource_version or "" for obj in self.cluster.of(key)}

    def components(self, runtime: KubeObject) -> Components:
        """What the engine says its workloads are, as things are now."""
        plan = Plan(status=blank_status(), dataset_status=DatasetStatus(conditions=[]))
        snapshot = self.operator.observe(runtime)
        engine = self.real.build(snapshot, Results(), plan, self.settings)
        assert isinstance(engine, CacheSteps), "derive the engine from fluid.engines.api.Engine"
        return engine.components()
