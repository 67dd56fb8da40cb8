"""The CEL expressions of the runtime policies: what each kind can name, and what each rule says of it.

`object` is what is written; what a policy allows stands in variables, too. A test asks an API server and the
operator's own judgement about the same objects (`tests/plane/test_runtime_policy.py`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fluid.engines.judging import BASELINE_CAPABILITIES, SYSTEM_PRIORITY
from fluid.engines.runtime_policy import TEMPLATE_FIELDS, RuntimePolicy
from fluid.naming import FUSE_HOST_PID, GROUP, RPC_PROTOCOL, WORKER_PRIVILEGED

_TRUE = "['true', '1', 't']"
IMAGES, PATHS, HOST_PID, HOST_NETWORK, PRIVILEGED, CRITICAL, OVERRIDDEN = (
    *("images", "paths", "hostPID", "hostNetwork", "privileged", "critical", "overridden"),
)
"""Variables by which a kind says what an object demands."""


def settings_of(policy: RuntimePolicy, images: Iterable[str], reserved: Iterable[str]) -> dict[str, str]:
    """What a policy says, as variables.

    Args:
        policy: The policy.
        images: Those that the operator itself brings in.
        reserved: Directories that no policy can allow.
    """
    return {
        "policy": _literal(policy.name),
        "requiresProfile": _literal(policy.required_profile),
        "overrides": _literal(policy.profile_overrides),
        "limitsImages": _literal(policy.allowed_images is not None),
        "allowedImages": _literal(policy.allowed_images or []),
        "ownImages": _literal(sorted(images)),
        "limitsPaths": _literal(policy.allowed_host_paths is not None),
        "allowedPaths": _literal(policy.allowed_host_paths or []),
        "reserved": _literal([*reserved]),
        "allowsHostPID": _literal(policy.host_pid),
        "allowsHostNetwork": _literal(policy.host_network),
        "allowsPrivileged": _literal(policy.privileged),
        "allowsCritical": _literal(policy.critical_pods),
    }


def _literal(value: str | bool | list[str]) -> str:
    """A value as CEL spells it, which is as JSON does."""
    return json.dumps(value, ensure_ascii=False)


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


@dataclass(frozen=True)
class Rule:
    """A rule of a policy.

    Attributes:
        needs: The variable of a kind that it speaks of.
        holds: Whether the object keeps to it.
        told: What is told else; the operator says the same (`disallowed`).
        message: What is told where that cannot be said.
        variables: Further ones.
    """

    needs: str
    holds: str
    told: str
    message: str
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


def _annotation(name: str, of: str = "object") -> str:
    return f"{of}.metadata.?annotations[?'{name}'].orValue('').lowerAscii()"


def _says(what: str) -> str:
    return f"'runtime policy ' + variables.policy + ' does not allow ' + {what}"


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

_PINNED = "one.substring(one.lastIndexOf('/') + 1).matches('[:@]')"
_IS_OF = (
    "(one.endsWith('/') ? image.startsWith(one) : image == one || !"
    f"{_PINNED} && (image.startsWith(one + ':') || image.startsWith(one + '@'))"
    " && !image.substring(size(one)).contains('/'))"
)
_PLAIN = "(one.spelling.matches('^(/|(/[^/\\\\s]+)+/?)$') && !one.spelling.matches('(^|/)[.][.]?(/|$)'))"
_MEETS = (
    "variables.reserved.exists(two, one.path == two || one.path.startsWith(two + '/')"
    " || two.startsWith(one.path + '/'))"
)
_TRIMMED = (
    "variables.paths.map(one, {'spelling': one,"
    " 'path': size(one) > 1 && one.endsWith('/') ? one.substring(0, size(one) - 1) : one})"
)
_CAN_USE = (
    f"authorizer.group('{GROUP}').resource('thinruntimeprofiles')"
    ".name(object.spec.profileName).check('use').allowed()"
)
_ALLOWED_LIST = "(size({0}) == 0 ? 'none' : {0}.join(', '))"

RULES = (
    Rule(
        needs=IMAGES,
        variables={
            "strangeImages": "variables.limitsImages ? variables.images.filter(image,"
            f" !(image in variables.ownImages) && !variables.allowedImages.exists(one, {_IS_OF})) : []",
        },
        holds="size(variables.strangeImages) == 0",
        told=_says(
            "'image ' + variables.strangeImages[0] + '; allowed are ' + "
            + _ALLOWED_LIST.format("variables.allowedImages")
        ),
        message="the runtime policy of this namespace does not allow an image",
    ),
    Rule(
        needs=PATHS,
        variables={
            "spelled": _TRIMMED,
            "neverPaths": f"variables.spelled.filter(one, !{_PLAIN} || one.path == '/' || {_MEETS})",
        },
        holds="size(variables.neverPaths) == 0",
        told=_says(
            "'host path ' + variables.neverPaths[0].spelling + '; /, ' + variables.reserved.join(', ')"
            " + ', what holds them and paths with detours never are'"
        ),
        message="no runtime policy allows /, the kubelet's directory or that of all mounts",
    ),
    Rule(
        needs=PATHS,
        variables={
            "strangePaths": "variables.limitsPaths ? variables.spelled.filter(one,"
            " !variables.allowedPaths.exists(two, two == '/' || one.path == two"
            " || one.path.startsWith(two + '/'))) : []",
        },
        holds="size(variables.strangePaths) == 0",
        told=_says(
            "'host path ' + variables.strangePaths[0].spelling + '; allowed are ' + "
            + _ALLOWED_LIST.format("variables.allowedPaths")
        ),
        message="the runtime policy of this namespace does not allow a host path",
    ),
    Rule(
        needs=HOST_PID,
        holds="variables.allowsHostPID || !variables.hostPID",
        told=_says("'hostPID'"),
        message="the runtime policy of this namespace does not allow hostPID",
    ),
    Rule(
        needs=HOST_NETWORK,
        holds="variables.allowsHostNetwork || !variables.hostNetwork",
        told=_says("'hostNetwork; the network mode ContainerNetwork is'"),
        message="the runtime policy of this namespace does not allow hostNetwork",
    ),
    Rule(
        needs=PRIVILEGED,
        holds="variables.allowsPrivileged || !variables.privileged",
        told=_says("'privileged containers, hostIPC and capabilities beyond the level baseline'"),
        message="the runtime policy of this namespace does not allow privileged containers",
    ),
    Rule(
        needs=CRITICAL,
        holds="variables.allowsCritical || !variables.critical",
        told=_says("'priority class ' + variables.pod.priorityClassName"),
        message="the runtime policy of this namespace does not allow a priority class of the system",
    ),
    Rule(
        needs=OVERRIDDEN,
        holds="!variables.requiresProfile || object.?spec.?profileName.orValue('') != ''",
        told=_says("'a ThinRuntime without spec.profileName'"),
        message="the runtime policy of this namespace requires a profile",
    ),
    Rule(
        needs=OVERRIDDEN,
        variables={
            "wrongOverrides": "!variables.requiresProfile ? []"
            " : variables.overridden.filter(one, !(one in variables.overrides))",
        },
        holds="size(variables.wrongOverrides) == 0",
        told=_says("variables.wrongOverrides[0] + ' in a ThinRuntime; the profile decides'"),
        message="the runtime policy of this namespace leaves that to the profile",
    ),
    Rule(
        needs=OVERRIDDEN,
        holds=f"!variables.requiresProfile || object.?spec.?profileName.orValue('') == '' || {_CAN_USE}",
        told=_says(
            "'ThinRuntimeProfile ' + object.spec.profileName + ' to ' + request.userInfo.username"
            " + ', who needs the verb use on it'"
        ),
        message="the runtime policy of this namespace requires the verb use on the profile",
    ),
)
"""All rules, each for the kinds that can demand what it is about."""
