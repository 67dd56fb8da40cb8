"""What a DataMigrate is refused for, and its script, in a real shell with programs that are played."""

import subprocess
from pathlib import Path

import pytest
from pydantic import JsonValue

from fluid.charts.chart import charts_folder
from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.operation import OperationRequest
from fluid.engines.core.settings import Settings
from fluid.engines.juicefs.migrate import migrate_objects
from fluid.engines.operations.datamigrate import problem_of
from fluid.models import DataMigrate, Job, Service, StatefulSet
from tests.pure.juicefs.support import Case, Json, community, enterprise, secret_option

SCRIPT = charts_folder() / "fluid-datamigrate" / "juicefs" / "files" / "datamigrate.sh"
DEMO: JsonValue = {"dataset": {"name": "demo", "namespace": "jfs"}}


def outside(uri: str = "s3://bucket", *secrets: str) -> JsonValue:
    return {"externalStorage": {"uri": uri, "encryptOptions": [secret_option(one) for one in secrets]}}


def inside(path: str = "") -> JsonValue:
    return {"dataset": {"name": "demo", "namespace": "jfs", "path": path}}


def migrate(source: JsonValue, target: JsonValue, **spec: JsonValue) -> DataMigrate:
    whole = {"from": source, "to": target, **spec}
    return DataMigrate.model_validate({"metadata": {"name": "copy", "namespace": "jfs"}, "spec": whole})


def arguments(one: DataMigrate, mount: Json | None = None) -> list[str]:
    case = Case(mount or community())
    runtime, dataset = case.models
    objects = migrate_objects(OperationRequest(one, dataset, runtime, Settings()))
    [job] = [item for item in objects if isinstance(item, Job)]
    assert job.spec is not None
    assert job.spec.template.spec is not None
    assert len([item for item in objects if isinstance(item, StatefulSet | Service)]) in (0, 2)
    return job.spec.template.spec.containers[0].args or []


@pytest.mark.parametrize(
    ("path", "of_community", "of_enterprise"),
    [
        ("", "jfs://FLUID_METAURL/demo/", "jfs://jfs/"),
        ("a", "jfs://FLUID_METAURL/demo/a", "jfs://jfs/a"),
        ("/a/b/", "jfs://FLUID_METAURL/demo/a/b/", "jfs://jfs/a/b/"),
        ("a+b c@", "jfs://FLUID_METAURL/demo/a+b c@", "jfs://jfs/a+b c@"),
    ],
)
def test_a_dataset_is_an_address_of_its_file_system(path: str, of_community: str, of_enterprise: str) -> None:
    one = migrate(outside(), inside(path), options={"threads": "9", "dirs": "", "timeout": "1h"})
    assert arguments(one) == ["s3://bucket", of_community, "--dirs", "--threads=9"]
    assert arguments(one, enterprise())[1] == of_enterprise


@pytest.mark.parametrize(
    ("source", "target", "spec", "words"),
    [
        (outside("local:///a"), DEMO, {}, "cannot be copied from or to"),
        (outside("jfs://OTHER/"), DEMO, {}, "cannot be copied from or to"),
        (outside("s3://a:b@bucket"), DEMO, {}, "has credentials"),
        (outside("s3://bucket", "a b"), DEMO, {}, "can be no variable"),
        (outside("s3://bucket", "FLUID_METAURL"), DEMO, {}, "can be no variable"),
        (outside("pvc://claim/../x"), DEMO, {}, "is no folder of a claim"),
        (outside(), inside("../x"), {}, "is no path in the Dataset"),
        (outside(), DEMO, {"options": {"timeout": "soon"}}, "is no time"),
        (outside(), DEMO, {"options": {"a b": ""}}, "can be no flag"),
        (outside(), DEMO, {"runtimeType": "alluxio"}, "is not the type of the Dataset's runtime"),
        (outside(), DEMO, {"parallelOptions": {"sshPort": "high"}}, "is no such number"),
    ],
)
def test_what_cannot_be_copied_is_refused_with_its_field(
    source: JsonValue, target: JsonValue, spec: dict[str, JsonValue], words: str
) -> None:
    with pytest.raises(InvalidSpec, match=words):
        arguments(migrate(source, target, **spec))


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (migrate(outside(), DEMO, block=True), "BlockNotSupported"),
        (migrate(outside(), DEMO, parallelism=2), "TargetSSHSecretNameNotSet"),
        (migrate(outside(), {}), "EndNotSpecified"),
        (migrate({"dataset": {"name": "other", "namespace": "jfs"}}, DEMO), "TwoDatasets"),
        (migrate({"dataset": {"name": "demo", "namespace": "b"}}, DEMO), "TargetDatasetNamespaceNotSame"),
    ],
)
def test_what_can_never_run_is_told_whatever_the_engine(one: DataMigrate, reason: str) -> None:
    problem = problem_of(one)
    assert problem is not None
    assert problem.reason == reason
    assert problem_of(migrate(outside(), DEMO)) is None


def ran(folder: Path, *words: str, prepare: str = "", **variables: str) -> list[str]:
    """What `juicefs` is told by the script."""
    text = SCRIPT.read_text().replace("/scripts/", f"{folder}/").replace("/etc/ssh/", f"{folder}/")
    (folder / "prepare.sh").write_text(prepare)
    for name in ("juicefs", "sshd", "ssh"):
        (folder / name).write_text(f'#!/bin/sh\nprintf "%s\\n" {name} "$@" >> "$OUT"\n')
        (folder / name).chmod(0o755)
    text = text.replace("/usr/sbin/sshd", f"{folder}/sshd")
    path = f"{folder}:/usr/bin:/bin"
    environment = {"OUT": f"{folder}/out", "CLI": "juicefs", "TIMEOUT": "5", "PATH": path, **variables}
    command = ["sh", "-c", text, "datamigrate.sh", *words]
    subprocess.run(command, env=environment, cwd=folder, check=True, timeout=20)
    return (folder / "out").read_text().splitlines()


def test_the_script_takes_hostile_words_as_they_are(tmp_path: Path) -> None:
    words = ["s3://b/$(touch pwned)", "jfs://FLUID_METAURL/`touch pwned`", "--exclude=a b'\"; touch pwned"]
    told = ran(tmp_path, *words)
    assert told == ["juicefs", "sync", words[2], *words[:2]]
    assert not (tmp_path / "pwned").exists()


def test_credentials_are_written_into_the_address_of_their_end_so_that_none_ends_it(tmp_path: Path) -> None:
    secrets = {"EXTERNAL_ACCESS_KEY": "a/b@c", "EXTERNAL_SECRET_KEY": "p+w d:é", "EXTERNAL": "from"}
    told = ran(tmp_path, "s3://bucket/x", "jfs://FLUID_METAURL/", **secrets)
    key = "%61%2f%62%40%63:%70%2b%77%20%64%3a%c3%a9"
    assert told[2:] == [f"s3://{key}@bucket/x", "jfs://FLUID_METAURL/"]


def test_the_first_pod_waits_for_its_workers_and_tells_them_to_the_program(tmp_path: Path) -> None:
    told = ran(
        tmp_path,
        "s3://a",
        "jfs://b/",
        WORKERS="w-0.w,w-1.w",
        TARGET_SSH_PORT="2222",
        SSH_READY_TIMEOUT="5",
        POD_IP="1",
    )
    assert [told.count(one) for one in ("sshd", "ssh")] == [1, 2]
    assert told[told.index("juicefs") :] == [
        *(
            "juicefs",
            "sync",
            "--worker",
            "localhost,w-0.w,w-1.w",
            "--manager-addr",
            "1",
            "s3://a",
            "jfs://b/",
        ),
    ]
    assert "Port 2222" in (tmp_path / "ssh_config").read_text()


def test_a_client_that_cannot_sign_in_copies_nothing(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        ran(tmp_path, "s3://a", "jfs://b/", prepare="false")
    assert not (tmp_path / "out").exists()
