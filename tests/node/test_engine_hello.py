# pyright: basic
"""The example `engine-hello` on a real node: its workers serve a bucket, a DataLoad and a pod read it."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from cluster import image
from cluster.cache import artifact
from cluster.node import Node, datapath, start
from cluster.oci import pack, write
from tests.harness.hello import EXAMPLE, MANIFESTS, ROOT, environment, run, wheel
from tests.harness.sessions import blocks, comparable, session
from tests.node.datapath import apply, await_bound, checksum, field
from tests.node.support import inside, until

IMAGE, NAME, NAMESPACE = "fluid.local/operator-hello:1", "greetings", "hello"


def operator_image(folder: Path, python: Path) -> Path:
    """The operator's image with the example installed beside it."""
    base = artifact(f"debian-{image.SUITE}-{'-'.join(image.BASE)}", _debian) / "layer.tar"
    image.install(folder / "app")
    site = folder / "app" / "usr" / "lib" / "python3" / "dist-packages"
    pip = (python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site)
    run(*pip, wheel(EXAMPLE, folder), cwd=folder)
    layers = [base.read_bytes(), pack(folder / "app")]
    write(folder / "image.tar", IMAGE, layers, image.CONFIG, compress=False)
    return folder / "image.tar"


def _debian(folder: Path) -> None:
    image.debian(folder / "layer.tar")


@pytest.fixture(scope="module")
def own(able: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node of its own, with an operator and a node plugin that have the example."""
    folder = tmp_path_factory.mktemp("hello")
    binaries = environment(folder)
    archive = operator_image(folder, binaries / "python")
    started = start(tmp_path_factory.mktemp("hello-node") / "node", tethered=True)
    try:
        started.load(archive)
        printed = run(binaries / "fluid", "manifests", "--image", IMAGE, cwd=folder)
        started.kubectl("apply", "--server-side", "-f", "-", stdin=printed)
        for workload in ("deployment/fluid-operator", "daemonset/csi-nodeplugin-fluid"):
            started.kubectl("rollout", "status", "-n", "fluid-system", workload, "--timeout=60s")
        datapath.provide(started, "rclone")
        yield started
    finally:
        started.stop()


def left(node: Node) -> list[str]:
    kinds = "helloruntimes,pvc,statefulsets,daemonsets,services,jobs,dataloads"
    found = node.kubectl("-n", NAMESPACE, "get", kinds, "-o", "name").split()
    mounts = node.exec("cat", "/proc/self/mountinfo").stdout.splitlines()
    return [one for one in [*found, *mounts] if NAME in one]


def test_a_pod_reads_what_is_in_the_bucket_and_nothing_is_left_of_the_dataset(own: Node) -> None:
    own.kubectl("create", "namespace", NAMESPACE)
    datapath.serve(own, NAMESPACE)
    text = (MANIFESTS / "dataset.yaml").read_text().replace("s3.default:", f"s3.{NAMESPACE}:")
    apply(own, NAMESPACE, *yaml.safe_load_all(text))
    await_bound(own, NAMESPACE, NAME)
    apply(own, NAMESPACE, yaml.safe_load((MANIFESTS / "dataload.yaml").read_text()))

    def status() -> str:
        return field(own, NAMESPACE, "dataload/warm-greetings", "{.status}")

    until(lambda: '"phase":"Complete"' in status(), "the DataLoad is Complete", seconds=90, seen=status)
    assert '"BytesDone":"16777216"' in status()
    datapath.read_by(own, NAMESPACE, NAME)
    file = inside(own, NAMESPACE, "reader", "find", "/data", "-name", "weights")
    assert checksum(own, NAMESPACE, "reader", file) == checksum(own, NAMESPACE, "s3", "/data/models/weights")
    own.kubectl("-n", NAMESPACE, "delete", "pod", "reader", "--timeout=30s")
    own.kubectl("-n", NAMESPACE, "delete", "dataset", NAME, "--timeout=60s")
    until(lambda: not left(own), "nothing is left", seconds=30, seen=lambda: left(own))


def shell(command: str, folder: Path, variables: Mapping[str, str] | None = None) -> str:
    """What a command of a reader prints in a folder; it has to succeed."""
    line = ["bash", "-euo", "pipefail", "-c", command]
    done = subprocess.run(line, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def changes() -> str:
    """What differs in the checkout from its last commit."""
    return shell("git -c safe.directory='*' diff --stat; git -c safe.directory='*' status --short", ROOT)


def test_the_commands_of_its_readme_print_what_it_says_and_change_nothing_in_the_checkout(
    own: Node, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    before, transcript = changes(), ""
    [install] = blocks(EXAMPLE / "README.md", "## Build and install")
    for command in install.splitlines():
        printed = shell(command.replace("/tmp/hello", str(tmp_path / "hello")), ROOT)
        lines = printed.splitlines()
        shown = "\n".join(lines) if len(lines) < 20 else f"({len(lines)} lines)"
        transcript += f"$ {command}\n{shown}\n"
        if command.endswith("--crds"):
            assert "name: helloruntimes.data.fluid.io" in printed
        if " render " in command:
            assert "name: greetings-worker" in printed
        if "/pytest " in command:
            assert " passed" in printed
    datapath.serve(own, "default")
    [use] = blocks(EXAMPLE / "README.md", "## Use")
    for command, said in session(use):
        printed = shell(command, EXAMPLE, own.environment)
        transcript += f"$ {command}\n{printed}"
        assert comparable(printed) == comparable(said), transcript
    assert changes() == before
    record_property("transcript", f"\n{transcript}$ git diff --stat\n{shell('git diff --stat', ROOT)}")
