# pyright: basic
"""An engine of somebody else that fails: told on its own objects, and nobody else waits."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane, Operator, start
from tests.harness.hello import EXAMPLE
from tests.harness.plugins import write_hello_plugin
from tests.plane.user import API, Json, User, until

FAULT = "example.com/fault"
MODELS = '''
    """FaultyRuntime, whose schema requires a spec with a field that has no default."""

    from typing import ClassVar, Literal

    from fluid.models import RuntimeStatus
    from fluid.types import KubeObject, ObjectMeta, Resource
    from fluid_hello.models import HelloRuntimeSpec


    class FaultySpec(HelloRuntimeSpec):
        """A spec with something that has to be there."""

        replicas: int


    class FaultyRuntime(KubeObject):
        """A runtime whose engine does what an annotation says."""

        resource: ClassVar[Resource] = Resource(
            "data.fluid.io", "v1alpha1", "FaultyRuntime", "faultyruntimes"
        )
        api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
        kind: Literal["FaultyRuntime"] = "FaultyRuntime"
        metadata: ObjectMeta
        spec: FaultySpec
        status: RuntimeStatus | None = None
    '''
ENGINE = '''
    """An engine that fails as its runtime's annotation says."""

    import time

    from fluid.engines import api
    from fluid_hello.engine import HelloEngine

    from .models import FaultyRuntime


    def fail(runtime, place):
        fault = (runtime.metadata.annotations or {}).get("example.com/fault", "")
        where, _, what = fault.partition("-")
        if where != place:
            return None
        if what == "raises":
            raise ValueError("there is no such bucket server")
        if what == "leaves":
            raise SystemExit(3)
        if what == "hangs":
            while True:
                pass
        if what == "sleeps":
            time.sleep(3600)
        return "nonsense"


    class FaultyEngine(HelloEngine):
        implementation = runtime_type = "faulty"

        def values(self):
            return fail(self.snapshot.runtime, "values") or super().values()

        def components(self):
            return fail(self.snapshot.runtime, "components") or super().components()

        def clean_up(self):
            return fail(self.snapshot.runtime, "cleanup") or super().clean_up()


    def capacities(runtime):
        return fail(runtime, "capacities") or {"MEM": 1024}


    def load(request):
        return fail(request.operation, "load") or api.load_by_reading(request)


    def registration():
        return api.registered(
            FaultyEngine, FaultyRuntime, "1.0", capacities=capacities, operations={"DataLoad": load}
        )
    '''


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `fluid` with the plug-in installed."""
    crd = next((EXAMPLE / "fluid_hello" / "crds").glob("*.yaml"))
    schema = yaml.safe_load(crd.read_text())["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    spec = schema["properties"]["spec"]
    spec.pop("default", None)
    spec["required"] = ["replicas"]
    spec["properties"]["replicas"].pop("default", None)
    root = {"required": ["spec"], "properties": schema["properties"]}
    return write_hello_plugin(tmp_path_factory.mktemp("faulty"), "faulty", MODELS, ENGINE, root)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane of its own: what is installed here are other kinds than elsewhere."""
    started = start(tmp_path_factory.mktemp("faulty-plane") / "cluster", tethered=True)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def operator(own: ControlPlane, program: Path) -> Iterator[Operator]:
    operator = Operator(own, program=program, options=["--leader-elect"])
    operator.install()
    operator.start()
    yield operator
    operator.stop()


@pytest.fixture
def user(own: ControlPlane, operator: Operator) -> Iterator[User]:
    namespace = f"faulty-{secrets.token_hex(4)}"
    own.kubectl("create", "namespace", namespace)
    yield User(own, namespace)
    own.kubectl("delete", "namespace", namespace, "--wait=false")


def pair(name: str, fault: str = "") -> tuple[Json, Json]:
    mount = {"mountPoint": "s3://models", "name": "models"}
    spec = {"mounts": [mount], "placement": "Shared"}
    metadata = {"name": name, "annotations": {FAULT: fault}}
    return (
        {"apiVersion": API, "kind": "Dataset", "metadata": {"name": name}, "spec": spec},
        {"apiVersion": API, "kind": "FaultyRuntime", "metadata": metadata, "spec": {"replicas": 1}},
    )


def told(user: User, name: str) -> Json:
    found = user.kubectl("get", f"faultyruntime/{name}", "-o", "json")
    conditions = (json.loads(found).get("status") or {}).get("conditions") or []
    return next((one for one in conditions if one["type"] == "EngineFault"), {})


def mend(user: User, name: str) -> None:
    user.kubectl("annotate", f"faultyruntime/{name}", f"{FAULT}-")


FAULTS = {
    "values-raises": "FaultyEngine.values raised ValueError: there is no such bucket server",
    "values-leaves": "FaultyEngine.values raised SystemExit: 3",
    "values-nonsense": "values returned a str and no Transformed",
    "components-nonsense": "components returned a str and no Components",
}


def test_what_fails_says_so_others_are_bound_and_it_is_bound_when_it_is_mended(
    user: User, operator: Operator
) -> None:
    pid = operator.pid
    for fault in FAULTS:
        user.apply(*pair(fault, fault))
    user.apply(*pair("works"))
    user.apply(*user.pair("healthy"))
    user.phase("healthy", seconds=40)
    user.phase("works", seconds=40)
    for name, words in FAULTS.items():
        found = until(lambda name=name: told(user, name), f"{name} is told", 30)
        assert found["message"].startswith(f"engine faulty of faulty 1.0: {words}; report it to the author")
        ready = user.until_condition("datasets", name, "Ready", "False")
        assert (ready["reason"], ready["message"]) == ("EngineFault", found["message"])
        assert user.status("datasets", name)["phase"] == "NotBound"
    for name in FAULTS:
        mend(user, name)
    for name in FAULTS:
        user.phase(name, seconds=60)
        until(lambda name=name: not told(user, name), f"{name} is told no more", 20)
    assert operator.pid == pid
    assert operator.running
    logged = [line for line in operator.lines() if "no such bucket server" in json.dumps(line)]
    assert any("Traceback" in json.dumps(line) or "exception" in line for line in logged)


@pytest.mark.parametrize("how", ["hangs", "sleeps"])
def test_what_does_not_end_is_stopped_and_others_are_bound_meanwhile(
    user: User, operator: Operator, how: str
) -> None:
    name, pid = f"values-{how}", operator.pid
    user.apply(*pair(name, name))
    found = until(lambda: told(user, name), "it is told", 40)
    assert "FaultyEngine.values did not end within 6 s and was stopped" in found["message"]
    user.apply(*user.pair("healthy"))
    user.phase("healthy", seconds=40)
    mend(user, name)
    user.phase(name, seconds=240)
    assert not told(user, name)
    assert operator.pid == pid, "neither the lease was lost nor the process restarted"
    assert operator.running


def test_a_deletion_ends_although_the_clean_up_fails(user: User) -> None:
    user.apply(*pair("cleanup-raises", "cleanup-raises"))
    user.phase("cleanup-raises", seconds=60)
    user.kubectl("delete", "dataset", "cleanup-raises", "--timeout=90s")

    def left() -> str:
        return user.kubectl("get", "statefulsets,faultyruntimes", "-o", "name")

    until(lambda: not left(), "nothing is left", 60, left)


def test_a_load_whose_builder_fails_says_so_and_runs_when_it_is_mended(user: User) -> None:
    user.apply(*pair("loaded"))
    user.phase("loaded", seconds=60)
    metadata = {"name": "load", "annotations": {FAULT: "load-raises"}}
    spec = {"dataset": {"name": "loaded", "namespace": user.namespace}, "loadMetadata": True}
    user.apply({"apiVersion": API, "kind": "DataLoad", "metadata": metadata, "spec": spec})
    told_of = until(lambda: user.status("dataloads", "load").get("conditions"), "it is told", 30)
    condition: Json = (told_of or [{}])[0]
    assert condition["reason"] == "EngineFault"
    assert user.status("dataloads", "load")["phase"] == "Pending"
    assert "load raised ValueError: there is no such bucket server" in condition["message"]
    user.kubectl("annotate", "dataload/load", f"{FAULT}-")
    until(
        lambda: user.status("dataloads", "load").get("phase") in ("Executing", "Complete"),
        "it runs",
        60,
        lambda: user.status("dataloads", "load"),
    )


def test_capacities_that_fail_are_told_and_the_dataset_is_bound(user: User) -> None:
    user.apply(*pair("capacities-nonsense", "capacities-nonsense"))
    user.phase("capacities-nonsense", seconds=60)
    found = until(lambda: told(user, "capacities-nonsense"), "it is told", 30)
    assert "capacities returned a str and no Mapping" in found["message"]
    blocked = user.until_condition("datasets", "capacities-nonsense", "NotReady", "True")
    assert blocked["reason"] == "EngineFault"
