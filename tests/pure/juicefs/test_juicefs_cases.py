# pyright: basic, reportArgumentType=false
"""What options, credentials, tiers, quotas and hostile words of a JuiceFSRuntime become."""

import subprocess
from pathlib import Path

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.start_files import files_of, read_at_start
from fluid.engines.core.upgrade import keep_claims, kept_claims
from fluid.engines.juicefs import outputs
from fluid.engines.juicefs.shape import PORTS
from fluid.engines.juicefs.storage import kept_on_nodes
from fluid.models import JuiceFSRuntime
from fluid.types import Key
from tests.pure.juicefs.client import METRICS, STATS, STATUS, SUMMARY, UUID
from tests.pure.juicefs.support import Case, Json, community, container, enterprise, pod, secret_option

CACHE = {"cache-dir": "/var/jfsCache"}
NODE = "/runtime-mnt/juicefs/jfs/demo/juicefs-fuse"


@pytest.mark.parametrize(
    ("modes", "read_only"),
    [([], True), (["ReadOnlyMany", "ReadWriteMany"], True), (["ReadWriteMany"], False)],
)
@pytest.mark.parametrize("edition", [community, enterprise])
def test_a_dataset_that_is_only_read_is_mounted_so_by_readers_and_never_by_workers(
    edition: type[dict[str, JsonValue]], modes: list[JsonValue], read_only: bool
) -> None:
    case = Case(edition(), dataset={"accessModes": modes} if modes else {})
    names = ("attr-cache", "entry-cache") if edition is community else ("attrcacheto", "entrycacheto")
    kept = {"ro": "", **dict.fromkeys(names, "7200")} if read_only else {}
    mount = {"subdir": "/demo", **CACHE}
    if edition is community:
        assert case.options("fuse") == {**mount, **kept, "metrics": "0.0.0.0:14002"}
        assert case.options("worker") == {**mount, "metrics": "0.0.0.0:14001"}
    else:
        group = {"cache-group": "jfs-demo", "foreground": "", "no-update": ""}
        assert case.options("fuse") == {**mount, **kept, **group, "no-sharing": ""}
        assert case.options("worker") == {**mount, **group}


def test_of_options_those_of_the_component_count_over_the_tier_and_that_over_the_dataset() -> None:
    shared: Json = {"sharedOptions": {"open-cache": "1", "cache-size": "9", "max-uploads": "1"}}
    runtime: Json = {
        "tieredstore": {"levels": [{"mediumtype": "SSD", "path": "/a,/b", "quota": "10Gi", "low": "0.3"}]},
        "fuse": {"options": {"max-uploads": "3", "attr-cache": "1"}},
        "worker": {"options": {"cache-dir": "/w"}},
    }
    case = Case(community(options={"max-uploads": "2", "storage": "s3"}), runtime, shared)
    fuse, worker = case.options("fuse"), case.options("worker")
    assert (fuse["max-uploads"], fuse["open-cache"], fuse["attr-cache"]) == ("3", "1", "1")
    assert (fuse["cache-dir"], fuse["cache-size"], fuse["free-space-ratio"]) == ("/a:/b", "10240", "0.3")
    assert (worker["max-uploads"], worker["cache-dir"]) == ("2", "/w")
    assert "storage" not in fuse
    assert [one.name for one in pod(case.worker).volumes or ()] == ["script", "cache-dir-0"]


def test_each_option_of_a_file_system_goes_to_the_command_that_knows_it() -> None:
    options: Json = {"storage": "s3", "bucket": "b", "trash-days": "7", "writeback": ""}
    secrets = [secret_option(one) for one in ("metaurl", "session-token", "pass-phrase")]
    case = Case(community(options=options, encryptOptions=secrets), {"configs": [" inodes=9 ", ""]})
    [form, _] = case.words("worker")
    assert form[2:] == [
        *("--inodes=9", "--session-token=${session_token}", "--storage=s3", "--bucket=b", "--trash-days=7"),
        *("--no-update", "${METAURL}", "jfs"),
    ]
    assert case.options("worker")["writeback"] == ""
    names = [one.name for one in container(case.fuse).env or ()]
    assert names[:4] == ["JFS_FOREGROUND", "METAURL", "session_token", "pass_phrase"]


def test_a_client_of_the_enterprise_edition_signs_in_once_and_only_with_a_token() -> None:
    secrets = [
        secret_option(one) for one in ("token", "access-key", "secret-key", "secret-key2", "access-key2")
    ]
    case = Case(
        enterprise(options={"bucket2": "c", "bucket": "b"}, encryptOptions=secrets), {"configs": ["x"]}
    )
    assert "if [ ! -f /root/.juicefs/jfs.conf ]; then" in case.script("worker")
    assert case.words("fuse")[0] == [
        *("/usr/bin/juicefs", "auth", "--x", "--token=${TOKEN}", "--accesskey=${ACCESS_KEY}"),
        *("--secretkey=${SECRET_KEY}", "--access-key2=${access_key2}", "--secret-key2=${secret_key2}"),
        *("--bucket=b", "--bucket2=c", "jfs"),
    ]
    bare = Case(enterprise(encryptOptions=[]))
    assert [one[0] for one in bare.words("worker")] == ["exec"]
    assert container(bare.fuse).ports is None


@pytest.mark.parametrize(("quota", "gibibytes"), [("1Gi", "1"), ("10Gi", "10"), ("1536Mi", "1")])
def test_a_quota_is_set_by_readers_in_whole_gibibytes(quota: str, gibibytes: str) -> None:
    case = Case(community(options={"quota": quota}))
    words = [one for one in case.words("fuse") if "quota" in one]
    assert words == [
        ["/usr/local/bin/juicefs", "quota", "set", "${METAURL}", "--path", "/demo", "--capacity", gibibytes]
    ]
    assert not [one for one in case.words("worker") if "quota" in one]


SHARED = {"sharedEncryptOptions": [secret_option("metaurl")]}


@pytest.mark.parametrize(
    ("mount", "runtime", "dataset", "words"),
    [
        (community(), {}, {"mounts": None}, "spec.mounts: is empty"),
        (community(mountPoint="s3://bucket"), {}, {}, "names no folder of a JuiceFS file system"),
        (community(mountPoint="juicefs:///a/../b"), {}, {}, "names no folder"),
        (community(name=""), {}, {}, "can be no name of a JuiceFS file system"),
        (community(name="-rf"), {}, {}, "can be no name of a JuiceFS file system"),
        (community(options={"quota": "1Mi"}), {}, {}, "is below 1Gi"),
        (community(options={"quota": "1Gi"}, mountPoint="juicefs:///"), {}, {}, "needs a folder"),
        (community(options={"metaurl": "redis://u:p@h"}), {}, {}, "may have a password"),
        (community(options={"a,ro": ""}), {}, {}, "can be no option of JuiceFS"),
        (community(options={"a": "b,rw"}), {}, {}, "has a comma"),
        (enterprise(options={"storage": "s3"}), {}, {}, "needs metaurl"),
        (enterprise(), {}, SHARED, "belongs to the enterprise edition"),
        (
            community(encryptOptions=[secret_option("metaurl"), secret_option("a b")]),
            {},
            {},
            "no environment",
        ),
        (community(), {"worker": {"options": {"metrics": "here"}}}, {}, "says no port"),
        (community(), {"fuse": {"options": {"cache-dir": "relative"}}}, {}, "cannot be used"),
        (community(), {"fuse": {"env": [{"name": "METAURL"}]}}, {}, "is set by Fluid"),
        (community(), {"configs": ["--force"]}, {}, "is no flag"),
        (enterprise(), {"fuse": {"options": {"cache-group": "x"}}}, {}, "another cache group"),
        (
            community(),
            {"tieredstore": {"levels": [{"mediumtype": "SSD", "path": "/a", "quota": "40960"}]}},
            {},
            "less than 1Mi: sizes are in bytes",
        ),
        (
            community(),
            {"volumeClaimTemplates": [{"metadata": {"name": "b"}, "spec": {}}]},
            {},
            "is mounted nowhere",
        ),
        (
            community(),
            {"worker": {"volumeMounts": [{"name": "b", "mountPath": "/b"}]}},
            {},
            "there is no volume 'b', nor a claim",
        ),
        (
            community(),
            {
                "volumes": [{"name": "b", "emptyDir": {}}],
                "volumeClaimTemplates": [{"metadata": {"name": "b"}, "spec": {}}],
                "worker": {"volumeMounts": [{"name": "b", "mountPath": "/b"}]},
            },
            {},
            "is the name of a volume in spec.volumes too",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_its_field_and_the_next_step(
    mount: Json, runtime: Json, dataset: Json, words: str
) -> None:
    with pytest.raises(InvalidSpec, match=words):
        Case(mount, runtime, dataset).transformed  # noqa: B018 - the access is what raises


def test_a_metadata_engine_in_shared_credentials_means_the_community_edition_too() -> None:
    case = Case(community(encryptOptions=[]), dataset=SHARED)
    assert case.values.edition == "community"


def test_further_mounts_and_paths_are_told_to_mean_nothing() -> None:
    case = Case(community(), dataset={"mounts": [community(path="/p"), community(name="b")]})
    told = [one.message for one in case.transformed.warnings]
    assert any("spec.mounts[1]: only the first mount is mounted" in one for one in told)
    assert any("spec.mounts[0].path: the files appear at the root" in one for one in told)


@pytest.mark.parametrize(
    "word", ["$(touch pwned)", "`touch pwned`", "a'b\"c", "x; touch pwned", "a b", "${HOME}"]
)
def test_a_shell_takes_hostile_words_as_they_are(word: str, tmp_path: Path) -> None:
    case = Case(
        community(
            mountPoint=f"juicefs:///{word}", options={"bucket": word, "quota": "1Gi", "open-cache": word}
        )
    )
    for program in ("juicefs", "mount.juicefs"):
        (tmp_path / program).write_text('#!/bin/sh\nprintf "%s\\n" "$@" >> "$OUT"\n')
        (tmp_path / program).chmod(0o755)
    script = (
        case.script("fuse")
        .replace("/usr/local/bin/", f"{tmp_path}/")
        .replace("/bin/mount", f"{tmp_path}/mount")
    )
    environment = {"OUT": f"{tmp_path}/out", "METAURL": "redis://:p w@h/1", "PATH": "/usr/bin:/bin"}
    subprocess.run(["sh", "-c", script], env=environment, cwd=tmp_path, check=True, timeout=10)
    said = (tmp_path / "out").read_text().splitlines()
    assert f"--bucket={word}" in said
    assert f"/{word}" in said
    assert said.count("redis://:p w@h/1") == 3
    assert f"open-cache={word}" in said[-1].split(",")
    assert f"subdir=/{word}" in said[-1].split(",")
    assert not (tmp_path / "pwned").exists()


def test_a_script_ends_with_the_first_step_that_fails(tmp_path: Path) -> None:
    script = Case().script("worker").replace("/usr/local/bin/juicefs", "false")
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, check=False, timeout=10)
    assert done.returncode == 1


def test_a_claim_mounted_at_a_cache_directory_is_the_cache() -> None:
    claim: dict[str, JsonValue] = {"metadata": {"name": "b"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    runtime: Json = {
        "volumeClaimTemplates": [claim],
        "worker": {"volumeMounts": [{"name": "b", "mountPath": "/var/jfsCache"}]},
    }
    case = Case(runtime=runtime)
    assert [one.name for one in pod(case.worker).volumes or ()] == ["script"]
    spec = case.worker.to_wire()["spec"]
    assert isinstance(spec, dict)
    assert spec["volumeClaimTemplates"] == [{"apiVersion": "v1", "kind": "PersistentVolumeClaim", **claim}]
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Delete", "whenScaled": "Retain"}


def test_workers_keep_the_claims_that_they_were_made_with_and_that_is_told() -> None:
    def of(size: str) -> Case:
        spec: JsonValue = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
        mounts: JsonValue = [{"name": "b", "mountPath": "/b"}]
        claims: JsonValue = [{"metadata": {"name": "b"}, "spec": spec}]
        return Case(runtime={"volumeClaimTemplates": claims, "worker": {"volumeMounts": mounts}})

    live, same, other = of("1Gi").worker, of("1024Mi").worker, of("2Gi").worker
    assert kept_claims(same, live) is kept_claims(other, None) is None
    assert "keeps its volumeClaimTemplates" in (kept_claims(other, live) or "")
    kept = keep_claims(other, live)
    assert kept.spec is not None
    assert live.spec is not None
    assert kept.spec.volume_claim_templates == live.spec.volume_claim_templates


@pytest.mark.parametrize("component", ["fuse", "worker"])
def test_another_option_is_a_change_of_what_pods_read_at_their_start(component: str) -> None:
    cases = [Case(runtime={component: {"options": {"open-cache": one}}}) for one in ("1", "2")]
    read = [read_at_start(getattr(one, component), files_of(one.objects)) for one in cases]
    assert read[0] != read[1]
    assert all(read)


def runtime_on(fuse: str, worker: str, **options: str) -> JuiceFSRuntime:
    spec = {"fuse": {"networkMode": fuse, "options": options}, "worker": {"networkMode": worker}}
    return JuiceFSRuntime.model_validate({"metadata": {"name": "demo", "namespace": "jfs"}, "spec": spec})


def test_host_ports_are_for_the_components_on_the_network_of_their_node() -> None:
    assert PORTS.needed(runtime_on("", "")) == ("worker", "fuse")
    assert PORTS.needed(runtime_on("", "ContainerNetwork")) == ("fuse",)
    assert PORTS.needed(runtime_on("", "", metrics="0.0.0.0:9000")) == ("worker",)
    assert PORTS.needed(runtime_on("ContainerNetwork", "ContainerNetwork")) == ()
    assert PORTS.used(runtime_on("", "ContainerNetwork"), {"fuse": 14005}) == {"worker": 9567, "fuse": 14005}
    assert PORTS.live(Key("jfs", "demo"), Case().objects) == {"worker": 14001, "fuse": 14002}
    mixed = Case(runtime={"worker": {"networkMode": "ContainerNetwork"}}, ports={"fuse": 14002})
    assert PORTS.live(Key("jfs", "demo"), mixed.objects) == {"fuse": 14002}
    assert "hostNetwork" not in pod(mixed.worker).to_wire()


def test_what_is_cleaned_is_read_off_what_was_applied() -> None:
    case = Case(enterprise())
    [values] = [one for one in case.objects if one.name == "demo-juicefs-values"]
    assert outputs.read_name((getattr(values, "data", None) or {})["data"]) == "jfs"
    assert outputs.read_name('configs: {"name": "../.."}') is None
    assert kept_on_nodes(pod(case.worker)) == ["/var/jfsCache"]


def test_what_clients_print_is_read() -> None:
    figures = outputs.Figures(37757952, 10, 2, 100, 20)
    assert outputs.read_metrics(METRICS) == outputs.read_stats(STATS) == figures
    assert outputs.read_metrics("juicefs_blockcache_bytes 5\n") == outputs.Figures(5, 0, 0, 0, 0)
    assert outputs.read_status(STATUS) == UUID
    assert outputs.read_summary(SUMMARY) == (12, 207300683)
    assert outputs.read_summary("PATH,SIZE,DIRS,FILES\na,b/,5,1,2\n") == (2, 5)
    assert (outputs.share(10, 2), outputs.share(0, 0)) == ("83.3%", "0.0%")


@pytest.mark.parametrize(
    "text",
    ["", "\x00", "9" * 5000, "[" * 100_000, "PATH,SIZE,DIRS,FILES\n", '{"Setting": {"UUID": "../.."}}'],
)
def test_nonsense_of_clients_is_nothing(text: str) -> None:
    assert outputs.read_metrics(text) is None
    assert outputs.read_stats(text) is None
    assert outputs.read_status(text) is None
    assert outputs.read_summary(text) is None
