"""What an object of each kind demands of nodes, as CEL expressions: `object` is what is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from fluid.engines.core.policy_check import BASELINE_CAPABILITIES, SYSTEM_PRIORITY
from fluid.engines.core.runtime_policy import TEMPLATE_FIELDS
from fluid.naming import FUSE_HOST_PID, RPC_PROTOCOL, WORKER_PRIVILEGED

_TRUE = "['true', '1', 't']"
IMAGES, PATHS, HOST_PID, HOST_NETWORK, PRIVILEGED, CRITICAL, OVERRIDDEN = (
    *("images", "paths", "hostPID", "hostNetwork", "privileged", "critical", "overridden"),
)
"""Variables by which a kind says what an object demands."""


@dataclass(frozen=True)
class Judged:
    """A kind that is judged.

    Attributes:
        plural: Its resource.
        variables: What an object of it demands, by name; a rule about anything else does not concern it.
        annotations: Annotations that demand something.
    """

    plural: str
    variables: Mapping[str, str]
    annotations: tuple[str, ...] = ()

    @property
    def changed(self) -> str:
        """Whether anything is written that is judged."""
        specs = "object.?spec.orValue({}) != oldObject.?spec.orValue({})"
        others = [f"{_annotation(one)} != {_annotation(one, 'oldObject')}" for one in self.annotations]
        return " || ".join(["request.operation == 'CREATE'", specs, *others])


def _annotation(name: str, of: str = "object") -> str:
    return f"{of}.metadata.?annotations[?'{name}'].orValue('').lowerAscii()"


def _volume_images(volumes: str) -> str:
    return f"{volumes}.filter(one, has(one.image)).map(one, one.image.?reference.orValue(''))"


def _volume_paths(volumes: str) -> str:
    return f"{volumes}.filter(one, has(one.hostPath)).map(one, one.hostPath.path)"


def _versioned(components: str) -> str:
    """Images of components that have repository and tag apart; a tag alone is judged by the operator."""
    tag = "(has(one.imageTag) && one.imageTag != '' ? ':' + one.imageTag : '')"
    return f"{components}.filter(one, has(one.image) && one.image != '').map(one, one.image + {tag})"


_VOLUMES = "object.?spec.?volumes.orValue([])"
_TIERS = (
    "object.?spec.?tieredstore.?levels.orValue([])"
    ".filter(one, has(one.path) && one.?volumeType.orValue('') != 'emptyDir').map(one, one.path)"
    ".join(',').split(',').map(one, one.trim()).filter(one, one != '')"
)
_COMPONENTS = "[?object.?spec.?fuse, ?object.?spec.?worker]"
_ON_HOST = (
    "(object.?spec.?{0}.?networkMode.orValue('') == 'HostNetwork'"
    " || object.?spec.?{0}.?networkMode.orValue('') == ''"
    " && object.?spec.?profileName.orValue('') == '')"
)
_SET = " + ".join(
    f"(variables.components.exists(one, has(one.{name})) ? ['{name}'] : [])" for name in TEMPLATE_FIELDS
)
_POD = "object.?spec.?processor.?job.?podSpec.orValue({})"
_SCRIPT = "[?object.?spec.?processor.?script]"
_SCRIPT_VOLUMES = "object.?spec.?processor.?script.?volumes.orValue([])"
_POD_VOLUMES = "variables.pod.?volumes.orValue([])"
_BASELINE = ", ".join(f"'{one}'" for one in BASELINE_CAPABILITIES)
_POWERS = (
    "variables.pod.?hostIPC.orValue(false) || variables.containers.exists(one,"
    " one.?securityContext.?privileged.orValue(false)"
    " || one.?securityContext.?procMount.orValue('Default') != 'Default'"
    f" || one.?securityContext.?capabilities.?add.orValue([]).exists(two, !(two in [{_BASELINE}])))"
)
_MOUNTS = "object.?spec.?mounts.orValue([])"
_LOCAL = f"{_MOUNTS}.filter(one, one.mountPoint.startsWith('local://')).map(one, one.mountPoint.substring(8))"
_HOST_VOLUME = "fluid.fuse.hostvolume"
_OPTIONS = f"({_MOUNTS}.filter(one, has(one.options)).map(one, one.options) + [?object.?spec.?sharedOptions])"
_HOST_VOLUMES = (
    f"{_OPTIONS}.filter(one, '{_HOST_VOLUME}' in one).map(one, one['{_HOST_VOLUME}'].split(':')[0])"
    ".filter(one, one != '')"
)

KINDS = (
    Judged("datasets", {PATHS: f"{_LOCAL} + {_HOST_VOLUMES}"}),
    Judged(
        "thinruntimes",
        {
            "components": _COMPONENTS,
            IMAGES: f"{_versioned('variables.components')} + {_volume_images(_VOLUMES)}",
            PATHS: f"{_volume_paths(_VOLUMES)} + {_TIERS}",
            HOST_PID: f"{_annotation(FUSE_HOST_PID)} in {_TRUE}",
            HOST_NETWORK: f"{_ON_HOST.format('fuse')} || object.?spec.?worker.?enabled.orValue(false)"
            f" && {_ON_HOST.format('worker')}",
            PRIVILEGED: f"{_annotation(WORKER_PRIVILEGED)} in {_TRUE}",
            OVERRIDDEN: f"{_SET} + (has(object.spec) && has(object.spec.volumes) ? ['volumes'] : [])",
        },
        (FUSE_HOST_PID, WORKER_PRIVILEGED),
    ),
    Judged(
        "jindoruntimes",
        {
            IMAGES: f"{_versioned('[?object.?spec.?jindoVersion, ?object.?spec.?fuse]')}"
            f" + {_volume_images(_VOLUMES)}",
            PATHS: f"{_volume_paths(_VOLUMES)} + {_TIERS}",
            HOST_PID: f"{_annotation(FUSE_HOST_PID)} in {_TRUE}",
            HOST_NETWORK: "object.?spec.?networkmode.orValue('') != 'ContainerNetwork'",
            PRIVILEGED: f"{_annotation(RPC_PROTOCOL)} == 'rdma'",
        },
        (FUSE_HOST_PID, RPC_PROTOCOL),
    ),
    Judged("dataloads", {IMAGES: "[?object.?spec.?options[?'image']].filter(one, one != '')"}),
    Judged(
        "dataprocesses",
        {
            "pod": _POD,
            "containers": "variables.pod.?containers.orValue([]) + variables.pod.?initContainers.orValue([])",
            IMAGES: f"{_versioned(_SCRIPT)} + variables.containers.map(one, one.?image.orValue(''))"
            f" + {_volume_images(_SCRIPT_VOLUMES)} + {_volume_images(_POD_VOLUMES)}",
            PATHS: f"{_volume_paths(_SCRIPT_VOLUMES)} + {_volume_paths(_POD_VOLUMES)}",
            HOST_PID: "variables.pod.?hostPID.orValue(false)",
            HOST_NETWORK: "variables.pod.?hostNetwork.orValue(false)",
            PRIVILEGED: _POWERS,
            CRITICAL: f"variables.pod.?priorityClassName.orValue('').startsWith('{SYSTEM_PRIORITY}')",
        },
    ),
)
"""All kinds by which a user can demand something of nodes, and what each can."""
