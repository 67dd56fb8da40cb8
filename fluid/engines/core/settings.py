"""What an administrator sets for all runtimes, by environment variables of the operator.

What only one engine reads is in a class of its own, which its registration names (`Settings.of`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

from fluid._version import __version__
from fluid.engines.core.runtime_policy import RuntimePolicy
from fluid.engines.core.variables import Image, read_settings, variable
from fluid.engines.core.volume_metadata import SETTING, Allowed
from fluid.models import LocalObjectReference

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

KUBELET = "/var/lib/kubelet"
"""Root directory of the kubelets, where nobody says another."""
OPERATOR_IMAGE = f"fluid-operator:{__version__}"
"""The image of operator and node plugin, where nobody says another."""
RUN_AFTER_OTHERS = "FLUID_RUN_AFTER_OTHER_NAMESPACES"
"""Variable that lets operations run after those of other namespaces."""
REFERENCES_FROM_ANYWHERE = "FLUID_REFERENCES_FROM_ANY_NAMESPACE"
"""Variable that lets Datasets refer to those of other namespaces without their consent."""
S = TypeVar("S", bound="DataclassInstance")
_PATH_PART = re.compile(r"[a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?")
_INIT_USERS = Image("registry.cn-hangzhou.aliyuncs.com/fluid/init-users", "v0.3.0-1467caa")


def _mount_root(path: str) -> str | None:
    trimmed = path.rstrip("/")
    parts = trimmed.split("/")
    valid = path.startswith("/") and len(parts) > 1 and all(_PATH_PART.fullmatch(part) for part in parts[1:])
    return trimmed if valid else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


@dataclass(frozen=True)
class Settings:
    """Settings for all runtimes; the defaults are those of an operator without any environment.

    Attributes:
        image_pull_secrets: Names of Secrets for pulling the images of data operations, and of the components
            of a runtime that names none.
        policies: The runtime policies of the namespace that is worked on; no environment says them.
        own: What engines have of their own, one object of each settings class; see `of`.
        runtime_types: Types of the runtimes whose engines are installed; mounts are below folders of these
            names.
    """

    mount_root: str = variable(
        "MOUNT_ROOT",
        "",
        "Directory of the node below which all mounts appear; empty for `/`.",
        read=_mount_root,
        installed="/runtime-mnt",
    )
    critical_fuse_pod: bool = variable(
        "CRITICAL_FUSE_POD",
        False,
        "Whether FUSE pods get the priority `system-node-critical`.",
        installed="true",
    )
    query_ufs_total: bool = variable(
        "QUERY_UFS_TOTAL", True, "Whether to add up the size of the sources.", installed="true"
    )
    check_ports: bool = variable(
        "INIT_PORT_CHECK_ENABLED", False, "Whether masters get an init container that reports taken ports."
    )
    init_image: Image = variable("DEFAULT_INIT_IMAGE_ENV", _INIT_USERS, "Image of that init container.")
    image_pull_secrets: tuple[str, ...] = variable(
        "IMAGE_PULL_SECRETS",
        (),
        "Names of Secrets for pulling images where a spec names none, separated by commas.",
        read=_names,
    )
    exclude_nodes: str = variable(
        "FLUID_SCHEDULE_INFO_EXCLUDE_NODE_SELECTOR",
        "",
        "Label selector of nodes that get no schedule labels.",
    )
    run_after_others: bool = variable(
        RUN_AFTER_OTHERS,
        False,
        "Whether operations may run after those of other namespaces, and tell of them.",
    )
    references_from_anywhere: bool = variable(
        REFERENCES_FROM_ANYWHERE,
        False,
        "Whether Datasets may refer to those of other namespaces that do not allow it; for a migration.",
    )
    restricted_fuse_labels: bool = variable(
        "RESTRICTED_FUSE_LABELS",
        False,
        "Whether FUSE pods of new runtimes come by a label that no node gives itself.",
    )
    volume_metadata: Allowed = variable(
        SETTING,
        Allowed(),
        "Labels and annotations that users may set on PersistentVolumes.",
        read=Allowed.read,
    )
    operator_image: str = variable(
        "FLUID_IMAGE",
        OPERATOR_IMAGE,
        "What operator and node plugin run, so that nodes have it; the operator's own Jobs use it too.",
    )
    kubelet: str = variable(
        "KUBELET_ROOTDIR",
        KUBELET,
        "Root directory of the kubelets, which no runtime policy can allow.",
        read=_mount_root,
    )
    policies: tuple[RuntimePolicy, ...] = ()
    own: "tuple[DataclassInstance, ...]" = ()
    runtime_types: tuple[str, ...] = ()

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str],
        own: "Iterable[type[DataclassInstance]]" = (),
        runtime_types: Iterable[str] = (),
    ) -> "Settings":
        """Read the settings; what is not set, or malformed, has its default.

        Args:
            environment: The variables.
            own: Settings classes of engines.
            runtime_types: Types of the runtimes whose engines are installed.
        """
        engines = tuple(read_settings(one, environment) for one in own)
        return replace(read_settings(cls, environment), own=engines, runtime_types=tuple(runtime_types))

    def of(self, kind: type[S]) -> S:
        """What an engine has of its own; the defaults if nobody read that class."""
        return next((one for one in self.own if isinstance(one, kind)), None) or kind()

    @property
    def images(self) -> frozenset[str]:
        """The images that the operator takes where nobody names one."""
        found = [getattr(one, part.name) for one in (self, *self.own) for part in fields(one)]
        return frozenset([self.operator_image, *(str(one) for one in found if isinstance(one, Image))])

    @property
    def mount_roots(self) -> tuple[str, ...]:
        """The directories of nodes below which all mounts appear."""
        return (self.mount_root,) if self.mount_root else tuple(f"/{one}" for one in self.runtime_types)

    @property
    def pull_secrets(self) -> list[LocalObjectReference]:
        """`image_pull_secrets` as pods have them."""
        return [LocalObjectReference(name=name) for name in self.image_pull_secrets]

    def under(self, policies: tuple[RuntimePolicy, ...]) -> "Settings":
        """The settings for a namespace with these policies, which may withhold the priority of FUSE pods."""
        critical = self.critical_fuse_pod and all(one.critical_pods for one in policies)
        return replace(self, policies=policies, critical_fuse_pod=critical)

    def host_path(self, runtime_type: str, namespace: str, name: str) -> str:
        """Directory of the node that a runtime's FUSE mount appears in."""
        return f"{self.mount_root}/{runtime_type}/{namespace}/{name}"
