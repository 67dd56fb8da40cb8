"""The commands of the README for kubectl and for a control plane, as they are written."""

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from cluster import ControlPlane
from tests.harness.pages import ROOT, RUN, copy

APPLY, GET, SCALE, DESCRIBE, DELETE, CLUSTER, DEMO = RUN["tests/plane/test_commands.py"]


@pytest.mark.usefixtures("operator")
def test_kubectl_goes_the_whole_way(plane: ControlPlane, namespace: str, tmp_path: Path) -> None:
    config = yaml.safe_load(plane.kubeconfig.read_text())
    config["contexts"][0]["context"]["namespace"] = namespace
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(config))
    environment = {**plane.environment, "KUBECONFIG": str(tmp_path / "kubeconfig")}

    def run(command: str) -> str:
        return shell(command, ROOT, environment)

    run(APPLY)
    for what in (
        "jsonpath={.status.phase}=Bound dataset/hbase",
        "jsonpath={.status.phase}=Complete dataload --all",
    ):
        run(f"kubectl wait --timeout=60s --for={what}")
    assert {"Bound", "Ready", "Complete"} <= set(run(GET).split())
    run(SCALE)
    replicas = "kubectl get jindoruntime hbase -o jsonpath={.spec.replicas}"
    assert run(replicas) == "3"
    assert "Conditions:" in run(DESCRIBE)
    run(DELETE)
    run("kubectl wait --for=delete --timeout=60s jindoruntime/hbase persistentvolumeclaim/hbase")


def test_a_control_plane_of_one_s_own_and_its_demo(tmp_path: Path) -> None:
    checkout = copy(tmp_path)
    try:
        assert "export KUBECONFIG=" in shell(CLUSTER, checkout, {**os.environ})
        assert "nothing is left" in shell(DEMO, checkout, {**os.environ})
    finally:
        shell("make cluster-down", checkout, {**os.environ})


def shell(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euc", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
