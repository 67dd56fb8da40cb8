"""The rules of the runtime policies as CEL expressions over what is demanded (`fluid.operator.demands`).

What a policy allows stands in variables. A test asks an API server and the operator's own judgement about the
same objects (`tests/plane/test_runtime_policy.py`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fluid.engines.core.demands import (
    CRITICAL,
    HOST_NETWORK,
    HOST_PID,
    IMAGES,
    OVERRIDDEN,
    PATHS,
    PRIVILEGED,
)
from fluid.engines.core.runtime_policy import RuntimePolicy
from fluid.operator.demands import Judged
from fluid.types import Resource


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


def _says(what: str) -> str:
    return f"'runtime policy ' + variables.policy + ' does not allow ' + {what}"


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
_ALLOWED_LIST = "(size({0}) == 0 ? 'none' : {0}.join(', '))"

_RULES = (
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
        holds="variables.allowsCritical || size(variables.critical) == 0",
        told=_says("'priority class ' + variables.critical[0]"),
        message="the runtime policy of this namespace does not allow a priority class of the system",
    ),
)
"""The rules that are the same for all kinds."""


def rules_for(kind: Judged) -> list[Rule]:
    """All rules about what objects of a kind can demand."""
    profiled = _about_profiles(kind.resource.kind, kind.profile) if kind.profile else []
    return [one for one in (*_RULES, *profiled) if one.needs in kind.demands.variables]


def _about_profiles(kind: str, profile: Resource) -> list[Rule]:
    """The rules of policies that require a profile."""
    can_use = (
        f"authorizer.group('{profile.group}').resource('{profile.plural}')"
        ".name(object.spec.profileName).check('use').allowed()"
    )
    return [
        Rule(
            needs=OVERRIDDEN,
            holds="!variables.requiresProfile || object.?spec.?profileName.orValue('') != ''",
            told=_says(f"'a {kind} without spec.profileName'"),
            message="the runtime policy of this namespace requires a profile",
        ),
        Rule(
            needs=OVERRIDDEN,
            variables={
                "wrongOverrides": "!variables.requiresProfile ? []"
                " : variables.overridden.filter(one, !(one in variables.overrides))",
            },
            holds="size(variables.wrongOverrides) == 0",
            told=_says(f"variables.wrongOverrides[0] + ' in a {kind}; the profile decides'"),
            message="the runtime policy of this namespace leaves that to the profile",
        ),
        Rule(
            needs=OVERRIDDEN,
            holds=f"!variables.requiresProfile || object.?spec.?profileName.orValue('') == '' || {can_use}",
            told=_says(
                f"'{profile.kind} ' + object.spec.profileName + ' to ' + request.userInfo.username"
                " + ', who needs the verb use on it'"
            ),
            message="the runtime policy of this namespace requires the verb use on the profile",
        ),
    ]
