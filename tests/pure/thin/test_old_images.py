"""Images that look for `config.json` where it was in the old time."""

import pytest
from pydantic import JsonValue

from fluid.engines.core.errors import InvalidSpec
from fluid.models import Container
from tests.pure.thin.support import Case

OLD: JsonValue = {
    "name": "thin-conf",
    "mountPath": "/etc/fluid/config.json",
    "subPath": "config.json",
    "readOnly": True,
}


def fuse(case: Case) -> Container:
    spec = case.fuse.spec
    assert spec is not None
    assert spec.template.spec is not None
    assert [volume.name for volume in spec.template.spec.volumes or ()].count("thin-conf") == 1
    [container] = spec.template.spec.containers
    return container


def test_a_profile_mounts_the_configuration_once_more_as_a_file() -> None:
    mounts = fuse(Case(profile={"fuse": {"image": "old", "volumeMounts": [OLD]}})).volume_mounts or []
    found = {mount.mount_path: mount for mount in mounts if mount.name == "thin-conf"}
    assert {*found} == {"/etc/fluid/config", "/etc/fluid/config.json"}
    assert found["/etc/fluid/config.json"].sub_path == "config.json"


def test_without_it_the_configuration_is_mounted_as_ever() -> None:
    mounts = fuse(Case(profile={"fuse": {"image": "new"}})).volume_mounts or []
    assert [mount.mount_path for mount in mounts if mount.name == "thin-conf"] == ["/etc/fluid/config"]


def test_workers_have_no_configuration_to_mount() -> None:
    worker: JsonValue = {"enabled": True, "image": "i", "volumeMounts": [OLD]}
    with pytest.raises(InvalidSpec, match=r"spec.worker.volumeMounts: there is no volume 'thin-conf'"):
        _ = Case({"fuse": {"image": "i"}, "worker": worker}).objects
