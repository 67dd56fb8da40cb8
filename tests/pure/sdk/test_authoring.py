"""What people write: builders, and refusals that name the field."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fluid import (
    AuthoringError,
    DataBackup,
    DataLoad,
    DataProcess,
    Dataset,
    JindoRuntime,
    JuiceFSRuntime,
    ThinRuntime,
    hdfs,
    host_path,
    juicefs,
    oss,
    pvc,
    s3,
    script,
    source,
    tier,
)
from fluid.models import Container, Mount, PodSpec, TargetPath, User


def test_a_bucket_with_a_secret_names_both_keys_and_no_value() -> None:
    mount = s3("bucket/folder", secret="s", region="eu-1", path="/")
    assert mount.to_wire() == {
        "mountPoint": "s3://bucket/folder",
        "name": "bucket",
        "path": "/",
        "options": {"fs.s3.region": "eu-1"},
        "encryptOptions": [
            {"name": f"fs.s3.{key}", "valueFrom": {"secretKeyRef": {"name": "s", "key": f"fs.s3.{key}"}}}
            for key in ("accessKeyId", "accessKeySecret")
        ],
    }


def test_keys_of_a_secret_may_have_other_names() -> None:
    mount = oss("bucket", secret="s", secret_keys=("id", "key"), endpoint="oss.example")
    keys = [
        one["valueFrom"]["secretKeyRef"]["key"] for one in yaml.safe_load(mount.to_yaml())["encryptOptions"]
    ]
    assert keys == ["id", "key"]
    assert mount.options == {"fs.oss.endpoint": "oss.example"}


def test_a_thin_runtime_is_written_in_the_words_of_its_client() -> None:
    keys = {"access_key_id": "id", "secret_access_key": "secret"}
    mount = source(
        "s3://models", secret="s3-keys", secret_options=keys, options={"endpoint": "http://s3:7070"}
    )
    assert mount.to_wire() == {
        "mountPoint": "s3://models",
        "name": "models",
        "options": {"endpoint": "http://s3:7070"},
        "encryptOptions": [
            {"name": option, "valueFrom": {"secretKeyRef": {"name": "s3-keys", "key": key}}}
            for option, key in keys.items()
        ],
    }
    runtime = ThinRuntime.of("store", "rclone", options={"transfers": "8"})
    assert runtime.to_wire()["spec"] == {"profileName": "rclone", "fuse": {"options": {"transfers": "8"}}}


@pytest.mark.parametrize(
    ("mount", "point", "name"),
    [
        (s3("s3://bucket"), "s3://bucket", "bucket"),
        (hdfs("namenode:8020/warehouse/raw/"), "hdfs://namenode:8020/warehouse/raw/", "raw"),
        (hdfs("namenode:8020"), "hdfs://namenode:8020", "namenode"),
        (pvc("claim/folder"), "pvc://claim/folder", "claim"),
        (host_path("/mnt/data"), "local:///mnt/data", "data"),
        (source("webdav://dav.example/team"), "webdav://dav.example/team", "dav.example"),
        (source("sftp:///home/team"), "sftp:///home/team", "team"),
        (pvc("claim", name="other", read_only=True), "pvc://claim", "other"),
    ],
)
def test_a_mount_is_named_after_its_source(mount: Mount, point: str, name: str) -> None:
    assert (mount.mount_point, mount.name) == (point, name)


def test_a_juicefs_volume_is_a_source_with_its_metadata_engine_in_a_secret() -> None:
    whole, folder = juicefs("photos", secret="keys"), juicefs("photos", "raw", secret="keys")
    assert (whole.mount_point, whole.name) == ("juicefs:///", "photos")
    assert (folder.mount_point, folder.name) == ("juicefs:///raw", "photos")
    reference = {"secretKeyRef": {"name": "keys", "key": "metaurl"}}
    assert folder.to_wire()["encryptOptions"] == [{"name": "metaurl", "valueFrom": reference}]
    runtime = JuiceFSRuntime.of("photos", tier("SSD", "1Gi", "/a", "/b"), options={"attr-cache": "60"})
    assert runtime.to_wire()["spec"] == {
        "replicas": 1,
        "tieredstore": {"levels": [{"mediumtype": "SSD", "path": "/a,/b", "quota": "1Gi"}]},
        "fuse": {"options": {"attr-cache": "60"}},
    }


def test_tiers_share_a_quota_or_have_one_for_each_path() -> None:
    assert tier("MEM", "1Gi").to_wire() == {"mediumtype": "MEM", "path": "/dev/shm", "quota": "1Gi"}
    both = tier("SSD", ["10Gi", "20Gi"], "/mnt/1", "/mnt/2", high=0.95, low=0.7)
    assert both.to_wire() == {
        "mediumtype": "SSD",
        "path": "/mnt/1,/mnt/2",
        "quotaList": "10Gi,20Gi",
        "high": "0.95",
        "low": "0.7",
    }


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: s3(""), "s3: the address is empty"),
        (lambda: host_path("data"), "is not absolute"),
        (lambda: source("bucket"), "has no scheme"),
        (lambda: source("s3://bucket", secret="s"), "give both or none"),
        (lambda: tier("SSD", "1Gi"), "needs a directory"),
        (lambda: tier("HDD", ["1Gi"], "/a", "/b"), "1 quotas for 2 paths"),
        (lambda: tier("MEM", "lots"), "quota:"),
        (lambda: Dataset.of("x", placement="Here"), "spec.placement:"),  # pyright: ignore[reportArgumentType]  - checkers are optional
        (lambda: script("ls", 1), "image: "),  # pyright: ignore[reportArgumentType]
        (lambda: DataProcess.of("x", "y", "/d", script("ls", "a"), schedule=2), "spec.schedule:"),  # pyright: ignore[reportArgumentType]
        (lambda: DataLoad.of("x", "y", ttl_seconds="1"), "spec.ttlSecondsAfterFinished:"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_a_malformed_value_is_an_authoring_error_that_names_it(wrong: object, words: str) -> None:
    assert callable(wrong)
    with pytest.raises(AuthoringError, match=words):
        wrong()


def test_yaml_refuses_an_unknown_field_with_its_path() -> None:
    dataset = Dataset.of("hbase", s3("bucket"))
    assert dataset.spec.mounts
    dataset.spec.mounts[0] = Mount.model_validate({"mountPoint": "s3://bucket", "readonly": True})
    with pytest.raises(
        AuthoringError, match=r"spec.mounts\[0\].readonly: unknown field; did you mean readOnly\?"
    ):
        dataset.to_yaml()


def test_yaml_is_read_back_as_it_was_written() -> None:
    load = DataLoad.of("warm", "hbase", "/a", TargetPath(path="/b", replicas=2), schedule="0 2 * * *")
    again = DataLoad.author(yaml.safe_load(load.to_yaml()))
    assert (again, type(again)) == (load, DataLoad)
    assert again.spec.policy == "Cron"


def test_a_backup_is_written_with_its_place_and_user() -> None:
    user = User(uid=1, gid=2, user="a", group="b")
    backup = DataBackup.of("monday", "hbase", "pvc://backups/monday", run_as=user, ttl_seconds=60)
    assert yaml.safe_load(backup.to_yaml())["spec"] == {
        "dataset": "hbase",
        "backupPath": "pvc://backups/monday",
        "runAs": {"uid": 1, "gid": 2, "user": "a", "group": "b"},
        "ttlSecondsAfterFinished": 60,
    }


def test_a_process_runs_a_script_or_a_pod() -> None:
    ls = script("ls /data\n", "busybox:1.36", command=["sh"], env={"A": "1"})
    written = DataProcess.of("count", "hbase", "/data", ls, sub_path="a", service_account="worker")
    assert written.to_wire()["spec"] == {
        "dataset": {"name": "hbase", "mountPath": "/data", "subPath": "a"},
        "processor": {
            "script": {
                "image": "busybox",
                "imageTag": "1.36",
                "command": ["sh"],
                "source": "ls /data\n",
                "env": [{"name": "A", "value": "1"}],
            },
            "serviceAccountName": "worker",
        },
    }
    pod = PodSpec(containers=[Container(name="main", image="busybox")])
    nightly = DataProcess.of("count", "hbase", "/data", pod, schedule="0 2 * * *")
    assert nightly.spec
    assert (nightly.spec.policy, nightly.spec.processor.script) == ("Cron", None)
    assert nightly.spec.processor.job
    assert nightly.spec.processor.job.pod_spec == pod


@pytest.mark.parametrize(
    ("image", "repository", "tag"),
    [
        ("busybox", "busybox", None),
        ("reg:5000/team/tool", "reg:5000/team/tool", None),
        ("reg:5000/team/tool:1", "reg:5000/team/tool", "1"),
        ("tool@sha256:0a", "tool@sha256:0a", None),
        ("tool:1@sha256:0a", "tool:1@sha256:0a", None),
    ],
)
def test_the_tag_of_an_image_has_a_field_of_its_own(image: str, repository: str, tag: str | None) -> None:
    written = script("ls", image)
    assert (written.image, written.image_tag) == (repository, tag)


@given(
    st.text(min_size=1).filter(lambda text: text.strip("/")),
    st.dictionaries(st.text(), st.text(), max_size=2),
)
def test_any_text_is_data_or_refused(bucket: str, options: dict[str, str]) -> None:
    try:
        written = Dataset.of("hbase", s3(bucket, options=options), annotations=options)
        again = Dataset.author(yaml.safe_load(written.to_yaml()))
    except AuthoringError:
        return
    assert again == written


def test_of_writes_only_what_was_given() -> None:
    runtime = JindoRuntime.of("hbase", tier("MEM", "1Gi"), replicas=2)
    assert runtime.to_wire()["spec"] == {
        "replicas": 2,
        "tieredstore": {"levels": [{"mediumtype": "MEM", "path": "/dev/shm", "quota": "1Gi"}]},
    }
    assert "spec" not in Dataset.of("empty").to_wire() or Dataset.of("empty").to_wire()["spec"] == {}
