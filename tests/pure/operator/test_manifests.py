"""What an installation runs with."""

from fluid.engines.core.settings import Settings
from fluid.engines.jindo.settings import JindoSettings
from fluid.operator.manifests import Installation
from tests.pure.jindo.support import Case, container, pod_spec, volume


def environment() -> dict[str, str]:
    spec = Installation().deployment().spec
    assert spec is not None
    assert spec.template.spec is not None
    [operator] = spec.template.spec.containers
    return {one.name: one.value for one in operator.env or [] if one.value is not None}


def test_an_installation_keeps_the_paths_images_and_priorities_of_those_before_it() -> None:
    case = Case(environment=environment())
    mount = volume(case.fuse, "jindofs-fuse-mount")["hostPath"]
    assert mount == {"path": "/runtime-mnt/jindo/default/hbase", "type": "DirectoryOrCreate"}
    images = [container(one).image for one in (case.master, case.fuse)]
    registry, tag = "registry.cn-shanghai.aliyuncs.com/jindofs", "6.9.1-202509151826"
    assert images == [f"{registry}/smartdata:{tag}", f"{registry}/jindo-fuse:{tag}"]
    assert pod_spec(case.fuse).priority_class_name == "system-node-critical"
    assert Settings.from_environment(environment()).query_ufs_total


def test_an_operator_without_environment_has_the_defaults_of_the_wire() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings()
    assert settings.host_path("jindo", "default", "hbase") == "/jindo/default/hbase"
    jindo = settings.of(JindoSettings)
    assert (jindo.smartdata_image.tag, jindo.fuse_image.tag) == ("6.2.0", "6.2.0")
    assert not settings.critical_fuse_pod
