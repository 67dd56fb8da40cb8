# pyright: basic
"""Queries of an engine of somebody else: one of a type of its own, and pages that its workers serve."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from cluster import ControlPlane, Operator, start
from tests.harness.plugins import write_hello_plugin
from tests.plane.user import API, Json, User, until

ADDRESS = "198.18.77.1"
"""An address for tests (RFC 2544), on the loopback device for as long as this module runs."""
MODELS = '''
    """MeteredRuntime."""

    from typing import ClassVar, Literal

    from pydantic import Field

    from fluid.models import RuntimeStatus
    from fluid.types import KubeObject, ObjectMeta, Resource
    from fluid_hello.models import HelloRuntimeSpec


    class MeteredRuntime(KubeObject):
        """A HelloRuntime whose workers serve metrics at the port that an annotation names."""

        resource: ClassVar[Resource] = Resource(
            "data.fluid.io", "v1alpha1", "MeteredRuntime", "meteredruntimes"
        )
        api_version: Literal["data.fluid.io/v1alpha1"] = "data.fluid.io/v1alpha1"
        kind: Literal["MeteredRuntime"] = "MeteredRuntime"
        metadata: ObjectMeta
        spec: HelloRuntimeSpec = Field(default_factory=HelloRuntimeSpec)
        status: RuntimeStatus | None = None
    '''
ENGINE = '''
    """An engine that counts LimitRanges, and asks its workers over HTTP."""

    from dataclasses import dataclass
    from typing import ClassVar, Literal

    from fluid.engines import api
    from fluid.models import PolicyRule
    from fluid.types import KubeObject, Resource
    from fluid_hello.engine import HelloEngine

    from .models import MeteredRuntime


    class LimitRange(KubeObject):
        """A kind that the operator has no rights on."""

        resource: ClassVar[Resource] = Resource("", "v1", "LimitRange", "limitranges")
        api_version: Literal["v1"] = "v1"
        kind: Literal["LimitRange"] = "LimitRange"


    @dataclass(frozen=True, slots=True)
    class CountLimits(api.Query[int]):
        """How many LimitRanges a namespace has."""

        place: str

        @property
        def namespace(self):
            return self.place

        def unanswered(self, reason):
            return -1


    async def count(connection, query):
        return len(await connection.api(LimitRange).list(namespace=query.place))


    def read(said):
        names = ["cache_bytes", "cache_capacity"]
        pages = [api.read_samples(text, names) for text in said if text is not None]
        if not pages or None in pages:
            return None
        cached, capacity = ([one.whole(name) for one in pages] for name in ("cache_bytes", "cache_capacity"))
        return None if None in cached + capacity else api.CacheReport(sum(capacity), sum(cached))


    class MeteredEngine(HelloEngine):
        implementation = runtime_type = "metered"

        def inputs(self):
            query = CountLimits(self.snapshot.runtime.namespace)
            self.plan.ask(query)
            if query not in self.results:
                raise api.NotYet("Counting", "LimitRanges are counted")
            return (self.results[query],)

        def hcfs_endpoint(self):
            return f"limits://{self.inputs()[0]}"

        def report(self):
            name = self.snapshot.runtime.name
            port = int(self.snapshot.runtime.metadata.annotations["example.com/port"])
            pods = [pod for pod in self.snapshot.pods if pod.name.startswith(f"{name}-worker-")]
            return api.ReportRequest(api.HttpGet.of(pods, port, lines=["cache_"]), read)


    def registration():
        rule = PolicyRule(api_groups=[""], resources=["limitranges"], verbs=["list"])
        queries = [CountLimits.answered_by(count, [rule])]
        return api.registered(MeteredEngine, MeteredRuntime, "1.0", queries=queries)
    '''
PAGE = "# TYPE cache_bytes gauge\ncache_bytes 1048576\ncache_capacity 4194304\nothers 1\n"


@pytest.fixture(scope="module")
def serving() -> Event:
    """Set once the metrics may be read."""
    return Event()


@pytest.fixture(scope="module")
def port(serving: Event) -> Iterator[int]:
    """The port at `ADDRESS` that serves the metrics."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("an address beside the loopback ones takes root and iproute2")
    subprocess.run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/metrics" and serving.is_set() else 503)
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the base
            pass

    try:
        server = ThreadingHTTPServer((ADDRESS, 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
        server.server_close()
    finally:
        subprocess.run(["ip", "address", "del", f"{ADDRESS}/32", "dev", "lo"], check=True)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `fluid` with the plug-in installed."""
    return write_hello_plugin(tmp_path_factory.mktemp("metered"), "metered", MODELS, ENGINE)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane of its own: what is installed here are other kinds than elsewhere."""
    started = start(tmp_path_factory.mktemp("metered-plane") / "cluster", tethered=True)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def user(own: ControlPlane, program: Path) -> Iterator[User]:
    operator = Operator(own, program=program)
    operator.install()
    operator.start()
    namespace = f"metered-{secrets.token_hex(4)}"
    own.kubectl("create", "namespace", namespace)
    yield User(own, namespace)
    operator.stop()


def pair(name: str, port: int) -> tuple[Json, Json]:
    spec = {"mounts": [{"mountPoint": "s3://models", "name": "models"}], "placement": "Shared"}
    metadata = {"name": name, "annotations": {"example.com/port": str(port)}}
    return (
        {"apiVersion": API, "kind": "Dataset", "metadata": {"name": name}, "spec": spec},
        {"apiVersion": API, "kind": "MeteredRuntime", "metadata": metadata, "spec": {"replicas": 2}},
    )


def give_addresses(user: User, name: str) -> None:
    """Write `ADDRESS` to the workers' statuses; what plays the kubelet writes an address of its own once."""
    change = json.dumps({"status": {"podIP": ADDRESS, "podIPs": [{"ip": ADDRESS}]}})
    for worker in (f"{name}-worker-{number}" for number in range(2)):
        address = partial(_address, user, worker)
        until(address, f"{worker} has an address", 40)
        user.kubectl("patch", f"pod/{worker}", "--subresource=status", "--type=merge", "-p", change)
        assert address() == ADDRESS


def _address(user: User, pod: str) -> str:
    return ((user.get("pods", pod) or {}).get("status") or {}).get("podIP", "")


def test_a_query_of_its_own_is_answered_with_rights_that_are_printed_and_pages_of_workers_are_read(
    user: User, port: int, serving: Event
) -> None:
    metadata = {"name": "limits", "namespace": user.namespace}
    user.apply({"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": {"limits": []}})
    user.apply(*pair("metered", port))

    def status() -> Json:
        return user.status("datasets", "metered") or {}

    give_addresses(user, "metered")
    until(lambda: "CacheNotAnswering" in json.dumps(status()), "nobody answers", 40, status)
    serving.set()
    until(lambda: status().get("phase") == "Bound", "it is Bound", 60, status)
    states, endpoint = status()["cacheStates"], status()["hcfs"]["endpoint"]
    assert (states["cached"], states["cacheCapacity"], endpoint) == ("2.00MiB", "8.00MiB", "limits://1")
