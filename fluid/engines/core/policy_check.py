"""Whether pods keep to the runtime policies of their namespace: judged as they are sent, whoever wrote it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from fluid.engines.core.errors import InvalidSpec, NamedObject
from fluid.engines.core.runtime_policy import RuntimePolicy, is_plain
from fluid.engines.core.settings import Settings
from fluid.models import Container, CronJob, DaemonSet, Job, PodSpec, StatefulSet
from fluid.types import KubeObject

REFUSED_BY_POLICY = "RefusedByPolicy"
"""Reason, and condition of a runtime: a runtime policy does not allow what its pods would demand."""
BASELINE_CAPABILITIES = (
    *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
    *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
)
"""What Pod Security's level `baseline` lets a container add."""
SYSTEM_PRIORITY = "system-"
"""Beginning of the names of priority classes that are Kubernetes' own."""
FUSE_DEVICE = "/dev/fuse"
_NEVER = ", what holds them and paths with detours never are"
_SHOWN, _LONGEST = 4, 200
_PINS = frozenset(":@")
"""Signs behind an image's name that say which one of it is meant."""


class RefusedByPolicy(InvalidSpec):
    """A runtime policy does not allow something; nothing happens until spec or policy change."""

    def __init__(self, about: NamedObject, violations: Sequence[str]) -> None:
        super().__init__(about, "", "; ".join(violations), "Change that, or ask who administers the policy")
        self.reason: str = REFUSED_BY_POLICY


@dataclass(frozen=True, slots=True)
class Allowances:
    """What the operator itself brings into the pods of a runtime or an operation; it needs no permission.

    Attributes:
        images: Those that the administrator chose for everybody.
        host_paths: Directories of nodes that the pods could not do without.
    """

    images: frozenset[str] = frozenset()
    host_paths: frozenset[str] = field(default_factory=frozenset[str])

    @classmethod
    def by(cls, settings: Settings, *host_paths: str) -> "Allowances":
        """What some settings give, and these directories."""
        return cls(settings.images, frozenset(host_paths))


@dataclass(frozen=True, slots=True)
class EffectivePod:
    """The pods that one workload makes.

    Attributes:
        what: The workload, such as ``DaemonSet images-fuse``.
        spec: What its pods are made from.
        fuse: Whether they mount: such pods have to be privileged.
    """

    what: str
    spec: PodSpec
    fuse: bool = False


def reserved_paths(settings: Settings) -> tuple[str, ...]:
    """Directories that no policy can allow, with all above and below: the kubelet's, and of all mounts."""
    return (settings.kubelet, *settings.mount_roots)


def effective_pods(objects: Sequence[KubeObject]) -> list[EffectivePod]:
    """What the workloads among some objects make."""
    found: list[EffectivePod] = []
    for item in objects:
        template = None
        if isinstance(item, StatefulSet | DaemonSet | Job):
            template = item.spec.template if item.spec else None
        elif isinstance(item, CronJob):
            job = item.spec.job_template.spec if item.spec else None
            template = job.template if job else None
        if template is not None and template.spec is not None:
            what = f"{item.resource.kind} {item.name}"
            found.append(EffectivePod(what, template.spec, fuse=isinstance(item, DaemonSet)))
    return found


def refuse_forbidden(
    about: NamedObject,
    objects: Sequence[KubeObject],
    settings: Settings,
    allowances: Allowances,
    more: Sequence[str] = (),
) -> None:
    """Judge everything that is to be made for a runtime or an operation.

    Args:
        about: What it is made for, such as ``MyCacheRuntime default/images``.
        objects: The objects.
        settings: What the administrator set, with the policies of the namespace.
        allowances: What the operator itself brings in.
        more: Violations that were found elsewhere.

    Raises:
        RefusedByPolicy: A policy does not allow it; the message has the rule's words.
    """
    if not settings.policies:
        return
    found = [*more]
    for pod in effective_pods(objects):
        found += [f"{pod.what}: {one}" for one in judge(pod, settings, allowances)]
    if found:
        shown = found[:_SHOWN]
        left = len(found) - len(shown)
        raise RefusedByPolicy(about, [*shown, f"and {left} more"] if left else shown)


def judge(pod: EffectivePod, settings: Settings, allowances: Allowances) -> Iterator[str]:
    """What some pods demand that a policy of their namespace does not allow, a sentence each."""
    for policy in settings.policies:
        yield from _images(pod, policy, allowances)
        yield from _host_paths(pod, policy, reserved_paths(settings), allowances)
        yield from _powers(pod, policy)


def disallowed(policy: RuntimePolicy, what: str) -> str:
    """The words of a rule; those of the admission policies are the same."""
    return f"runtime policy {policy.name} does not allow {what}"


def image_is_allowed(image: str, entries: Sequence[str]) -> bool:
    """Whether an image is one of these, a version of one, or below one that ends with a slash."""
    return any(_is_of(image, entry) for entry in entries)


def path_is_below(path: str, parents: Sequence[str]) -> bool:
    """Whether a path is one of these or below one."""
    return any(parent in ("/", path) or path.startswith(f"{parent}/") for parent in parents)


def _is_of(image: str, entry: str) -> bool:
    if entry.endswith("/"):
        return image.startswith(entry)
    if image == entry or not _PINS.isdisjoint(entry.rpartition("/")[2]):
        return image == entry
    rest = image.removeprefix(entry)
    return rest != image and rest[:1] in (":", "@") and "/" not in rest


def _images(pod: EffectivePod, policy: RuntimePolicy, allowances: Allowances) -> Iterator[str]:
    entries = policy.allowed_images
    if entries is None:
        return
    named = [one.image or "" for one in _containers(pod.spec)]
    named += [one.image.reference or "" for one in pod.spec.volumes or () if one.image]
    for image in dict.fromkeys(named):
        if image not in allowances.images and not image_is_allowed(image, entries):
            yield disallowed(policy, f"image {_text(image)}; allowed are {_listed(entries)}")


def _host_paths(
    pod: EffectivePod, policy: RuntimePolicy, reserved: Sequence[str], allowances: Allowances
) -> Iterator[str]:
    named = [one.host_path.path for one in pod.spec.volumes or () if one.host_path]
    for spelling in dict.fromkeys(named):
        path = spelling.rstrip("/") or "/"
        if path in allowances.host_paths:
            continue
        if not is_plain(spelling) or path == "/" or _meets(path, reserved):
            never = f"/, {', '.join(reserved)}"
            yield disallowed(policy, f"host path {_text(spelling)}; {never}{_NEVER}")
        elif policy.allowed_host_paths is not None and not path_is_below(path, policy.allowed_host_paths):
            allowed = _listed(policy.allowed_host_paths)
            yield disallowed(policy, f"host path {_text(spelling)}; allowed are {allowed}")


def _meets(path: str, reserved: Sequence[str]) -> bool:
    return any(path_is_below(path, [one]) or path_is_below(one, [path]) for one in reserved)


def _powers(pod: EffectivePod, policy: RuntimePolicy) -> Iterator[str]:
    spec = pod.spec
    if spec.host_pid and not policy.host_pid:
        yield disallowed(policy, "hostPID")
    if spec.host_network and not policy.host_network:
        yield disallowed(policy, "hostNetwork; the network mode ContainerNetwork is")
    if not policy.privileged and not pod.fuse and _is_privileged(spec):
        yield disallowed(policy, "privileged containers, hostIPC and capabilities beyond the level baseline")
    if not policy.critical_pods and (spec.priority_class_name or "").startswith(SYSTEM_PRIORITY):
        yield disallowed(policy, f"priority class {_text(spec.priority_class_name or '')}")


def _is_privileged(spec: PodSpec) -> bool:
    return bool(spec.host_ipc) or any(map(_has_powers, _containers(spec)))


def _has_powers(container: Container) -> bool:
    context = container.security_context
    if context is None:
        return False
    added = (context.capabilities.add if context.capabilities else None) or ()
    unmasked = context.proc_mount not in (None, "", "Default")
    return bool(context.privileged) or unmasked or not {*added} <= {*BASELINE_CAPABILITIES}


def _containers(spec: PodSpec) -> list[Container]:
    return [*spec.containers, *(spec.init_containers or ())]


def _listed(entries: Sequence[str]) -> str:
    return _text(", ".join(islice(entries, 8)) + (", ..." if len(entries) > 8 else "") or "none")


def _text(text: str) -> str:
    """A text of a user's, short and without line breaks."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in shown)
