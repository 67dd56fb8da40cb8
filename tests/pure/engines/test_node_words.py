"""Words for the node plugin that mean nothing: a new runtime is refused, one that is Bound is told."""

import json

import pytest
from click.testing import CliRunner

from fluid.cli import main
from tests.pure.jindo.support import Case as Jindo
from tests.pure.thin.support import Case as Thin

DATASET = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: store}
spec: {mounts: [{mountPoint: "s3://bucket/", name: data}]}
"""
SKIP, LIST = "fluid.io/skip-check-mount-ready-target", "data.fluid.io/metadataList"


def told(annotations: dict[str, str], *, exit_code: int = 0) -> str:
    """What `fluid render` says of a new ThinRuntime with these annotations."""
    metadata = {"name": "store", "annotations": annotations}
    runtime = {
        "apiVersion": "data.fluid.io/v1alpha1",
        "kind": "ThinRuntime",
        "metadata": metadata,
        "spec": {"fuse": {"image": "client", "imageTag": "1"}},
    }
    result = CliRunner().invoke(main, ["render", "-f", "-"], input=f"{DATASET}---\n{json.dumps(runtime)}")
    assert result.exit_code == exit_code, result.output
    return result.stderr


def published_by(method: str) -> dict[str, str]:
    selector = {"kind": "PersistentVolume"}
    return {LIST: json.dumps([{"labels": {"fluid.io/node-publish-method": method}, "selector": selector}])}


@pytest.mark.parametrize("text", ["", "All", "MountPod", "Sidecar", "Sidecar, MountPod,"])
def test_words_that_the_node_plugin_knows_are_not_mentioned(text: str) -> None:
    for method in ("symlink", "bindMount", ""):
        assert "means nothing" not in told({SKIP: text, **published_by(method)})


@pytest.mark.parametrize(
    ("text", "word"), [("all", "'all'"), ("Sidecar,mountPod", "'mountPod'"), ("x" * 100, f"'{'x' * 63}'")]
)
def test_a_word_that_skips_no_check_is_refused_with_those_that_do(text: str, word: str) -> None:
    said = told({SKIP: text}, exit_code=1)
    assert f"[{SKIP}]: {word} means nothing, and skips no check. Write one of All, MountPod" in said


def test_a_way_to_publish_that_does_not_exist_is_refused_with_what_counts() -> None:
    said = told(published_by("Symlink"), exit_code=1)
    assert "'Symlink' means nothing, pods get a bind mount. Write symlink" in said


@pytest.mark.parametrize("word", ["onDemand", "OnDemandDeleted"])
def test_a_clean_policy_that_does_not_exist_is_shown_and_refused_for_a_new_runtime(word: str) -> None:
    jindo = Jindo({"fuse": {"cleanPolicy": word}}).transformed.warnings
    profile = Thin(profile={"fuse": {"image": "i", "cleanPolicy": word}})
    own = Thin({"fuse": {"image": "i", "cleanPolicy": word}})
    thin = [case.transformed.warnings for case in (profile, own)]
    for [warning] in (jindo, *thin):
        assert "cleanPolicy" in warning.message
        assert f"'{word}' is no clean policy, OnRuntimeDeleted counts. Write one of" in warning.message
        assert warning.refusal is not None


def test_clean_policies_that_exist_are_not_mentioned() -> None:
    for word in ("", "OnRuntimeDeleted", "OnDemand", "OnFuseChanged"):
        assert not Jindo({"fuse": {"cleanPolicy": word}}).transformed.warnings
