"""The commands of README and examples/thin for a node, as they are written, in the order of a reader."""

import subprocess
from pathlib import Path

import pytest

from cluster.node import attach, datapath, storage
from tests.harness.pages import RUN, copy

(
    NODE,
    AGAIN,
    HELLO,
    LOAD,
    EXEC,
    SUPERVISOR,
    PROFILE,
    KEYS,
    STORE,
    SHOWN,
    REFRESH,
    DESCRIBE,
    LOADS,
    UNDEPLOY,
    DEPLOY_IMAGE,
    DEPLOY_KUBELET,
    DEPLOY,
    IMAGE,
    SHIP,
    KEEP,
    DOWN,
) = RUN["tests/node/test_commands.py"]


class Shell:
    """A reader's shell in a checkout: what is exported stays."""

    def __init__(self, checkout: Path) -> None:
        self._checkout = checkout
        self._exported = checkout.parent / "exported"
        self._exported.touch()

    def run(self, *commands: str) -> str:
        """What the commands print; each has to succeed."""
        said = ""
        for command in commands:
            script = f"set -euo pipefail; source {self._exported}; {command}\nexport -p > {self._exported}"
            done = subprocess.run(
                ["bash", "-c", script], cwd=self._checkout, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
            said += done.stdout
        return said


@pytest.fixture
def shell(able: None, tmp_path: Path) -> Shell:
    return Shell(copy(tmp_path))


def test_a_reader_gets_from_nothing_to_a_store_and_back(shell: Shell, tmp_path: Path) -> None:
    try:
        assert "the node is up" in shell.run(NODE)
        assert "runs already" in shell.run(AGAIN)
        shell.run(HELLO, "kubectl wait --for=condition=Ready --timeout=60s pod/hello", LOAD)
        shell.run("kubectl -n fluid-system rollout status deployment/fluid-operator --timeout=120s")
        assert " / " in shell.run(EXEC)
        serve(tmp_path / "checkout" / ".node")
        keys = KEYS
        for key, value in datapath.KEYS.items():
            keys = keys.replace(f"={key}=...", f"={key}={value}")
        shell.run(SUPERVISOR, PROFILE, keys, STORE)
        shell.run("kubectl wait --timeout=120s --for=jsonpath={.status.phase}=Bound dataset/store")
        assert "Bound" in shell.run(SHOWN)
        assert "annotated" in shell.run(REFRESH)
        assert "Conditions:" in shell.run(DESCRIBE)
        shell.run(LOADS, "kubectl delete dataset store --timeout=60s", UNDEPLOY)
        shell.run(DEPLOY_IMAGE, DEPLOY_KUBELET, UNDEPLOY, DEPLOY)
    finally:
        assert "the node is gone" in shell.run(DOWN)


def test_images_are_made_and_a_kept_demo_goes_with_its_node(shell: Shell, tmp_path: Path) -> None:
    assert "tried out in a chroot: fluid" in shell.run(IMAGE)
    assert "make demo CLUSTER=current" in shell.run(SHIP)
    shipped = sorted(path.name for path in (tmp_path / "checkout" / "dist" / "demo").iterdir())
    assert shipped == ["fluid-operator.tar", "s3.tar", "thin-rclone.tar", "tools.tar"]
    try:
        assert "Everything keeps running" in shell.run(KEEP)
    finally:
        assert "the node is gone" in shell.run(DOWN)


def serve(folder: Path) -> None:
    """The S3 server that the example names: in a real cluster it is somebody's own."""
    node = attach(folder)
    assert node
    for archive in storage.images("rclone"):
        node.load(archive)
    seed = datapath.SMALL.strip().replace("\n", "\n          ")
    datapath.apply(node, "default", "s3.yaml", SEED=seed)
    datapath.ready(node, "default", "s3")
