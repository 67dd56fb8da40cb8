# pyright: basic
"""An engine whose kind is in an API group of its own, with the rights that `fluid manifests` prints."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane, Operator, start
from tests.harness.foreign import API, GROUP, program, write_foreign
from tests.harness.hello import MANIFESTS
from tests.plane.test_rbac import mine
from tests.plane.user import Json, User, now, until

NAME = "greetings"
INGRESS = f"ingress/{NAME}-worker"
RUNTIMES = f"helloruntimes.{GROUP}"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    started = start(tmp_path_factory.mktemp("foreign-plane") / "cluster", tethered=True)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def operator(own: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    command = program(write_foreign(tmp_path_factory.mktemp("foreign")))
    operator = Operator(own, program=command)
    operator.install()
    operator.start()
    yield operator
    operator.stop()


@pytest.fixture
def user(own: ControlPlane, operator: Operator) -> User:
    own.kubectl("create", "namespace", "foreign")
    return User(own, "foreign")


def find(user: User, about: str) -> Json:
    found = user.kubectl("get", about, "-o", "json", "--ignore-not-found")
    return json.loads(found) if found.strip() else {}


def can(user: User, role: str, verb: str, resource: str) -> bool:
    """Whether somebody with a role of the cluster may do something in the namespace."""
    asked = ("-n", user.namespace, "--as", role, "auth", "can-i", verb, resource)
    return user.plane.try_kubectl(*asked).stdout.strip() == "yes"


def test_its_datasets_are_bound_loaded_edited_and_deleted_and_nothing_is_denied(user: User) -> None:
    since = now()
    dataset, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())
    runtime["apiVersion"] = API
    user.apply(dataset, runtime)
    user.phase(NAME, seconds=40)
    [bound] = user.status("datasets", NAME)["runtimes"]
    assert (bound["type"], bound["name"]) == ("hello", NAME)
    live = find(user, f"{RUNTIMES}/{NAME}")
    assert [one["kind"] for one in live["metadata"]["ownerReferences"]] == ["Dataset"]
    before = find(user, INGRESS)
    [owner] = before["metadata"]["ownerReferences"]
    assert (owner["apiVersion"], owner["kind"], owner["controller"]) == (API, "HelloRuntime", True)

    user.kubectl("delete", INGRESS)
    until(lambda: find(user, INGRESS), "the Ingress is made again")
    user.kubectl("patch", INGRESS, "--type=merge", "-p", '{"spec": {"ingressClassName": "mine"}}')
    user.kubectl("scale", RUNTIMES, NAME, "--replicas=0")
    until(lambda: not find(user, INGRESS), "the chart has no Ingress any more, and it is deleted")
    user.kubectl("scale", RUNTIMES, NAME, "--replicas=1")
    until(lambda: find(user, INGRESS), "the chart has an Ingress again")

    load = yaml.safe_load((MANIFESTS / "dataload.yaml").read_text())
    load["spec"]["podMetadata"] = {"annotations": {"fluid.test/job-seconds": "0.5"}}
    user.apply(load)
    name = load["metadata"]["name"]
    until(lambda: user.status("dataloads", name).get("phase") == "Complete", "the DataLoad is Complete", 30)

    user.kubectl("delete", "dataset", NAME, "--timeout=60s")
    until(lambda: not find(user, f"{RUNTIMES}/{NAME}"), "the runtime is gone", 30)
    until(lambda: not find(user, INGRESS), "its Ingress is gone")
    denied = [one for one in mine(user.plane, since) if one.denied]
    assert denied == []


def test_users_with_the_roles_of_the_cluster_have_them_for_its_kind(
    own: ControlPlane, operator: Operator
) -> None:
    own.kubectl("create", "namespace", "roles")
    user = User(own, "roles")
    for role in ("view", "edit"):
        own.kubectl("-n", "roles", "create", "rolebinding", role, f"--clusterrole={role}", f"--user={role}")
    until(lambda: can(user, "edit", "create", RUNTIMES), "the roles are aggregated")
    assert can(user, "view", "list", RUNTIMES)
    assert can(user, "edit", "delete", RUNTIMES)
    assert not can(user, "view", "create", RUNTIMES)
    assert not can(user, "nobody", "list", RUNTIMES)


def test_a_runtime_policy_judges_its_specs_when_they_are_written(
    own: ControlPlane, operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    selected = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: judged}}"
    file.write_text(
        f"policies: [{{name: tenants, hostPID: false, allowedImages: [reg.example.com/], {selected}}}]"
    )
    own.kubectl("create", "namespace", "judged")
    text = operator.manifests("--policies", "--runtime-policy", str(file))
    own.kubectl("apply", "--server-side", "--validate=strict", "-f", "-", stdin=text)
    _, runtime = yaml.safe_load_all((MANIFESTS / "dataset.yaml").read_text())

    def said(image: str, **annotations: str) -> str:
        metadata = {"name": NAME, "annotations": annotations}
        one = {**runtime, "apiVersion": API, "metadata": metadata, "spec": {"image": image}}
        asked = ("-n", "judged", "create", "--dry-run=server", "-f", "-")
        return own.try_kubectl(*asked, stdin=yaml.safe_dump(one)).stderr

    words = "runtime policy tenants does not allow image docker.io/evil; allowed are reg.example.com/"
    until(lambda: words in said("docker.io/evil"), "the policy holds", 60, lambda: said("docker.io/evil"))
    assert said("reg.example.com/rclone:1") == ""
    assert "does not allow hostPID" in said(
        "reg.example.com/rclone:1", **{"runtime.fluid.io/fuse.hostpid": "true"}
    )
    own.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=text)
