"""Names, merge rules, configuration and attachments of a ThinRuntime, as existing installations have them."""

from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.engines.core.queries import ClaimVolume
from fluid.models import ConfigMap, CSIPersistentVolumeSource, DaemonSet, StatefulSet
from tests.pure.thin.support import Case, Json, container, env, mounts, pod, s3, secret_option, volumes

PATH = "/runtime-mnt/thin/default/images/thin-fuse"


def test_a_runtime_without_workers_is_a_daemonset_and_its_configuration() -> None:
    assert [(item.resource.kind, item.name) for item in Case().objects] == [
        ("ConfigMap", "images-fuse-conf"),
        ("DaemonSet", "images-fuse"),
        ("ConfigMap", "images-thin-values"),
    ]


def test_names_labels_and_selectors_are_those_of_existing_installations() -> None:
    case = Case({"worker": {"enabled": True, "image": "w"}, "replicas": 2})
    release = {"app": "thin", "chart": "thin-0.1.5", "release": "images", "heritage": "Helm"}
    fuse, worker = case.fuse, case.worker
    for item, role in ((fuse, "thin-fuse"), (worker, "thin-worker")):
        assert item.spec is not None
        assert item.spec.selector.match_labels == {**release, "role": role}
        labels = item.spec.template.metadata.labels if item.spec.template.metadata else None
        assert labels is not None
        assert {**release, "role": role}.items() <= labels.items()
        assert item.spec.update_strategy is not None
        assert item.spec.update_strategy.type == "OnDelete"
        assert container(item).name == role
    assert worker.spec is not None
    assert (worker.spec.replicas, worker.spec.service_name) == (2, "images-worker")
    assert worker.spec.pod_management_policy is None  # cannot be changed in place
    assert (worker.metadata.labels or {})["fluid.io/dataset-placement"] == "Exclusive"


def test_the_client_finds_its_place_and_its_identity() -> None:
    case = Case()
    assert env(case.fuse) == {
        "FLUID_RUNTIME_TYPE": "thin",
        "FLUID_RUNTIME_NS": "default",
        "FLUID_RUNTIME_NAME": "images",
        "FLUID_FUSE_MOUNTPOINT": PATH,
        "MOUNT_POINT": PATH,
        "MOUNT_OPTIONS": "ro",
    }
    assert mounts(case.fuse) == {
        "/runtime-mnt/thin/default/images": "thin-fuse-mount",
        "/etc/fluid/config": "thin-conf",
    }
    assert volumes(case.fuse) == {
        "thin-fuse-mount": {
            "hostPath": {"path": "/runtime-mnt/thin/default/images", "type": "DirectoryOrCreate"}
        },
        "thin-conf": {
            "configMap": {
                "name": "images-fuse-conf",
                "items": [{"key": "config.json", "path": "config.json"}],
                "defaultMode": 0o444,
            }
        },
    }
    stop = container(case.fuse).lifecycle
    assert stop is not None
    assert stop.to_wire() == {"preStop": {"exec": {"command": ["umount", PATH]}}}
    assert pod(case.fuse).node_selector == {"fluid.io/f-default-images": "true"}
    assert pod(case.fuse).host_network is True


def test_the_configuration_has_the_shape_that_images_read() -> None:
    dataset: Json = {
        "sharedOptions": {"region": "eu", "endpoint": "shared"},
        "sharedEncryptOptions": [secret_option("access_key")],
        "accessModes": ["ReadWriteMany"],
        "mounts": [
            s3(options={"endpoint": "own"}, encryptOptions=[secret_option("secret_key", "more", "key")]),
            {"mountPoint": "s3://two/", "path": "/x", "readOnly": True, "shared": True},
        ],
    }
    case = Case({"fuse": {"image": "i", "options": {"debug": ""}}}, dataset)
    key = "/etc/fluid/secrets/keys/id"
    assert case.config == {
        "mounts": [
            {
                "mountPoint": "s3://one/",
                "options": {
                    "region": "eu",
                    "endpoint": "own",
                    "access_key": key,
                    "secret_key": "/etc/fluid/secrets/more/key",
                },
                "name": "one",
            },
            {
                "mountPoint": "s3://two/",
                "options": {"region": "eu", "endpoint": "shared", "access_key": key},
                "path": "/x",
                "readOnly": True,
                "shared": True,
            },
        ],
        "targetPath": PATH,
        "runtimeOptions": {"debug": ""},
        "accessModes": ["ReadWriteMany"],
    }
    assert mounts(case.fuse)["/etc/fluid/secrets/keys"] == "thin-fuseconfig-keys"
    assert volumes(case.fuse)["thin-fuseconfig-more"] == {"secret": {"secretName": "more"}}
    assert all(mount.sub_path is None for mount in container(case.fuse).volume_mounts or [])


def test_a_dataset_without_mounts_has_an_empty_list_and_its_shared_secrets() -> None:
    case = Case(dataset={"sharedEncryptOptions": [secret_option("a")]})
    assert case.config == {"mounts": [], "targetPath": PATH, "accessModes": ["ReadOnlyMany"]}
    assert "/etc/fluid/secrets/keys" in mounts(case.fuse)


def test_a_secret_whose_name_is_no_name_of_a_volume_gets_one() -> None:
    case = Case(dataset={"mounts": [s3(encryptOptions=[secret_option("a", "team.keys")])]})
    name = mounts(case.fuse)["/etc/fluid/secrets/team.keys"]
    assert name.startswith("thin-fuseconfig-")
    assert "." not in name
    assert volumes(case.fuse)[name] == {"secret": {"secretName": "team.keys"}}


PROFILE: Json = {
    "imagePullSecrets": [{"name": "of-profile"}],
    "volumes": [{"name": "a", "hostPath": {"path": "/a"}}, {"name": "both", "hostPath": {"path": "/p"}}],
    "fuse": {
        "image": "reg/client",
        "imageTag": "v1",
        "imagePullPolicy": "Always",
        "command": ["start"],
        "args": ["-f"],
        "env": [{"name": "A", "value": "profile"}, {"name": "B", "value": "b"}],
        "ports": [{"name": "p", "containerPort": 8080}],
        "options": {"a": "y", "b": "y"},
        "nodeSelector": {"disk": "ssd"},
        "networkMode": "ContainerNetwork",
        "resources": {"requests": {"cpu": "100m", "memory": "2Gi"}},
        "volumeMounts": [{"name": "a", "mountPath": "/test"}, {"name": "both", "mountPath": "/both"}],
        "livenessProbe": {"exec": {"command": ["live"]}},
        "podMetadata": {"labels": {"team": "p", "x": "p"}, "annotations": {"n": "p"}},
        "lifecycle": {"preStop": {"exec": {"command": ["bye"]}}},
    },
}


def test_the_profile_alone_is_the_template() -> None:
    case = Case(profile=PROFILE)
    found = container(case.fuse)
    assert (found.image, found.image_pull_policy) == ("reg/client:v1", "Always")
    assert (found.command, found.args) == (["start"], ["-f"])
    assert env(case.fuse)["MOUNT_OPTIONS"] == "a=y,b=y"  # no `ro`: the profile has options of its own
    assert pod(case.fuse).host_network is False
    assert pod(case.fuse).node_selector == {"disk": "ssd", "fluid.io/f-default-images": "true"}
    assert [one.to_wire() for one in pod(case.fuse).image_pull_secrets or []] == [{"name": "of-profile"}]
    assert "runtimeOptions" not in case.config
    assert found.lifecycle is not None
    assert found.lifecycle.to_wire() == {"preStop": {"exec": {"command": ["bye"]}}}


def test_the_runtime_overrides_each_field_in_its_own_way() -> None:
    own: Json = {
        "imagePullSecrets": [{"name": "of-runtime"}],
        "volumes": [{"name": "both", "hostPath": {"path": "/r"}}, {"name": "c", "emptyDir": {}}],
        "fuse": {
            "imageTag": "v2",
            "args": ["-g"],
            "env": [{"name": "A", "value": "runtime"}],
            "ports": [{"name": "q", "containerPort": 9090}],
            "options": {"a": "x", "c": ""},
            "nodeSelector": {"zone": "a"},
            "networkMode": "HostNetwork",
            "resources": {"requests": {"memory": "1Gi"}, "limits": {"cpu": "1"}},
            "volumeMounts": [{"name": "c", "mountPath": "/test"}],
            "podMetadata": {"labels": {"team": "r"}},
        },
    }
    case = Case(own, profile=PROFILE)
    found = container(case.fuse)
    assert found.image == "reg/client:v2"
    assert (found.command, found.args) == (["start"], ["-g"])
    assert (env(case.fuse)["A"], env(case.fuse)["B"]) == ("runtime", "b")
    assert env(case.fuse)["MOUNT_OPTIONS"] == "a=x,b=y,c"
    assert case.config["runtimeOptions"] == {"a": "x", "c": ""}
    assert [one.container_port for one in found.ports or []] == [8080, 9090]
    assert pod(case.fuse).node_selector == {"zone": "a", "fluid.io/f-default-images": "true"}
    assert pod(case.fuse).host_network is True
    assert found.resources is not None
    assert found.resources.to_wire() == {
        "requests": {"cpu": "100m", "memory": "1Gi"},
        "limits": {"cpu": "1"},
    }
    assert (mounts(case.fuse)["/test"], mounts(case.fuse)["/both"]) == ("c", "both")
    assert volumes(case.fuse)["both"] == {"hostPath": {"path": "/r"}}
    assert "a" not in volumes(case.fuse)
    assert [one.to_wire() for one in pod(case.fuse).image_pull_secrets or []] == [{"name": "of-runtime"}]
    assert found.liveness_probe is not None
    template = case.fuse.spec.template.metadata if case.fuse.spec else None
    assert template is not None
    assert {"team": "r", "x": "p"}.items() <= (template.labels or {}).items()
    assert (template.annotations or {})["n"] == "p"


@pytest.mark.parametrize(
    ("runtime", "profile", "replicas"),
    [
        ({}, {}, None),
        ({"replicas": 3}, {}, None),
        ({"replicas": 3}, {"enabled": True}, 3),
        ({"worker": {"enabled": False}, "replicas": 3}, {"enabled": True}, None),
        ({"worker": {"enabled": True}}, {}, 0),
        ({"worker": {"enabled": True, "replicas": 2}}, {"replicas": 4}, 2),
        ({"worker": {"enabled": True}}, {"replicas": 4}, 4),
        ({"worker": {"enabled": True}, "replicas": 0}, {"replicas": 4}, 0),
    ],
)
def test_how_many_workers_there_are(runtime: Json, profile: Json, replicas: int | None) -> None:
    template: dict[str, JsonValue] = {"image": "w", **profile}
    case = Case(runtime, profile={"worker": template})
    found = [item for item in case.objects if isinstance(item, StatefulSet)]
    assert [item.spec.replicas for item in found if item.spec] == ([] if replicas is None else [replicas])


def test_workers_keep_apart_and_stay_on_tainted_nodes_that_they_may_use() -> None:
    dataset: Json = {
        "placement": "Shared",
        "tolerations": [{"key": "k", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5}],
    }
    case = Case({"worker": {"enabled": True, "image": "w", "networkMode": "ContainerNetwork"}}, dataset)
    spec = pod(case.worker)
    assert [one.to_wire() for one in spec.tolerations or []] == [
        {"key": "k", "operator": "Exists", "effect": "NoExecute"}
    ]
    assert (spec.host_network, spec.dns_policy) == (False, "ClusterFirst")
    assert spec.affinity is not None


def test_cache_directories_are_the_same_for_worker_client_and_node() -> None:
    store: JsonValue = {"levels": [{"mediumtype": "SSD", "path": "/c1, /c2/", "quota": "1Gi"}]}
    case = Case({"worker": {"enabled": True, "image": "w"}, "tieredstore": store})
    for item in (case.fuse, case.worker):
        assert (mounts(item)["/c1"], mounts(item)["/c2"]) == ("cache-dir", "cache-dir-1")
        assert volumes(item)["cache-dir"] == {"hostPath": {"path": "/c1", "type": "DirectoryOrCreate"}}
    memory: JsonValue = {
        "levels": [{"mediumtype": "MEM", "volumeType": "emptyDir", "path": "/m", "quota": "1"}]
    }
    assert volumes(Case({"tieredstore": memory}).fuse)["cache-dir"] == {"emptyDir": {"medium": "Memory"}}


def test_directories_of_the_node_and_claims_are_mounted_where_every_client_finds_them() -> None:
    dataset: Json = {
        "accessModes": ["ReadWriteMany"],
        "mounts": [
            {"mountPoint": "local:///mnt/nas", "name": "nas"},
            {"mountPoint": "pvc://data/a/b", "path": "/claims/x"},
        ],
    }
    case = Case(dataset=dataset, claims={"data": ClaimVolume()})
    places = {mount.mount_path: mount for mount in container(case.fuse).volume_mounts or []}
    nas, claim = places["/underFSStorage/nas"], places["/underFSStorage/claims/x"]
    assert volumes(case.fuse)[nas.name] == {"hostPath": {"path": "/mnt/nas"}}
    assert (nas.mount_propagation, nas.read_only) == ("HostToContainer", False)
    assert volumes(case.fuse)[claim.name] == {"persistentVolumeClaim": {"claimName": "data"}}
    assert claim.sub_path == "a/b"
    assert case.config["mounts"] == [
        {"mountPoint": "local:///mnt/nas", "name": "nas"},
        {"mountPoint": "pvc://data/a/b", "path": "/claims/x"},
    ]


def csi(secret: bool = True) -> ClaimVolume:
    source: dict[str, JsonValue] = {
        "driver": "nfs.csi.k8s.io",
        "volumeHandle": "h",
        "volumeAttributes": {"server": "n"},
    }
    if secret:
        source["nodePublishSecretRef"] = {"name": "publish", "namespace": "other"}
    return ClaimVolume(CSIPersistentVolumeSource.model_validate(source), ("vers=4", "noatime"))


CLAIM: Json = {"mounts": [{"mountPoint": "pvc://data", "name": "data"}]}


def test_a_claim_of_a_csi_driver_is_described_and_not_mounted() -> None:
    case = Case(dataset=CLAIM, claims={"data": csi()})
    assert case.config["persistentVolumeAttrs"] == {
        "data": {
            "driver": "nfs.csi.k8s.io",
            "volumeHandle": "h",
            "volumeAttributes": {"server": "n"},
            "nodePublishSecretRef": {"name": "publish", "namespace": "other"},
        }
    }
    assert case.config["persistentVolumeMountOptions"] == {"data": ["vers=4", "noatime"]}
    assert not any(path.startswith("/underFSStorage") for path in mounts(case.fuse))
    name = mounts(case.fuse)["/etc/fluid/secrets/publish"]
    assert volumes(case.fuse)[name] == {"secret": {"secretName": "publish", "optional": True}}


def test_of_the_volume_behind_a_claim_nothing_is_told_but_what_mounts_it() -> None:
    attributes = {
        "server": "n",
        "csi.storage.k8s.io/pv/name": "pvc-1",
        "storage.kubernetes.io/csiProvisionerIdentity": "node-7",
    }
    secret = {"name": "s", "namespace": "storage-system"}
    kept = {"driver": "nfs", "volumeHandle": "h", "fsType": "nfs4", "readOnly": True}
    others = (
        "nodeStageSecretRef",
        "nodeExpandSecretRef",
        "controllerExpandSecretRef",
        "controllerPublishSecretRef",
    )
    source = {**kept, "volumeAttributes": attributes, **dict.fromkeys(others, secret)}
    behind = ClaimVolume(CSIPersistentVolumeSource.model_validate(source))
    told = Case(dataset=CLAIM, claims={"data": behind}).config["persistentVolumeAttrs"]
    assert told == {"data": {**kept, "volumeAttributes": {"server": "n"}}}


def test_what_becomes_of_the_node_publish_secret_is_the_profiles_choice() -> None:
    leave: Json = {"nodePublishSecretPolicy": "NotMountNodePublishSecret"}
    case = Case(dataset=CLAIM, claims={"data": csi()}, profile=leave)
    assert "/etc/fluid/secrets/publish" not in mounts(case.fuse)
    copy: Json = {"nodePublishSecretPolicy": "CopyNodePublishSecretAndMountIfNotExists"}
    with pytest.raises(InvalidSpec, match="Copy Secret publish yourself"):
        _ = Case(dataset=CLAIM, claims={"data": csi()}, profile=copy).objects


def revision(case: Case) -> str:
    template = case.fuse.spec.template.metadata if case.fuse.spec else None
    return (template.annotations or {})["data.fluid.io/mounts-revision"] if template else ""


def test_only_what_changes_volumes_makes_pods_outdated() -> None:
    plain = Case(dataset={"mounts": [s3()]})
    more = Case(dataset={"mounts": [s3(options={"a": "b"}), s3("two")]})
    assert plain.config != more.config
    assert plain.fuse.to_wire() == more.fuse.to_wire()
    secret = Case(dataset={"mounts": [s3(encryptOptions=[secret_option("a")])]})
    assert revision(plain) == revision(more) != revision(secret)


REFUSED: Mapping[str, tuple[Case, str]] = {
    "no image": (Case({"fuse": {}}), r"spec.fuse.image: is missing, .*no profile is named.*Name an image"),
    "no worker image": (Case({"worker": {"enabled": True}}), "spec.worker.image"),
    "postStart": (
        Case({"fuse": {"image": "i", "lifecycle": {"postStart": {"exec": {"command": ["x"]}}}}}),
        "spec.fuse.lifecycle.postStart: is not supported",
    ),
    "volume": (
        Case({"fuse": {"image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}}),
        "spec.fuse.volumeMounts: there is no volume 'v', .*Add it to spec.volumes",
    ),
    "our volume": (
        Case(
            {
                "fuse": {"image": "i", "volumeMounts": [{"name": "thin-conf", "mountPath": "/v"}]},
                "volumes": [{"name": "thin-conf", "emptyDir": {}}],
            }
        ),
        "two entries have the name thin-conf",
    ),
    "our path": (
        Case(
            {
                "fuse": {"image": "i", "volumeMounts": [{"name": "v", "mountPath": "/etc/fluid/config"}]},
                "volumes": [{"name": "v", "emptyDir": {}}],
            }
        ),
        "two entries have the mountPath /etc/fluid/config",
    ),
    "secret": (
        Case(dataset={"mounts": [s3(encryptOptions=[secret_option("a", "../x")])]}),
        r"spec.mounts\[0\].encryptOptions\[0\].valueFrom.secretKeyRef.name",
    ),
    "secret key": (
        Case(dataset={"sharedEncryptOptions": [secret_option("a", key="..")]}),
        r"spec.sharedEncryptOptions\[0\].valueFrom.secretKeyRef.key",
    ),
    "claim": (
        Case(dataset={"mounts": [{"mountPoint": "pvc:///x", "name": "a"}]}),
        r"spec.mounts\[0\].mountPoint: names no claim",
    ),
    "same place": (
        Case(dataset={"mounts": [{"mountPoint": "local:///a"}, {"mountPoint": "local:///b"}]}),
        r"spec.mounts\[1\].name and spec.mounts\[0\].name: both sources would appear at '/'",
    ),
    "outside": (
        Case(dataset={"mounts": [{"mountPoint": "local:///a/../b", "name": "a"}]}),
        r"spec.mounts\[0\].mountPoint: '/a/../b' has '..'",
    ),
    "cache directory": (
        Case({"tieredstore": {"levels": [{"mediumtype": "SSD", "path": "/", "quota": "1"}]}}),
        r"spec.tieredstore.levels\[0\].path",
    ),
    "storage": (
        Case(environment={"THIN_FUSE_CONFIG_STORAGE": "secret"}),
        "THIN_FUSE_CONFIG_STORAGE of the operator: is 'secret', .*Ask the administrator",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_work_is_refused_with_field_and_remedy(name: str) -> None:
    case, message = REFUSED[name]
    with pytest.raises(InvalidSpec, match=message):
        _ = case.objects


@pytest.mark.parametrize(
    "changes",
    [
        {"options": {"fs.s3.endpoint": "http://minio:9000"}},
        {"encryptOptions": [secret_option("fs.oss.accessKeyId")]},
        {"options": {"alluxio.underfs.s3.endpoint": "http://minio:9000"}},
    ],
)
def test_options_in_the_words_of_another_cache_are_refused_unless_the_profile_accepts_them(
    changes: Json,
) -> None:
    dataset: Json = {"mounts": [{"mountPoint": "s3://one/", "name": "one", **changes}]}
    [warning] = Case(dataset=dataset).transformed.warnings
    assert warning.refusal is not None
    assert warning.refusal.field.startswith("spec.mounts[0].options[")
    assert "endpoint and access_key_id for rclone" in warning.message
    accepted = {"data.fluid.io/accepted-options": "fs.s3., fs.oss., alluxio."}
    assert Case(dataset=dataset, profile={}, profile_annotations=accepted).transformed.warnings == []


def test_annotations_and_settings_of_existing_installations_count() -> None:
    case = Case(
        annotations={"runtime.fluid.io/fuse.hostpid": "true"}, environment={"CRITICAL_FUSE_POD": "true"}
    )
    assert pod(case.fuse).host_pid is True
    assert pod(case.fuse).priority_class_name == "system-node-critical"
    assert env(case.fuse)["FLUID_FUSE_MOUNTPOINT"] == "/thin/default/images/thin-fuse"


def test_the_chart_uses_no_field_that_kubernetes_does_not_know() -> None:
    case = Case({"worker": {"enabled": True, "image": "w"}}, profile=PROFILE)
    assert [path for item in case.objects for path in item.unknown_fields()] == []
    assert {type(item) for item in case.objects} == {ConfigMap, DaemonSet, StatefulSet}
