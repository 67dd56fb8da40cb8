"""What an administrator sets for all runtimes, by environment variables of the operator."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fluid._version import __version__
from fluid.engines.core.runtime_policy import RuntimePolicy
from fluid.engines.core.volume_metadata import SETTING, Allowed
from fluid.models import LocalObjectReference

KUBELET = "/var/lib/kubelet"
"""Root directory of the kubelets, where nobody says another."""
OPERATOR_IMAGE = f"fluid-operator:{__version__}"
"""The image of operator and node plugin, where nobody says another."""
RUN_AFTER_OTHERS = "FLUID_RUN_AFTER_OTHER_NAMESPACES"
"""Variable that lets operations run after those of other namespaces."""
_IMAGE = re.compile(r"\S[^\s:]*:\S+")
_PATH_PART = re.compile(r"[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?")
_NO_DNS_SERVER = "1.1.1.1"  # has always meant "not set" on the wire


class Image(NamedTuple):
    """A container image: where it is and which one."""

    repository: str
    tag: str

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"


_SMARTDATA = Image("registry.cn-shanghai.aliyuncs.com/jindofs/smartdata", "6.2.0")
_JINDO_FUSE = Image("registry.cn-shanghai.aliyuncs.com/jindofs/jindo-fuse", "6.2.0")
_INIT_USERS = Image("registry.cn-hangzhou.aliyuncs.com/fluid/init-users", "v0.3.0-1467caa")


@dataclass(frozen=True)
class Settings:
    """Settings for all runtimes; the defaults are those of an operator without any environment.

    Attributes:
        mount_root: Directory of the node below which all mounts appear; empty for `/`.
        smartdata_image: Image of JindoCache masters and workers for runtimes that name none.
        fuse_image: Image of the Jindo FUSE client for runtimes that name none.
        dns_server: Name server for pods instead of the cluster's; empty for the cluster's.
        query_ufs_total: Whether to add up the size of the sources.
        default_memory_limit: Whether masters of large memory caches request 30Gi.
        critical_fuse_pod: Whether FUSE pods get the priority `system-node-critical`.
        check_ports: Whether masters get an init container that reports taken ports.
        init_image: Image of that init container.
        image_pull_secrets: Names of Secrets for pulling the images of data operations, and of the components
            of a runtime that names none.
        exclude_nodes: Label selector of nodes that get no schedule labels.
        thin_config_storage: Where ThinRuntimes keep `config.json`; only `configmap` is carried out.
        run_after_others: Whether operations may run after those of other namespaces, and tell of them.
        restricted_fuse_labels: Whether FUSE pods of new runtimes come by a label that no node gives itself.
        volume_metadata: Labels and annotations that users may set on PersistentVolumes.
        operator_image: What operator and node plugin run, so that nodes have it: Jobs of our own use it too.
        kubelet: Root directory of the kubelets, which no runtime policy can allow.
        policies: The runtime policies of the namespace that is worked on; no environment says them.
    """

    mount_root: str = ""
    smartdata_image: Image = _SMARTDATA
    fuse_image: Image = _JINDO_FUSE
    dns_server: str = ""
    query_ufs_total: bool = True
    default_memory_limit: bool = False
    critical_fuse_pod: bool = False
    check_ports: bool = False
    init_image: Image = _INIT_USERS
    image_pull_secrets: tuple[str, ...] = ()
    exclude_nodes: str = ""
    thin_config_storage: str = "configmap"
    run_after_others: bool = False
    restricted_fuse_labels: bool = False
    volume_metadata: Allowed = field(default_factory=Allowed)
    operator_image: str = OPERATOR_IMAGE
    kubelet: str = KUBELET
    policies: tuple[RuntimePolicy, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings; what is not set, or malformed, has its default."""
        default = cls()
        dns_server = environment.get("JINDO_DNS_SERVER_ENV", "")
        secrets = environment.get("IMAGE_PULL_SECRETS", "").split(",")
        return cls(
            mount_root=_mount_root(environment.get("MOUNT_ROOT", "")),
            smartdata_image=_image(environment.get("JINDO_SMARTDATA_IMAGE_ENV"), default.smartdata_image),
            fuse_image=_image(environment.get("JINDO_FUSE_IMAGE_ENV"), default.fuse_image),
            dns_server="" if dns_server == _NO_DNS_SERVER else dns_server,
            query_ufs_total=_flag(environment, "QUERY_UFS_TOTAL", default.query_ufs_total),
            default_memory_limit=_flag(environment, "USE_DEFAULT_MEM_LIMIT", default.default_memory_limit),
            critical_fuse_pod=_flag(environment, "CRITICAL_FUSE_POD", default.critical_fuse_pod),
            check_ports=_flag(environment, "INIT_PORT_CHECK_ENABLED", default.check_ports),
            init_image=_image(environment.get("DEFAULT_INIT_IMAGE_ENV"), default.init_image),
            image_pull_secrets=tuple(name.strip() for name in secrets if name.strip()),
            exclude_nodes=environment.get("FLUID_SCHEDULE_INFO_EXCLUDE_NODE_SELECTOR", ""),
            thin_config_storage=environment.get("THIN_FUSE_CONFIG_STORAGE", "").lower() or "configmap",
            run_after_others=_flag(environment, RUN_AFTER_OTHERS, default.run_after_others),
            restricted_fuse_labels=_flag(
                environment, "RESTRICTED_FUSE_LABELS", default.restricted_fuse_labels
            ),
            volume_metadata=Allowed.read(environment.get(SETTING, "")),
            operator_image=environment.get("FLUID_IMAGE", "") or default.operator_image,
            kubelet=_mount_root(environment.get("KUBELET_ROOTDIR", "")) or default.kubelet,
        )

    @property
    def pull_secrets(self) -> list[LocalObjectReference]:
        """`image_pull_secrets` as pods have them."""
        return [LocalObjectReference(name=name) for name in self.image_pull_secrets]

    def under(self, policies: tuple[RuntimePolicy, ...]) -> "Settings":
        """The settings for a namespace with these policies, which may withhold the priority of FUSE pods."""
        critical = self.critical_fuse_pod and all(one.critical_pods for one in policies)
        return replace(self, policies=policies, critical_fuse_pod=critical)

    def host_path(self, engine: str, namespace: str, name: str) -> str:
        """Directory of the node that a runtime's FUSE mount appears in."""
        return f"{self.mount_root}/{engine}/{namespace}/{name}"


def _mount_root(path: str) -> str:
    trimmed = path.rstrip("/")
    parts = trimmed.split("/")
    valid = path.startswith("/") and len(parts) > 1 and all(_PATH_PART.fullmatch(part) for part in parts[1:])
    return trimmed if valid else ""


def _image(spelling: str | None, default: Image) -> Image:
    if spelling is None or not _IMAGE.fullmatch(spelling):
        return default
    return Image(*spelling.rsplit(":", 1))


def _flag(environment: Mapping[str, str], name: str, default: bool) -> bool:
    value = environment.get(name, "")
    return value.lower() == "true" if value else default
