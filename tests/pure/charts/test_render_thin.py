"""`fluid render` of a ThinRuntime: with its profile, with claim and volume behind a source, or refused."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result
from pydantic import JsonValue

from fluid.cli import main
from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.registry import Registry
from fluid.engines.core.settings import Settings
from fluid.models import DataLoad, Dataset, ThinRuntime
from fluid.offline.render import render_documents
from fluid.types.yaml import load_yaml

PROFILE = """
apiVersion: data.fluid.io/v1alpha1
kind: ThinRuntimeProfile
metadata: {name: client}
spec: {fileSystemType: fuse.client, fuse: {image: reg/client, imageTag: v1}}
"""
LOAD = """
apiVersion: data.fluid.io/v1alpha1
kind: DataLoad
metadata: {name: warm}
spec: {dataset: {name: images}, target: [{path: /train}]}
"""
DATASET = """
apiVersion: data.fluid.io/v1alpha1
kind: Dataset
metadata: {name: images}
spec: {mounts: [{mountPoint: "pvc://data", name: data}]}
"""
RUNTIME = """
apiVersion: data.fluid.io/v1alpha1
kind: ThinRuntime
metadata: {name: images}
spec: {profileName: client}
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {volumeName: vol}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: vol}
spec: {csi: {driver: nfs, volumeHandle: h}, mountOptions: [vers=4]}
"""


def render(text: str) -> Result:
    return CliRunner().invoke(main, ["render", "-f", "-"], input=text, catch_exceptions=False)


def test_of_two_profiles_the_one_that_is_wrong_is_shown() -> None:
    volumes = "volumes: [{name: v, emptyDir: {}}, {name: v, hostPath: {path: /a}}], fileSystemType"
    other = PROFILE.replace("name: client}", "name: other}")
    text = "---".join([other, PROFILE.replace("fileSystemType", volumes), DATASET, RUNTIME, CLAIM])
    result = render(text)
    assert result.exit_code == 1
    assert "document 2: ThinRuntimeProfile client spec.volumes[1].name: 'v' is another" in result.stderr


def objects(result: Result) -> dict[str, dict[str, JsonValue]]:
    assert (result.exit_code, result.stderr) == (0, "")
    found: dict[str, dict[str, JsonValue]] = {}
    for document in load_yaml(result.stdout):
        assert isinstance(document, dict)
        metadata = document["metadata"]
        assert isinstance(metadata, dict)
        found[f"{document['kind']}/{metadata['name']}"] = document
    return found


def test_a_credential_in_plain_options_is_told_and_rendered_as_before() -> None:
    options = "name: data, options: {endpoint: e, access_key_id: me, secret_access_key: sesame}"
    result = render(
        "---".join([DATASET.replace("name: data", options).replace("pvc:", "s3:"), RUNTIME, PROFILE])
    )
    assert result.exit_code == 0
    message = "spec.mounts[0].options[secret_access_key] is a credential that everybody can read"
    assert result.stderr == f"Warning: {message}; use encryptOptions\n"
    assert "sesame" in result.stdout


def test_dataset_runtime_and_profile_become_all_their_objects() -> None:
    found = objects(render(f"{DATASET}---{RUNTIME}---{PROFILE}"))
    assert set(found) == {
        "ConfigMap/images-fuse-conf",
        "ConfigMap/images-thin-values",
        "DaemonSet/images-fuse",
        "PersistentVolume/default-images",
        "PersistentVolumeClaim/images",
    }
    assert "mount_type: fuse.client" in render(f"{DATASET}---{RUNTIME}---{PROFILE}").stdout


def test_a_claim_among_the_documents_is_described_by_its_volume() -> None:
    found = objects(render(f"{DATASET}---{RUNTIME}---{PROFILE}---{CLAIM}"))
    data = found["ConfigMap/images-fuse-conf"]["data"]
    assert isinstance(data, dict)
    config = json.loads(str(data["config.json"]))
    assert config["persistentVolumeAttrs"] == {"data": {"driver": "nfs", "volumeHandle": "h"}}
    assert config["persistentVolumeMountOptions"] == {"data": ["vers=4"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{DATASET}---{RUNTIME}", "document 2: spec.profileName: there is no ThinRuntimeProfile 'client'"),
        (
            f"{DATASET}---{RUNTIME}---{PROFILE}".replace("image: reg/client, ", ""),
            "document 2: spec.fuse.image: is missing, and there is none from a profile (ThinRuntimeProfile c",
        ),
        (
            f"{DATASET}---{RUNTIME}---{PROFILE}---{LOAD}".replace(
                "target: [{path: /train}]", "options: {a: b}"
            ),
            "document 4: DataLoad default/warm spec.options['a']: is no option of a ThinRuntime",
        ),
        (f"{RUNTIME}---{PROFILE}", "document 1: ThinRuntime default/images: there is no Dataset for it"),
        (
            f"{DATASET}---{RUNTIME}---{PROFILE}---{RUNTIME.replace('ThinRuntime', 'JindoRuntime')}".replace(
                "spec: {profileName: client}", "spec: {}", 2
            ),
            "Dataset default/images: has two runtimes",
        ),
    ],
)
def test_a_mistake_is_named_with_document_and_field(text: str, expected: str) -> None:
    result = render(text)
    assert (result.exit_code, result.stdout) == (1, "")
    assert expected in result.stderr


def test_a_load_becomes_a_program_and_the_job_that_runs_it_on_the_claim() -> None:
    result = render(f"{DATASET}---{RUNTIME}---{PROFILE}---{LOAD}")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "name: warm-loader-job" in result.stdout
    assert "name: warm-loader-data-load-script" in result.stdout


def test_a_data_operation_that_the_engine_lacks_is_refused() -> None:
    installed = Registry.discover()
    thin = installed.engines["ThinRuntime"]
    registry = replace(installed, engines={"ThinRuntime": replace(thin, operations={})})
    found = [
        Dataset.model_validate({"metadata": {"name": "images", "namespace": "a"}, "spec": {}}),
        ThinRuntime.model_validate(
            {"metadata": {"name": "images", "namespace": "a"}, "spec": {"fuse": {"image": "client"}}}
        ),
        DataLoad.model_validate(
            {"metadata": {"name": "warm", "namespace": "a"}, "spec": {"dataset": {"name": "images"}}}
        ),
    ]
    with pytest.raises(InvalidSpec, match="images has a ThinRuntime, which has no DataLoad"):
        render_documents(found, Settings(), registry=registry)
