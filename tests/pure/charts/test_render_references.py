"""`fluid render` on Datasets that refer to others: what is made, and what is refused."""

import pytest
import yaml
from click.testing import CliRunner, Result

from fluid.cli import main
from fluid.engines.core.settings import REFERENCES_FROM_ANYWHERE

LENT = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: images, namespace: team-a, annotations: {data.fluid.io/allowed-reference-namespaces: team-b}}
spec: {mounts: [{name: one, mountPoint: "s3://one"}]}
---
apiVersion: data.fluid.io/v1alpha1
kind: ThinRuntime
metadata: {name: images, namespace: team-a}
spec: {fuse: {image: client, imageTag: v1}}
"""
REFERENCE = """
---
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: pictures, namespace: team-b}
spec: {mounts: [{name: one, mountPoint: "dataset://team-a/images/2026"}]}
"""
RUNTIME = """
---
apiVersion: data.fluid.io/v1alpha1
kind: ThinRuntime
metadata: {name: pictures, namespace: team-b}
spec: {SPEC}
"""
LOAD = """
---
apiVersion: data.fluid.io/v1alpha1
kind: DataLoad
metadata: {name: warm, namespace: team-b}
spec: {dataset: {name: pictures, namespace: team-b}}
"""


def render(text: str) -> Result:
    return CliRunner().invoke(main, ["render", "-f", "-"], input=text)


def test_a_reference_gets_a_runtime_a_volume_and_a_claim() -> None:
    result = render(LENT + REFERENCE)
    assert result.exit_code == 0, result.output
    found = [one for one in yaml.safe_load_all(result.stdout) if one["metadata"]["name"].endswith("pictures")]
    assert [one["kind"] for one in found] == ["ThinRuntime", "PersistentVolume", "PersistentVolumeClaim"]
    csi = found[1]["spec"]["csi"]
    assert csi["volumeHandle"] == "team-b-pictures"
    assert csi["volumeAttributes"]["fluid_sub_path"] == "2026"
    assert csi["volumeAttributes"]["runtime_namespace"] == "team-a"


def test_a_runtime_that_is_there_is_not_made_again() -> None:
    result = render(LENT + REFERENCE + RUNTIME.replace("{SPEC}", "{}"))
    assert result.exit_code == 0, result.output
    kinds = [
        one["kind"] for one in yaml.safe_load_all(result.stdout) if "pictures" in one["metadata"]["name"]
    ]
    assert kinds == ["PersistentVolume", "PersistentVolumeClaim"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (REFERENCE, "which is not among the documents. Add that Dataset and its runtime"),
        (
            LENT.replace("team-b", "team-c") + REFERENCE,
            "which does not allow it. Add team-b to its annotation",
        ),
        (
            LENT + REFERENCE.replace("2026", "../2026"),
            "spec.mounts[0].mountPoint: 'dataset://team-a/images/../",
        ),
        (
            LENT + REFERENCE + RUNTIME.replace("{SPEC}", "{profileName: p}"),
            "which ThinRuntime pictures cannot",
        ),
        (LENT + REFERENCE + LOAD, "pictures refers to another Dataset. Name the Dataset that it refers to"),
        (LENT.partition("---")[0] + REFERENCE, "there is no"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_next_step(text: str, words: str) -> None:
    result = render(text)
    assert result.exit_code == 1
    assert words in result.output


def test_the_setting_for_a_migration_counts_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REFERENCES_FROM_ANYWHERE, "true")
    assert render(LENT.replace("team-b", "team-c") + REFERENCE).exit_code == 0
