import signal
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

import anyio
import pytest
from anyio import to_thread
from structlog.testing import capture_logs

from fluid.kube import Connection, InformerFactory, KubeError, LeaseLost
from fluid.kube.controller import DONE, Controller, Result
from fluid.kube.events import Recorder
from fluid.kube.health import HealthServer, parse_address
from fluid.kube.lease import Elector
from fluid.kube.manager import Manager
from fluid.kube.metrics import Metrics
from fluid.models import ConfigMap
from fluid.types import Key
from tests.harness.server import FakeServer, status
from tests.pure.kube.support import CONFIG_MAPS, eventually, key, raw

pytestmark = pytest.mark.anyio


async def ask(port: int, path: str) -> tuple[int, str]:
    def fetch() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return await to_thread.run_sync(fetch)


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


class Process:
    """A manager with one controller, whose reconcile waits until it is let go."""

    def __init__(self, connection: Connection, *, grace: float = 5.0, elector: Elector | None = None) -> None:
        self.metrics = Metrics()
        self.informers = InformerFactory(connection, metrics=self.metrics)
        self.go, self.ended, self.running = anyio.Event(), False, False
        controller = Controller("test", self.reconcile, metrics=self.metrics).for_(
            self.informers.of(ConfigMap)
        )
        self.manager = Manager(
            self.informers,
            [controller],
            recorder=Recorder(connection),
            registry=self.metrics.registry,
            elector=elector,
            health_address="127.0.0.1:0",
            metrics_address="127.0.0.1:0",
            grace=grace,
        )

    async def reconcile(self, _: Key) -> Result:
        self.running = True
        await self.go.wait()
        self.ended = True
        return DONE


async def test_health_readiness_and_metrics_tell_the_truth() -> None:
    server = FakeServer()
    server.faults.append(lambda _: status(403, "Forbidden", "may not list"))
    with capture_logs() as logs:
        async with server.connect() as connection, anyio.create_task_group() as group:
            process = Process(connection)
            group.start_soon(process.manager.run)
            await eventually(lambda: process.manager.pages.health.port > 0 and bool(server.requests))
            port = process.manager.pages.health.port
            await eventually(lambda: "permission" in str(process.informers.problems()))
            assert await ask(port, "/healthz") == (200, "ok\n")
            code, text = await ask(port, "/readyz")
            assert (code, text) == (
                503,
                "configmaps: no permission to list and watch configmaps: may not list\n",
            )
            server.faults.clear()
            await eventually(lambda: not process.informers.problems())
            assert await ask(port, "/readyz") == (200, "ok\n")
            assert (await ask(port, "/nothing"))[0] == 404
            code, text = await ask(process.manager.pages.metrics.port, "/metrics")
            assert 'controller_runtime_reconcile_total{controller="test",result="success"} 0.0' in text
            assert "process_resident_memory_bytes" in text
            process.manager.stop()
    assert {line["server"] for line in logs if line["event"] == "listening"} == {"health", "metrics"}


async def test_a_stop_lets_running_reconciles_end_and_then_releases_the_lease() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, raw("a"))
    async with server.connect() as connection:
        process = Process(connection, elector=Elector(connection, key("l"), "me"))
        async with anyio.create_task_group() as group:
            group.start_soon(process.manager.run)
            await eventually(lambda: process.running)
            process.manager.stop()
            await anyio.sleep(0.01)
            stored = server.get("coordination.k8s.io/v1/leases", "x", "l") or {}
            assert stored["spec"]["holderIdentity"] == "me", "released only after the drain"
            process.go.set()
        assert process.ended
    released = server.get("coordination.k8s.io/v1/leases", "x", "l") or {}
    assert released["spec"]["holderIdentity"] == ""


async def test_a_reconcile_that_does_not_end_is_cut_off_after_the_grace() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, raw("a"))
    with anyio.fail_after(3):
        async with server.connect() as connection:
            process = Process(connection, grace=0.02)
            async with anyio.create_task_group() as group:
                group.start_soon(process.manager.run)
                await eventually(lambda: process.running)
                process.manager.stop()
            assert not process.ended


async def test_a_stop_during_an_outage_waits_for_no_list() -> None:
    server = FakeServer()
    server.faults.append(lambda _: status(503, "Down"))
    with capture_logs():
        async with server.connect() as connection:
            process = Process(connection, grace=30.0)
            with anyio.fail_after(5):
                async with anyio.create_task_group() as group:
                    group.start_soon(process.manager.run)
                    await eventually(lambda: bool(server.requests))
                    process.manager.stop()
    assert not process.running


async def test_without_the_lease_nothing_runs_and_a_stop_still_works() -> None:
    server = FakeServer()
    server.put(CONFIG_MAPS, raw("a"))
    async with server.connect() as connection:
        holder = Elector(connection, key("l"), "other")
        await holder.acquire()
        async with anyio.create_task_group() as group:
            process = Process(connection, elector=Elector(connection, key("l"), "me"))
            group.start_soon(process.manager.run)
            await eventually(lambda: len(process.informers.of(ConfigMap).store) == 1)
            assert not process.running
            process.manager.stop()


async def test_the_loss_of_the_lease_ends_the_process() -> None:
    server = FakeServer()
    async with server.connect() as connection:
        elector = Elector(connection, key("l"), "me", duration=0.5, deadline=0.2, period=0.02)
        process = Process(connection, elector=elector)
        async with anyio.create_task_group() as group:
            group.start_soon(lose_the_lease_once_held, server)
            with anyio.fail_after(5), pytest.raises(LeaseLost):
                await process.manager.run()


async def lose_the_lease_once_held(server: FakeServer) -> None:
    await eventually(lambda: server.get("coordination.k8s.io/v1/leases", "x", "l") is not None)
    server.faults.append(lambda r: status(503, "Down") if "leases" in r.url.path else None)


HUNG = """
import anyio
from fluid.kube import InformerFactory
from fluid.kube.controller import Controller
from fluid.kube.events import Recorder
from fluid.kube.manager import Manager
from fluid.models import ConfigMap
from tests.harness.server import FakeServer

async def hang(_):
    print("busy", flush=True)
    await anyio.sleep_forever()

async def main():
    server = FakeServer()
    server.put("v1/configmaps", {"metadata": {"namespace": "x", "name": "a"}})
    async with server.connect() as connection:
        informers = InformerFactory(connection)
        controller = Controller("hung", hang).for_(informers.of(ConfigMap))
        await Manager(informers, [controller], recorder=Recorder(connection)).run()

anyio.run(main)
"""


async def test_a_second_signal_ends_a_hung_process_at_once() -> None:
    async with await anyio.open_process([sys.executable, "-c", HUNG], stderr=None) as process:
        assert process.stdout is not None
        output = ""
        with anyio.fail_after(10):
            while "busy" not in output:
                output += (await process.stdout.receive()).decode()
            process.send_signal(signal.SIGTERM)
            while "asked to stop" not in output:
                output += (await process.stdout.receive()).decode()
            assert process.returncode is None, "it drains"
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("address", "parsed"),
    [
        ("0.0.0.0:8080", ("0.0.0.0", 8080)),
        (":0", ("", 0)),
        ("[::1]:9", ("::1", 9)),
        ("localhost:1", ("localhost", 1)),
    ],
)
def test_addresses_are_host_and_port(address: str, parsed: tuple[str, int]) -> None:
    assert parse_address(address) == parsed


@pytest.mark.parametrize(
    "address",
    ["8080", "host", "host:", "host:x", "host:70000", "", "::1:80", "[1.2.3.4]:80", "[]:8", "a b:3"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        HealthServer(address)


def test_an_address_that_is_taken_is_named() -> None:
    first = HealthServer("127.0.0.1:0")
    first.start()
    try:
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{first.port}"):
            HealthServer(f"127.0.0.1:{first.port}").start()
    finally:
        first.stop()


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")
def test_an_ipv6_address_can_be_listened_on() -> None:
    server = HealthServer("[::1]:0", healthy=list)
    server.start()
    try:
        with urllib.request.urlopen(f"http://[::1]:{server.port}/healthz", timeout=5) as response:
            assert response.status == 200
    finally:
        server.stop()


def test_none_serves_nothing() -> None:
    server = HealthServer("none")
    server.start()
    assert server.port == 0
    server.stop()


@pytest.mark.parametrize("content", [None, "", "{", "a: [", "clusters: []"])
async def test_no_usable_credentials_is_one_clear_error(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "kubeconfig"
    if content is not None:
        file.write_text(content)
    with pytest.raises(KubeError, match="kubeconfig"):
        async with Connection.open(kubeconfig=file):
            pass
