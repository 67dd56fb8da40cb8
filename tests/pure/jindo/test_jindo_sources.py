"""What the Dataset's mounts put into configuration, volumes and credentials."""

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from tests.pure.jindo.support import Case, container, mounts, oss, pod_spec, secret_options, tier, volume

TOKEN = "secrets:///token/"
PROVIDER = "com.aliyun.jindodata.oss.auth.CustomCredentialsProvider"


def dataset(*mounts_: JsonValue, **spec: JsonValue) -> Case:
    return Case({}, {"mounts": list(mounts_), **spec})


def mount(uri: str, name: str = "data", **fields: JsonValue) -> dict[str, JsonValue]:
    return {"mountPoint": uri, "name": name, **fields}


def sdk(case: Case) -> dict[str, str]:
    return case.section("jindosdk", "jindosdk.cfg")


def refused(case: Case) -> InvalidSpec:
    with pytest.raises(InvalidSpec) as caught:
        _ = case.objects
    return caught.value


@pytest.mark.parametrize(
    ("uri", "options", "keys"),
    [
        (
            "s3://b/x",
            {"fs.s3.endpoint": "e", "fs.s3.region": "r", "fs.s3.other": "o"},
            {"jindocache.s3.endpoint": "e", "jindocache.s3.region": "r"},
        ),
        ("cos://b/", {"fs.cos.endpoint": "e", "fs.cos.region": "r"}, {"jindocache.cos.endpoint": "e"}),
        ("obs://b/", {"fs.obs.endpoint": "e"}, {"jindocache.obs.endpoint": "e"}),
        (
            "dls://b/",
            {"fs.dls.endpoint": "e", "fs.dls.region": "r"},
            {"jindocache.dls.endpoint": "e", "jindocache.dls.region": "r"},
        ),
        (
            "hdfs://ns/x",
            {"fs.hdfs.ns.dfs.ha.namenodes": "n1,n2", "dfs.x.fs": "v"},
            {"jindocache.hdfs.ns.dfs.ha.namenodes": "n1,n2", "djindocache.x.fs": "v"},
        ),
        (
            "oss://b",
            {"fs.oss.endpoint": "oss-cn"},
            {"jindocache.oss.bucket.b.endpoint": "oss-cn"},
        ),
        (
            "oss://b/d",
            {"fs.oss.endpoint": "cn.oss-dls", "fs.oss.accessKeyId": "i", "fs.oss.accessKeySecret": "s"},
            {
                "jindocache.oss.bucket.b.endpoint": "cn.oss-dls",
                "jindocache.oss.bucket.b.data.lake.storage.enable": "true",
                "jindocache.oss.bucket.b.accessKeyId": "i",
                "jindocache.oss.bucket.b.accessKeySecret": "s",
            },
        ),
        ("https://host/x", {"a": "b"}, {}),
    ],
)
def test_each_store_has_its_keys_for_servers_and_clients(
    uri: str, options: dict[str, JsonValue], keys: dict[str, str]
) -> None:
    case = dataset(mount(uri, options=options))
    assert case.transformed.values.config.file_store == keys
    assert keys.items() <= case.section("jindocache-common").items()
    mirrored = {key.replace("jindocache", "fs", 1): value for key, value in keys.items()}
    assert mirrored.items() <= sdk(case).items()
    assert case.section("jindocache-common")["default.credential.provider"] == "none"


def test_shared_options_stand_below_the_mounts_own() -> None:
    case = dataset(
        mount("s3://b/", options={"fs.s3.region": "own"}),
        sharedOptions={"fs.s3.region": "shared", "fs.s3.endpoint": "shared"},
    )
    assert case.transformed.values.config.file_store == {
        "jindocache.s3.endpoint": "shared",
        "jindocache.s3.region": "own",
    }


def test_plain_credentials_are_announced() -> None:
    case = dataset(
        oss(options={"fs.oss.endpoint": "e", "fs.oss.accessKeyId": "i", "fs.oss.accessKeySecret": "s"})
    )
    warnings = case.transformed.warnings
    assert [warning.reason for warning in warnings] == ["PlaintextCredentials", "PlaintextCredentials"]
    assert "spec.mounts[0].options[fs.oss.accessKeySecret]" in warnings[1].message


def test_several_buckets_with_one_endpoint_share_its_keys() -> None:
    one = dataset(oss("b1", "one"), oss("b2", "two"))
    assert one.section("jindocache-common")["jindocache.oss.endpoint"] == "oss-cn"
    for key in ("fs.oss.endpoint", "jindocache.oss.endpoint", "aliyun.oss.endpoint"):
        assert sdk(one)[key] == "oss-cn"
    two = dataset(oss("b1", "one"), oss("b2", "two", options={"fs.oss.endpoint": "other"}))
    assert "jindocache.oss.endpoint" not in two.section("jindocache-common")
    assert "fs.oss.endpoint" not in sdk(two)
    assert sdk(two)["fs.oss.bucket.b2.endpoint"] == "other"


def test_each_bucket_may_have_its_own_secret() -> None:
    case = dataset(
        oss("b1", "one", encryptOptions=secret_options("oss", "s1")),
        oss("b2", "two", encryptOptions=secret_options("oss", "s2")),
    )
    wire = volume(case.worker, "jindofs-secret-token")
    assert wire["projected"] == {
        "sources": [
            {
                "secret": {
                    "name": f"s{n}",
                    "items": [
                        {"key": "id", "path": f"b{n}/AccessKeyId"},
                        {"key": "key", "path": f"b{n}/AccessKeySecret"},
                    ],
                }
            }
            for n in (1, 2)
        ]
    }
    for n in (1, 2):
        assert case.section("common")[f"fs.oss.bucket.b{n}.provider.endpoint"] == f"{TOKEN}b{n}/"
        assert sdk(case)[f"aliyun.oss.bucket.b{n}.provider.url"] == f"{TOKEN}b{n}/"
        assert sdk(case)[f"fs.oss.bucket.b{n}.credentials.provider"] == PROVIDER


@pytest.mark.parametrize("store", ["s3", "cos", "obs", "hdfs", "dls"])
def test_other_stores_share_one_place_for_credentials(store: str) -> None:
    case = dataset(mount(f"{store}://b/", encryptOptions=secret_options(store)))
    assert volume(case.master, "jindofs-secret-token")["secret"] == {
        "secretName": "sec",
        "items": [{"key": "id", "path": "AccessKeyId"}, {"key": "key", "path": "AccessKeySecret"}],
    }
    common = case.section("jindocache-common")
    assert common["default.credential.provider"] == common[f"jindocache.{store}.provider.endpoint"] == TOKEN
    assert f"jindocache.{store}.provider.format" not in common
    assert {key: value for key, value in sdk(case).items() if "provider" in key} == {
        f"fs.{store}.credentials.provider": PROVIDER,
        f"aliyun.{store}.provider.url": TOKEN,
        f"fs.{store}.provider.endpoint": TOKEN,
        f"fs.{store}.provider.format": "JSON",
    }
    assert [mounts(one)["/token"] for one in (case.master, case.worker, case.fuse)] == [
        "jindofs-secret-token"
    ] * 3


def test_a_claim_beside_a_store_does_not_change_its_credentials() -> None:
    case = dataset(mount("s3://b/", encryptOptions=secret_options("s3")), mount("pvc://claim", "claim"))
    assert "fs.s3.credentials.provider" in sdk(case)
    assert "fs.oss.credentials.provider" not in sdk(case)


def test_two_stores_may_share_a_secret_but_not_contradict_each_other() -> None:
    first = mount("s3://b/", encryptOptions=secret_options("s3", "one"))
    same = dataset(first, mount("cos://b/", "c", encryptOptions=secret_options("cos", "one")))
    assert {"fs.s3.provider.endpoint", "fs.cos.provider.endpoint"} <= sdk(same).keys()
    error = refused(dataset(first, mount("cos://b/", "c", encryptOptions=secret_options("cos", "two"))))
    assert error.field == "spec.mounts[1].encryptOptions[0]"
    assert "spec.mounts[0].encryptOptions[0]" in error.message


def test_oss_and_another_store_keep_their_credentials_apart() -> None:
    case = dataset(
        oss(encryptOptions=secret_options("oss", "one")),
        mount("s3://b/", "s", encryptOptions=secret_options("s3", "two")),
    )
    projected = volume(case.fuse, "jindofs-secret-token")["projected"]
    assert isinstance(projected, dict)
    assert isinstance(projected["sources"], list)
    assert len(projected["sources"]) == 2
    assert sdk(case)["fs.s3.provider.endpoint"] == TOKEN
    assert sdk(case)["fs.oss.bucket.bkt.provider.endpoint"] == f"{TOKEN}bkt/"


def test_token_files_are_mounted_whole() -> None:
    case = Case({"secret": "sts"}, {"mounts": [mount("s3://b/")]})
    assert volume(case.fuse, "jindofs-secret-token")["secret"] == {"secretName": "sts"}
    assert case.section("common")["jindocache.s3.provider.endpoint"] == TOKEN
    assert sdk(case)["aliyun.s3.provider.url"] == TOKEN


def test_token_files_come_first_beside_buckets_of_their_own() -> None:
    case = Case({"secret": "sts"}, {"mounts": [oss(encryptOptions=secret_options("oss"))]})
    projected = volume(case.fuse, "jindofs-secret-token")["projected"]
    assert isinstance(projected, dict)
    assert isinstance(projected["sources"], list)
    assert projected["sources"][0] == {"secret": {"name": "sts"}}
    assert len(projected["sources"]) == 2


def test_shared_credentials_reach_every_bucket() -> None:
    case = dataset(oss("b1", "one"), oss("b2", "two"), sharedEncryptOptions=secret_options("oss"))
    assert {"fs.oss.bucket.b1.provider.format", "fs.oss.bucket.b2.provider.format"} <= sdk(case).keys()


@pytest.mark.parametrize(
    ("mounted", "path"),
    [
        (oss(options={}), "spec.mounts[0].options"),
        (mount("oss:///dir", options={"fs.oss.endpoint": "e"}), "spec.mounts[0].mountPoint"),
        (mount("oss://../x", options={"fs.oss.endpoint": "e"}), "spec.mounts[0].mountPoint"),
        (oss(encryptOptions=secret_options("oss")[:1]), "spec.mounts[0].encryptOptions[0]"),
        (
            oss(
                options={"fs.oss.endpoint": "e", "fs.oss.accessKeySecret": "plain"},
                encryptOptions=secret_options("oss")[:1],
            ),
            "spec.mounts[0].encryptOptions[0]",
        ),
        (
            oss(
                options={"fs.oss.endpoint": "e", "fs.oss.accessKeyId": "i"},
                encryptOptions=secret_options("oss"),
            ),
            "spec.mounts[0].options[fs.oss.accessKeyId]",
        ),
        (oss(encryptOptions=[{"name": "fs.oss.accessKeyId"}]), "spec.mounts[0].encryptOptions[0]"),
        (mount("s3://b/", options={"metaPolicy": "SOMETIMES"}), "spec.mounts[0].options[metaPolicy]"),
        (
            mount("s3://b/", options={"metaPolicy": "ALWAYS", "cacheStrategy": "DHT"}),
            "spec.mounts[0].options[cache",
        ),
        (
            mount("s3://b/", options={"metaPolicy": "ALWAYS", "writePolicy": "CACHE_ONLY"}),
            "spec.mounts[0].options[wri",
        ),
        (mount("s3://b/", options={"readCacheReplica": "two"}), "spec.mounts[0].options[readCacheReplica]"),
        (mount("pvc:///"), "spec.mounts[0].mountPoint"),
        (mount("pvc://claim", path="/../../etc"), "spec.mounts[0].path"),
        (mount("hdfs://ns/", options={"a\nb": "c"}), "spec.mounts[0].options"),
        (mount("hdfs://ns/", options={"[section]": "c"}), "spec.mounts[0].options"),
        (
            mount("s3://b/", options={"fs.s3.endpoint": "e\n[jindocache-server]"}),
            "spec.mounts[0].options[fs.s3.endpo",
        ),
        (mount("s3://b/\nx"), "spec.mounts[0].mountPoint"),
        (mount("s3://b/", "a\x00b"), "spec.mounts[0].name"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field(mounted: dict[str, JsonValue], path: str) -> None:
    error = refused(dataset(mounted))
    assert error.message.startswith(path)
    assert f"{error.field}: {error.problem}. " in error.message


def test_one_bucket_with_two_secrets_is_refused() -> None:
    error = refused(
        dataset(
            oss("b", "one", encryptOptions=secret_options("oss", "s1")),
            oss("b", "two", encryptOptions=secret_options("oss", "s2")),
        )
    )
    assert "bucket b" in error.message


@pytest.mark.parametrize("secret_first", [True, False])
@pytest.mark.parametrize("shared", [True, False])
def test_one_bucket_with_a_secret_at_one_mount_and_plain_text_at_another_is_refused(
    secret_first: bool, shared: bool
) -> None:
    plain: dict[str, JsonValue] = {"fs.oss.accessKeyId": "i", "fs.oss.accessKeySecret": "s"}
    hidden = oss("b", "hidden", encryptOptions=secret_options("oss"))
    if shared:  # an empty option of its own is no credential
        hidden["options"] = {"fs.oss.endpoint": "e", **dict.fromkeys(plain, "")}
        case = dataset(hidden, oss("b", "open"), sharedOptions=plain)
    else:
        pair = [hidden, oss("b", "open", options={"fs.oss.endpoint": "e", **plain})]
        case = dataset(*(pair if secret_first else pair[::-1]))
    error = refused(case)
    assert error.field.endswith("options[fs.oss.accessKeyId]")
    assert "bucket b" in error.message


def test_buckets_of_one_dataset_may_have_plain_text_and_a_secret_each() -> None:
    plain: JsonValue = {
        "fs.oss.endpoint": "e",
        "fs.oss.accessKeyId": "i",
        "fs.oss.accessKeySecret": "s",
    }
    case = dataset(oss("a", "one", encryptOptions=secret_options("oss")), oss("b", "two", options=plain))
    common = case.section("jindocache-common")
    assert common["jindocache.oss.bucket.a.provider.endpoint"] == "secrets:///token/a/"
    assert common["jindocache.oss.bucket.b.accessKeyId"] == "i"


@pytest.mark.parametrize(
    ("runtime", "fine"),
    [
        ({"jindoVersion": {"imageTag": "4.6.7"}}, False),
        ({"jindoVersion": {"imageTag": "4.6.8"}}, True),
        ({"jindoVersion": {"imageTag": "release-4.5"}}, False),
        ({"jindoVersion": {"imageTag": "latest"}}, True),
        ({"fuse": {"imageTag": "v4.6.7-x"}}, False),
        (
            {
                "jindoVersion": {"imageTag": "4.6.7"},
                "master": {"disabled": True},
                "worker": {"disabled": True},
            },
            True,
        ),
    ],
)
def test_images_that_would_need_secrets_in_plain_text_are_refused(
    runtime: dict[str, JsonValue], fine: bool
) -> None:
    case = Case(runtime, {"mounts": [oss(encryptOptions=secret_options("oss"))]})
    if fine:
        assert case.objects
    else:
        assert refused(case).field.endswith("imageTag")


def test_a_directory_of_the_nodes_is_mounted_everywhere() -> None:
    case = dataset(
        mount("local:///mnt/data", "nas"), mount("local:///x/", "Not A Name"), mount("local:///y", "1")
    )
    for one in (case.master, case.worker, case.fuse):
        assert volume(one, "datavolume-nas")["hostPath"] == {
            "path": "/mnt/data/",
            "type": "DirectoryOrCreate",
        }
        assert mounts(one)["/mnt/data/"] == "datavolume-nas"
        assert mounts(one)["/x/"] == "datavolume-mount-1"
        assert mounts(one)["/y/"] == "datavolume-mount-2"


@pytest.mark.parametrize(
    ("modes", "read_only"),
    [(None, True), (["ReadWriteMany"], False), (["ReadWriteMany", "ReadOnlyMany"], True)],
)
def test_a_claim_is_mounted_below_the_under_storage(modes: JsonValue, read_only: bool) -> None:
    spec: dict[str, JsonValue] = {} if modes is None else {"accessModes": modes}
    case = dataset(mount("pvc://claim/a/b", "one"), mount("pvc://claim", "two", path="/p/q"), **spec)
    for one in (case.master, case.worker, case.fuse):
        assert volume(one, "claim") == {"name": "claim", "persistentVolumeClaim": {"claimName": "claim"}}
        found = {
            item.mount_path: (item.sub_path, item.read_only) for item in container(one).volume_mounts or []
        }
        assert found["/underFSStorage/one"] == ("a/b", read_only)
        assert found["/underFSStorage/p/q"] == (None, read_only)
        assert len([item for item in pod_spec(one).volumes or [] if item.name == "claim"]) == 1
    assert [one.path for one in case.transformed.values.cache_sets] == [
        "local:///underFSStorage/one",
        "local:///underFSStorage/p/q",
    ]


def test_cache_sets_say_how_each_mount_is_cached() -> None:
    options: JsonValue = {
        "metaPolicy": "ONCE",
        "cacheStrategy": "DHT",
        "writePolicy": "WRITE_THROUGH",
        "readCacheReplica": "2",
        "writeCacheReplica": "3",
    }
    ignored: JsonValue = {"cacheStrategy": "OTHER", "writePolicy": "OTHER", "metaPolicy": "ALWAYS"}
    case = dataset(mount("s3://b/", options=options), mount("s3://c/", "two", options=ignored))
    first, second = case.transformed.values.cache_sets
    assert (first.cache_strategy, first.write_policy) == ("DHT", "WRITE_THROUGH")
    assert (first.read_cache_replica, first.write_cache_replica) == (2, 3)
    assert (second.cache_strategy, second.meta_policy, second.write_policy) == (
        "DISTRIBUTED",
        "ALWAYS",
        "WRITE_AROUND",
    )
    assert "<readCacheReplica>2</readCacheReplica>" in case.file("cacheset.xml")


@pytest.mark.parametrize(
    ("options", "field", "word"),
    [
        ({"writePolicy": "WRITE_BACK"}, "spec.mounts[0].options[writePolicy]", "WRITE_AROUND"),
        ({"cacheStrategy": "dht"}, "spec.mounts[0].options[cacheStrategy]", "DHT"),
        ({"endpoint": "http://s3:7070"}, "spec.mounts[0].options[endpoint]", "fs.s3.endpoint"),
        ({"alluxio.underfs.s3.endpoint": "e"}, "spec.mounts[0].options[alluxio.underfs", "Alluxio"),
    ],
)
def test_words_that_the_cache_does_not_know_are_refused_for_a_new_runtime_and_shown_on_a_bound_one(
    options: JsonValue, field: str, word: str
) -> None:
    [warning] = dataset(mount("s3://b/", options=options)).transformed.warnings
    assert warning.message.startswith(field)
    assert word in warning.message
    assert warning.refusal is not None
    assert warning.refusal.field.startswith(field)


def test_every_word_reaches_hdfs() -> None:
    options: JsonValue = {"dfs.nameservices": "ns", "endpoint": "x"}
    assert dataset(mount("hdfs://ns/", options=options)).transformed.warnings == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"high": "95%"}, "spec.tieredstore.levels[0].high"),
        ({"low": "0"}, "spec.tieredstore.levels[0].low"),
        ({"high": "0.5", "low": "0.7"}, "spec.tieredstore.levels[0].low"),
    ],
)
def test_watermarks_that_the_cache_cannot_follow_are_told(changes: dict[str, JsonValue], field: str) -> None:
    case = Case({"tieredstore": tier(**changes)}, {"mounts": [oss()]})
    [warning] = case.transformed.warnings
    assert warning.message.startswith(field)
    assert warning.refusal is not None


def test_a_watermark_that_is_not_given_is_not_written() -> None:
    worker = Case({"tieredstore": tier(high="0.95")}, {"mounts": [oss()]}).section("jindocache-worker")
    assert worker["storage.watermark.high.ratio"] == "0.95"
    assert "storage.watermark.low.ratio" not in worker


def test_the_revision_changes_only_with_what_pods_read_of_the_mounts() -> None:
    def revision(*mounted: JsonValue, runtime: dict[str, JsonValue] | None = None) -> str:
        return Case(runtime or {}, {"mounts": list(mounted)}).transformed.values.mounts_revision

    base = revision(oss())
    assert revision(oss(), runtime={"jindoVersion": {"imageTag": "9.9.9"}, "replicas": 5}) == base
    assert revision(oss(), {**oss("bkt", "other"), "mountPoint": "oss://bkt/elsewhere"}) == base
    assert revision(oss(), oss("another", "two")) != base
    assert revision(oss(encryptOptions=secret_options("oss"))) != base
    assert revision(oss(), mount("pvc://claim")) != base
    assert revision(oss(), mount("local:///x")) != base
    own_set: JsonValue = {"fs.oss.endpoint": "oss-cn", "metaPolicy": "ALWAYS"}
    assert revision(oss(options=own_set)) != base
