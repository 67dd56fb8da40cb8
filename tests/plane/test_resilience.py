# pyright: basic
"""Whatever is missing, the operator says so, is not ready, and goes on by itself when it is back."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane, Operator
from tests.plane.proxy import Proxy
from tests.plane.user import User, until

pytestmark = pytest.mark.plane
GRACE = 30
KINDS = [f"{plural}.data.fluid.io" for plural in ("datasets", "jindoruntimes", "dataloads")]
CRDS = Path(__file__).parent.parent.parent / "generated" / "crds"


@pytest.fixture
def user(plane: ControlPlane, namespace: str) -> User:
    return User(plane, namespace)


@pytest.fixture
def proxy(plane: ControlPlane) -> Iterator[Proxy]:
    with Proxy(plane.api().url) as proxy:
        yield proxy


@pytest.fixture
def rights(installed: Operator) -> Iterator[None]:
    """Gives back, at the end, what a test has taken away."""
    yield
    installed.install()


@pytest.fixture
def operator(plane: ControlPlane, installed: Operator, proxy: Proxy, tmp_path: Path) -> Iterator[Operator]:
    """An operator that reaches the API server through the proxy."""
    config = yaml.safe_load((plane.directory / "operator" / "kubeconfig").read_text())
    config["clusters"][0]["cluster"]["server"] = proxy.url
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(config))
    installed.start("--kubeconfig", str(kubeconfig))
    yield installed
    installed.stop()


def test_an_unreachable_api_server_is_told_and_survived(user: User, operator: Operator, proxy: Proxy) -> None:
    user.apply(*user.pair("before"))
    user.phase("before")
    pid = operator.pid
    proxy.cut()
    _not_ready(operator, "cannot list or watch")
    assert any("cannot follow a kind" in line for line in _warnings(operator))
    user.apply(*user.pair("meanwhile"))
    proxy.mend()
    user.phase("meanwhile", seconds=30)
    until(operator.ready, "the operator is ready again", 30)
    assert operator.pid == pid
    assert operator.running


def test_a_frozen_api_server_costs_no_work(user: User, operator: Operator, proxy: Proxy) -> None:
    user.apply(*user.pair("before"))
    user.phase("before")
    proxy.swallow()
    user.apply(*user.pair("meanwhile"))
    proxy.release()
    user.phase("meanwhile", seconds=30)
    until(operator.ready, "the operator is ready")


@pytest.mark.usefixtures("rights")
def test_a_lost_permission_is_named_and_its_return_noticed(
    user: User, operator: Operator, installed: Operator
) -> None:
    _take_away(user, "persistentvolumeclaims", "create")
    user.apply(*user.pair("hbase"))
    _not_ready(operator, "create persistentvolumeclaims")
    [line] = [one for one in _warnings(operator) if "no permission" in one]
    assert json.loads(line)["verb"] == "create"
    assert json.loads(line)["resource"] == "persistentvolumeclaims"
    installed.install()
    user.phase("hbase", seconds=30)
    until(operator.ready, "the operator is ready again")


@pytest.mark.usefixtures("rights")
def test_a_lost_permission_to_look_is_named_too(
    user: User, operator: Operator, proxy: Proxy, installed: Operator
) -> None:
    _take_away(user, "daemonsets", "list", "watch")
    proxy.drop()  # rights to watch are looked at when a watch begins
    _not_ready(operator, "no permission to list and watch daemonsets.apps")
    installed.install()
    user.apply(*user.pair("hbase"))
    until(operator.ready, "the operator is ready again", 40)
    user.phase("hbase")


@pytest.mark.usefixtures("rights")
def test_kinds_that_are_not_installed_are_picked_up_when_they_come(user: User, installed: Operator) -> None:
    """Missing while it runs, missing at its start, and there again: the same process goes on."""
    installed.start()
    try:
        until(lambda: not _left(user), "earlier tests have cleaned up", 40)
        user.kubectl("delete", "crd", *KINDS)
        _not_ready(installed, "apply its CRD")
        installed.stop()
        installed.launch()
        for kind in KINDS:
            _not_ready(installed, f"{kind} is not installed: apply its CRD")
        user.kubectl("apply", "--server-side", "-f", str(CRDS))
        established = ("wait", "--for=condition=Established", "--timeout=5s", "crd", *KINDS)
        until(lambda: user.plane.try_kubectl(*established).returncode == 0, "the kinds are installed again")
        user.apply(*user.pair("hbase"))
        user.phase("hbase", seconds=40)
        until(installed.ready, "the operator is ready again", 40)
        assert "Traceback" not in installed.log.read_text()
    finally:
        installed.stop()


def test_sigterm_in_the_middle_of_work_ends_in_order(user: User, operator: Operator) -> None:
    names = [f"busy-{number}" for number in range(6)]
    user.apply(*(one for name in names for one in user.pair(name)))
    until(lambda: user.all("statefulsets"), "the work has begun")
    since = time.monotonic()
    operator.stop(timeout=GRACE + 5)
    assert time.monotonic() - since < GRACE
    assert "stopped" in operator.tail(3)
    assert "Traceback" not in operator.log.read_text()


def _left(user: User) -> str:
    return user.kubectl("get", ",".join(KINDS), "--all-namespaces", "-o", "name")


def _take_away(user: User, resource: str, *verbs: str) -> None:
    """Removes verbs on one resource from the operator's role; `Operator.install` gives them back."""
    found = user.plane.kubectl("get", "clusterroles", "-o", "json")
    [role] = [one for one in json.loads(found)["items"] if one["metadata"]["name"] == "fluid-operator"]
    rules = []
    for rule in role["rules"]:
        if resource in rule.get("resources", ()):
            others = [one for one in rule["resources"] if one != resource]
            rules.append(
                {**rule, "resources": [resource], "verbs": [v for v in rule["verbs"] if v not in verbs]}
            )
            rule = {**rule, "resources": others} if others else None
        rules += [rule] if rule else []
    user.plane.kubectl(
        "patch", "clusterrole", "fluid-operator", "--type=merge", "-p", json.dumps({"rules": rules})
    )


def _not_ready(operator: Operator, reason: str) -> None:
    """Waits until /readyz gives a reason."""
    until(lambda: reason in _readyz(operator), f"not ready, as {reason!r}", but=lambda: _readyz(operator))


def _readyz(operator: Operator) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{operator.port('health')}/readyz", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return ""  # it has just been started


def _warnings(operator: Operator) -> list[str]:
    return [line for line in operator.log.read_text().splitlines() if '"level": "warning"' in line]
