"""By which label FUSE pods come: the one that a node plugin sets, or one that the operator grants."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from pydantic import JsonValue

from fluid.cli import main
from fluid.engines.core.upgrade import fuse_selector, with_granted_label
from fluid.models import DaemonSet
from fluid.naming import Identity, requested_fuse_label, restricted_fuse_label
from fluid.operator.manifests import Installation
from fluid.types.yaml import load_yaml

DATASET = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: store}
spec: {mounts: [{mountPoint: "s3://bucket/", name: data}]}
"""
RUNTIMES: dict[str, JsonValue] = {
    "ThinRuntime": {"fuse": {"image": "client", "imageTag": "1", "nodeSelector": {"disk": "ssd"}}},
    "JindoRuntime": {"fuse": {"nodeSelector": {"disk": "ssd"}}},
}
PLAIN, GRANTED = "fluid.io/f-default-store", "node-restriction.kubernetes.io/fluid-f-default-store"


def rendered(kind: str, **environment: str) -> list[DaemonSet]:
    runtime = {"apiVersion": "data.fluid.io/v1alpha1", "kind": kind, "metadata": {"name": "store"}}
    text = f"{DATASET}---\n{json.dumps({**runtime, 'spec': RUNTIMES[kind]})}"
    result = CliRunner().invoke(main, ["render", "-f", "-"], input=text, env=environment)
    assert result.exit_code == 0, result.output
    documents = [one for one in load_yaml(result.stdout) if isinstance(one, dict)]
    volume = next(one for one in documents if one["kind"] == "PersistentVolume")
    assert f'"mount_pod_node_selector_key": "{PLAIN}"' in json.dumps(volume), "plugins ask as ever"
    return [DaemonSet.model_validate(one) for one in documents if one["kind"] == "DaemonSet"]


@pytest.mark.parametrize("kind", list(RUNTIMES))
def test_the_switch_has_fuse_pods_wait_for_a_grant_and_changes_nothing_else(kind: str) -> None:
    [before], [after] = rendered(kind), rendered(kind, RESTRICTED_FUSE_LABELS="true")
    assert fuse_selector(before) == {"disk": "ssd", PLAIN: "true"}
    assert fuse_selector(after) == {"disk": "ssd", GRANTED: "true"}
    assert json.dumps(after.to_wire()).replace(GRANTED, PLAIN) == json.dumps(before.to_wire())


@pytest.mark.parametrize("wanted", [True, False])
def test_fuse_pods_that_are_there_keep_their_label_whatever_the_switch_says(wanted: bool) -> None:
    [plain] = rendered("ThinRuntime")
    granted = with_granted_label(plain, None, PLAIN, wanted=True)
    assert with_granted_label(plain, plain, PLAIN, wanted=wanted) == plain
    assert with_granted_label(plain, granted, PLAIN, wanted=wanted) == granted
    assert fuse_selector(plain)[PLAIN] == "true", "what is rendered is shared, and not changed"


def test_the_grant_of_every_label_is_a_valid_label_and_leads_back() -> None:
    for name in ("a", "n" * 30, "n" * 63):
        identity = Identity.of("default", name, "0b1c2d3e-0000-4000-8000-000000000001")
        for one in (identity, replace(identity, dataset_id=identity.uid)):
            label = restricted_fuse_label(one.fuse_label)
            prefix, _, rest = label.partition("/")
            assert prefix == "node-restriction.kubernetes.io"
            assert 0 < len(rest) <= 63
            assert requested_fuse_label(label) == one.fuse_label
    assert requested_fuse_label("node-restriction.kubernetes.io/fips") == ""


def test_the_manifests_switch_it_on() -> None:
    def switched(installation: Installation) -> bool:
        return '"RESTRICTED_FUSE_LABELS", "value": "true"' in json.dumps(installation.deployment().to_wire())

    assert switched(Installation(restricted_fuse_labels=True))
    assert not switched(Installation())
