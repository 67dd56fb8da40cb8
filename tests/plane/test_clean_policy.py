"""A clean policy that does not exist: refused when it is written, and never in the way where it is stored."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster import ControlPlane
from tests.harness.admission import manifest

_CRDS = Path(__file__).parents[2] / "generated" / "crds"
_GROUP = "policy.fluid.io"
_KINDS = {"JindoRuntime": {}, "ThinRuntime": {}, "ThinRuntimeProfile": {"fileSystemType": "f"}}
_REFUSAL = "write OnRuntimeDeleted, OnDemand or OnFuseChanged"


def definition(kind: str) -> Any:
    """The CRD of a kind as it is shipped, in a group of the test's own."""
    text = (_CRDS / f"data.fluid.io_{kind.lower()}s.yaml").read_text()
    found = yaml.safe_load(text.replace("data.fluid.io", _GROUP))
    found["spec"]["names"].pop("shortNames", None)
    return found


def before_the_rule(kind: str) -> Any:
    found = definition(kind)
    schema = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    fuse = schema["properties"]["spec"]["properties"]["fuse"]["properties"]
    del fuse["cleanPolicy"]["x-kubernetes-validations"]
    return found


def wait_until(what: str, holds: Any) -> None:
    for _ in range(200):  # each asks the server
        if holds():
            return
    pytest.fail(f"the API server never {what}", pytrace=False)


@pytest.fixture(params=list(_KINDS))
def kind(plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param
    plane.try_kubectl("delete", "crd", f"{request.param.lower()}s.{_GROUP}", "--wait=false")


def test_a_stored_one_can_be_lived_with_and_mended_and_a_new_one_is_refused(
    plane: ControlPlane, namespace: str, kind: str
) -> None:
    resource, where = f"{kind.lower()}s.{_GROUP}", ("--namespace", namespace)

    def written(word: str, name: str = "x") -> str:
        document: Any = manifest(kind, {**_KINDS[kind], "fuse": {"cleanPolicy": word}}, name)
        return json.dumps({**document, "apiVersion": f"{_GROUP}/v1alpha1"})

    def refused(*command: str, stdin: str = "") -> str:
        done = plane.try_kubectl(*command, *where, stdin=stdin)
        return done.stderr if done.returncode else ""

    def changed(fields: Any) -> str:
        return refused("patch", resource, "x", "--type=merge", "--patch", json.dumps(fields))

    def apply(crd: Any) -> None:
        plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(crd))

    apply(before_the_rule(kind))
    wait_until(f"served {resource}", lambda: plane.try_kubectl("get", resource).returncode == 0)
    plane.kubectl("create", "-f", "-", *where, stdin=written("onDemand"))
    apply(definition(kind))
    new = written("onDemand", "y")
    wait_until(
        "used the rule",
        lambda: _REFUSAL in refused("create", "-f", "-", "--dry-run=server", stdin=new),
    )
    assert not changed({"metadata": {"annotations": {"a": "b"}}})
    assert not changed({"spec": {"fuse": {"image": "other"}}})
    assert _REFUSAL in changed({"spec": {"fuse": {"cleanPolicy": "OnDemandDeleted"}}})
    assert not changed({"spec": {"fuse": {"cleanPolicy": "OnDemand"}}})
    assert _REFUSAL in changed({"spec": {"fuse": {"cleanPolicy": "onDemand"}}})
    assert not changed({"spec": {"fuse": {"cleanPolicy": None}}})
    plane.kubectl("delete", resource, "x", *where, "--timeout=10s")
