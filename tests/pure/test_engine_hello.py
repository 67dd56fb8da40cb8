"""The example `engine-hello`: a small engine in a distribution of its own, which everything here finds."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from fluid.codegen.output import drift
from tests.harness.hello import EXAMPLE, MANIFESTS, unpacked

Json = dict[str, Any]
PACKAGE = EXAMPLE / "fluid_hello"
ENGINE = (PACKAGE / "engine.py").read_text()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(tmp_path_factory.mktemp("hello"))


def fluid(site: Path, *arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fluid.cli", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        command, env=environment, input=stdin, capture_output=True, text=True, timeout=120, check=False
    )


def documents(done: subprocess.CompletedProcess[str]) -> dict[tuple[str, str], Json]:
    """What was printed, by kind and name."""
    assert done.returncode == 0, done.stderr
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(done.stdout)}


def rendered(site: Path, text: str) -> dict[tuple[str, str], Json]:
    return documents(fluid(site, "render", "-f", "-", stdin=text))


def test_the_engine_has_at_most_sixty_lines_of_python() -> None:
    assert len([line for line in ENGINE.splitlines() if line.strip()]) <= 60


def test_the_engine_imports_of_fluid_the_interface_and_models_alone() -> None:
    imported = [node for node in ast.walk(ast.parse(ENGINE)) if isinstance(node, ast.ImportFrom)]
    names = {
        f"{node.module}.{one.name}"
        for node in imported
        for one in node.names
        if (node.module or "").startswith("fluid.")
    }
    assert names == {"fluid.engines.api", "fluid.models.EnvVar"}


def test_models_and_crds_are_what_the_schemas_say() -> None:
    assert drift(EXAMPLE / "schemas", PACKAGE) == []


def test_the_wheel_passes_the_examples_own_tests_with_the_conformance_kit(site: Path, tmp_path: Path) -> None:
    tests = shutil.copytree(EXAMPLE / "tests", tmp_path / "tests")
    pytest_options = ("-q", "-rs", "-p", "no:cacheprovider", "--rootdir", tmp_path, tests)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *pytest_options],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    examples = len([*(EXAMPLE / "tests/specs").glob("*.yaml")])
    assert f" passed, {examples} skipped" in done.stdout, done.stdout
    assert f"[{examples}] " in done.stdout, done.stdout
    assert "no cluster to ask" in done.stdout, "nothing else is skipped"


def test_manifests_have_the_kind_and_the_rights_of_operator_node_plugin_and_users(site: Path) -> None:
    found = documents(fluid(site, "manifests"))
    crd = found["CustomResourceDefinition", "helloruntimes.data.fluid.io"]
    assert crd["spec"]["names"]["kind"] == "HelloRuntime"
    for role in ("fluid-operator", "csi-nodeplugin-fluid", "fluid-view", "fluid-edit"):
        rules = found["ClusterRole", role]["rules"]
        assert any("helloruntimes" in rule["resources"] for rule in rules), role
    without = subprocess.run(
        [sys.executable, "-m", "fluid.cli", "manifests"], capture_output=True, text=True, check=True
    )
    assert "helloruntimes" not in without.stdout


def test_the_example_is_rendered_with_credentials_from_secrets_and_texts_as_data(site: Path) -> None:
    text = (MANIFESTS / "dataset.yaml").read_text() + "---\n" + (MANIFESTS / "dataload.yaml").read_text()
    found = rendered(site, text)
    kinds = ("ConfigMap", "DaemonSet", "Job", "PersistentVolume", "PersistentVolumeClaim", "Service")
    assert {*kinds, "StatefulSet"} == {kind for kind, _ in found}
    [worker] = found["StatefulSet", "greetings-worker"]["spec"]["template"]["spec"]["containers"]
    environment = {one["name"]: one for one in worker["env"]}
    assert environment["RCLONE_CONFIG_S0_ACCESS_KEY_ID"]["valueFrom"] == {
        "secretKeyRef": {"name": "s3-keys", "key": "id"}
    }
    assert environment["RCLONE_CONFIG_ALL_UPSTREAMS"]["value"] == "models=s0:models"
    assert worker["command"][:4] == ["rclone", "serve", "webdav", "all:"]
    assert "--vfs-cache-max-size=1073741824B" in worker["command"]
    [client] = found["DaemonSet", "greetings-fuse"]["spec"]["template"]["spec"]["containers"]
    assert "env" not in client, "clients need no credentials"
    assert client["command"][:2] == ["sh", "-c"]
    assert "greetings" not in client["command"][2], "the script is the same for everybody"


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("s3://models", "oss://models"),
        ("s3://models", "s3://models,x=:local"),
        ("name: models", "name: a b"),
        ("region: us-east-1", "session_token: x"),
        ("region: us-east-1", "secret_access_key: sesame"),
        ("name: access_key_id", "name: sas_url"),
    ],
)
def test_a_source_that_it_cannot_cache_is_refused_with_what_to_write(
    site: Path, written: str, instead: str
) -> None:
    text = (MANIFESTS / "dataset.yaml").read_text()
    assert written in text
    done = fluid(site, "render", "-f", "-", stdin=text.replace(written, instead, 1))
    assert done.returncode != 0
    assert "spec.mounts[0].mountPoint: cannot be cached by a HelloRuntime as it is written." in done.stderr
    assert "Write s3://BUCKET, a name, of options only endpoint, provider, region, and of" in done.stderr
    assert "encryptOptions access_key_id, secret_access_key" in done.stderr
    assert "sesame" not in done.stdout + done.stderr
