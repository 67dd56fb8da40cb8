# pyright: basic
"""Taking an installation back, on a control plane of its own: Datasets are never lost on the way."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane, start
from fluid.operator.guard import ALLOW_DELETION
from tests.plane.test_deploy import IMAGE, printed
from tests.plane.user import until

_ROOT = Path(__file__).parent.parent.parent
API = {"apiVersion": "data.fluid.io/v1alpha1"}
CRDS = printed("--crds")
KINDS = [one["metadata"]["name"] for one in CRDS]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane whose installation comes and goes."""
    started = start(tmp_path_factory.mktemp("undeploy") / "cluster", tethered=True)
    yield started
    started.stop()


@pytest.fixture
def deployed(own: ControlPlane) -> ControlPlane:
    """What `make deploy` applies is there, and in force."""
    phase = ("get", "namespace", "fluid-system", "--ignore-not-found", "-o", "jsonpath={.status.phase}")
    until(lambda: own.kubectl(*phase) != "Terminating", "the last one is gone", 60)
    done = make(own, "deploy")
    assert done.returncode == 0, done.stderr
    until(lambda: refusal(own), "the policy is in force", 30)
    own.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
    return own


def make(plane: ControlPlane, target: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "--directory", str(_ROOT), target, f"IMAGE={IMAGE}"]
    return subprocess.run(command, env=plane.environment, capture_output=True, text=True, check=False)


def refusal(plane: ControlPlane) -> str:
    """What is said to somebody who would delete a kind; empty when it would be done."""
    return plane.try_kubectl("delete", "crd", KINDS[0], "--dry-run=server").stderr


def dataset(plane: ControlPlane) -> dict:
    wanted = {**API, "kind": "Dataset", "metadata": {"name": "kept"}, "spec": {}}
    plane.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(wanted))
    return json.loads(plane.kubectl("get", "dataset", "kept", "-o", "json"))


def test_a_kind_is_deleted_only_once_that_is_said_on_it(deployed: ControlPlane) -> None:
    deployed.kubectl("annotate", "crd", KINDS[0], f"{ALLOW_DELETION}=true")
    assert not refusal(deployed)
    deployed.kubectl("annotate", "crd", KINDS[0], f"{ALLOW_DELETION}-")
    assert "it would delete all objects of that kind in the cluster" in refusal(deployed)


def test_deleting_the_manifests_keeps_every_kind_and_dataset_and_says_what_to_do(
    deployed: ControlPlane,
) -> None:
    before = dataset(deployed)
    tried = deployed.try_kubectl("delete", "--timeout=60s", "-f", "-", stdin=yaml.safe_dump_all(printed()))
    assert tried.returncode == 1
    assert "timed out" not in tried.stderr, "nothing hangs"
    for kind in KINDS:
        assert f'customresourcedefinitions.apiextensions.k8s.io "{kind}" is forbidden' in tried.stderr
    for words in ("it would delete all objects", "make undeploy", "apply `fluid manifests` again"):
        assert words in tried.stderr
    after = json.loads(deployed.kubectl("get", "dataset", "kept", "-o", "json"))
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert "deletionTimestamp" not in after["metadata"]


def test_undeploy_refuses_under_a_dataset_and_then_takes_all_with_the_profiles(
    deployed: ControlPlane,
) -> None:
    dataset(deployed)
    profile = {**API, "kind": "ThinRuntimeProfile", "metadata": {"name": "anybodys"}}
    spec = {"fileSystemType": "fuse.client", "fuse": {"image": "client"}}
    deployed.kubectl("apply", "-f", "-", stdin=yaml.safe_dump({**profile, "spec": spec}))
    refused = make(deployed, "undeploy")
    assert refused.returncode != 0
    assert "delete these first" in refused.stderr
    assert "kept" in refused.stderr
    assert "anybodys" not in refused.stderr, "which nobody has to clean up after"
    deployed.kubectl("delete", "dataset", "kept")
    done = make(deployed, "undeploy")
    assert done.returncode == 0, done.stderr
    assert "these are deleted with their kinds: thinruntimeprofile.data.fluid.io/anybodys" in done.stdout
    text = yaml.safe_dump_all(
        [
            one
            for one in printed()
            if one["kind"] in ("CustomResourceDefinition", "ClusterRole", "ValidatingAdmissionPolicy")
        ]
    )
    assert not deployed.kubectl("get", "--ignore-not-found", "-o", "name", "-f", "-", stdin=text)
