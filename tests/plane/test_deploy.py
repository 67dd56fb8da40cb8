# pyright: basic
"""What `make deploy` applies, at a real API server."""

import subprocess
import sys
from pathlib import Path

import yaml

from cluster import ControlPlane, Operator

_ROOT = Path(__file__).parent.parent.parent
IMAGE = "registry.example.org/fluid:1.2.3"


def printed(*options: str) -> list[dict]:
    fluid = Path(sys.executable).parent / "fluid"
    text = subprocess.run([fluid, "manifests", *options], check=True, capture_output=True, text=True).stdout
    return list(yaml.safe_load_all(text))


def test_the_parts_are_the_whole() -> None:
    whole = printed()
    parts = ("--crds", "--rbac", "--deployment", "--csi", "--guard")
    assert whole == [one for part in parts for one in printed(part)]
    kinds = [one["kind"] for one in whole]
    crds = len(printed("--crds"))
    assert kinds[:crds] == ["CustomResourceDefinition"] * crds
    assert kinds[crds:] == [
        "Namespace",
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "ClusterRole",
        "ClusterRole",
        "Deployment",
        "CSIDriver",
        "ServiceAccount",
        "ClusterRole",
        "ClusterRoleBinding",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "DaemonSet",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ]


def test_namespace_and_image_are_those_that_were_asked_for() -> None:
    for one in printed("--namespace", "caches", "--image", IMAGE):
        assert one["metadata"].get("namespace", "caches") == "caches"
        for subject in one.get("subjects", []):
            assert subject["namespace"] == "caches"
    (deployment,) = printed("--deployment", "--namespace", "caches", "--image", IMAGE)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == IMAGE
    assert "--lease-namespace=caches" in container["args"]


def test_the_api_server_accepts_all_of_it_as_it_is(plane: ControlPlane, installed: Operator) -> None:
    """Strictly: no unknown field, no field of the Deployment that would be dropped in silence."""
    assert installed  # a dry run makes no namespace to put things into
    text = yaml.safe_dump_all(printed())
    arguments = (
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--force-conflicts",
        "-f",
        "-",
    )
    assert "deployment.apps/fluid-operator" in plane.kubectl(*arguments, stdin=text)


def test_the_pod_may_run_where_pods_are_restricted(plane: ControlPlane, namespace: str) -> None:
    plane.kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    (deployment,) = printed("--deployment", "--namespace", namespace)
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "operator", "namespace": namespace}}
    spec = {**deployment["spec"]["template"]["spec"], "serviceAccountName": "default"}
    plane.kubectl("wait", "--for=create", "serviceaccount/default", "-n", namespace, "--timeout=10s")
    plane.kubectl("create", "--dry-run=server", "-f", "-", stdin=yaml.safe_dump({**pod, "spec": spec}))


def test_the_command_line_of_the_deployment_is_one_that_the_operator_takes(installed: Operator) -> None:
    (deployment,) = printed("--deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    installed.start(*container["args"][1:])
    installed.stop()


def test_the_examples_are_accepted_as_they_are(plane: ControlPlane, namespace: str) -> None:
    examples = str(_ROOT / "examples" / "jindo")
    arguments = (
        "apply",
        "--dry-run=server",
        "--validate=strict",
        "--namespace",
        namespace,
        "--filename",
        examples,
    )
    assert len(plane.kubectl(*arguments).splitlines()) == 3
