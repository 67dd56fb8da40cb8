"""How the queries are answered that every engine may ask: one request or a few for each."""

from collections.abc import Sequence

from fluid.controllers.claim_readers import PodLists, serves
from fluid.engines.core.pod_diagnostics import reason_of
from fluid.engines.core.pod_pages import HttpAnswer, HttpGet
from fluid.engines.core.queries import (
    ClaimUser,
    ClaimUsers,
    ClaimVolume,
    Exec,
    FailedCreate,
    ReadClaim,
    ReadConfigMap,
)
from fluid.engines.core.query import LONGEST, QueryKind
from fluid.kube import Connection, ExecResult, PodHttp, Unavailable
from fluid.models import ConfigMap, Event, PersistentVolume, PersistentVolumeClaim, Pod, PolicyRule
from fluid.types import Key

EVENT_RULES = (PolicyRule(api_groups=[""], resources=["events"], verbs=["list"]),)
"""What it takes to read why there are no pods."""
FINISHED = ("Succeeded", "Failed")
MOST = 500
"""Events that are read of a workload; Kubernetes writes far fewer, as it counts repeats in one event."""
_KEPT = 4096
"""Characters that are kept of what is only shown to people: of a failure, and beside an answer."""


def shared_kinds(pages: PodHttp | None = None) -> Sequence[QueryKind]:
    """The kinds of query that Fluid brings, for one process: its queries for users of claims share lists.

    Args:
        pages: Reads pages of pods; None for one that refuses all addresses that pods do not have.
    """

    def may(resource: str, *verbs: str) -> PolicyRule:
        return PolicyRule(api_groups=[""], resources=[resource], verbs=[*verbs])

    return (
        Exec.answered_by(_execute, [may("pods/exec", "get", "create")]),
        ReadConfigMap.answered_by(_config_map, [may("configmaps", "get")]),
        ClaimUsers.answered_by(_Users().of, [may("pods", "list")]),
        ReadClaim.answered_by(
            _volume, [may("persistentvolumeclaims", "get"), may("persistentvolumes", "get")]
        ),
        FailedCreate.answered_by(_refusal, EVENT_RULES),
        HttpGet.answered_by(_Pages(pages).of),  # no rights: the pods are watched anyway
    )


async def _execute(connection: Connection, query: Exec) -> ExecResult:
    seconds = min(query.timeout, LONGEST)
    said = await connection.exec(
        query.pod, query.container, query.command, timeout=seconds, limit=query.limit
    )
    stdout = said.stdout if said.exit_code == 0 else said.stdout[:_KEPT]
    return ExecResult(said.exit_code, stdout, said.stderr[:_KEPT])


async def _config_map(connection: Connection, query: ReadConfigMap) -> frozenset[str] | None:
    found = await connection.api(ConfigMap).find(query.key)
    return frozenset(found.data or ()) if found else None


async def _volume(connection: Connection, query: ReadClaim) -> ClaimVolume | None:
    claim = await connection.api(PersistentVolumeClaim).find(query.key)
    name = claim.spec.volume_name if claim and claim.spec else None
    if claim is None or not name or claim.status is None or claim.status.phase != "Bound":
        return None
    volume = await connection.api(PersistentVolume).find(Key("", name))
    if volume is None or volume.spec is None or not _is_reserved(volume, claim):
        return None
    return ClaimVolume(volume.spec.csi, mount_options(volume))


async def _refusal(connection: Connection, query: FailedCreate) -> str:
    events = await connection.api(Event).list(
        namespace=query.namespace, fields=f"involvedObject.uid={query.uid}", most=MOST
    )
    return reason_of(events, query.workload)


class _Pages:
    """Reads pages of pods."""

    def __init__(self, pages: PodHttp | None) -> None:
        self._pages = pages

    async def of(self, _: Connection, query: HttpGet) -> HttpAnswer:
        """The lines of a page that are wanted."""
        self._pages = self._pages or PodHttp()
        try:
            page = await self._pages.get(query.address, query.port, query.path, deadline=query.timeout)
        except Unavailable as error:  # a pod that does not serve is nothing to log: the Dataset says it
            return query.unanswered(error.message[:_KEPT])
        text = "\n".join(line for line in page.split("\n") if line.startswith(query.lines or ""))
        if len(text) > query.limit:
            return query.unanswered(f"GET :{query.port}{query.path}: more than {query.limit} characters")
        return HttpAnswer(text)


class _Users:
    """Finds the users of claims; all who ask share lists."""

    def __init__(self) -> None:
        self._pods: PodLists | None = None

    async def of(self, connection: Connection, query: ClaimUsers) -> tuple[ClaimUser, ...]:
        """The pods that use a claim."""
        self._pods = self._pods or PodLists(connection)
        return tuple(
            ClaimUser(pod.name, (pod.spec.node_name if pod.spec else None) or "", pod.uid)
            for pod in await self._pods.of(query.namespace)
            if uses_claim(pod, query.key.name)
        )


def uses_claim(pod: Pod, claim: str) -> bool:
    """Whether a pod that has not finished mounts the claim; not one of the claim's own runtime."""
    if (pod.status and pod.status.phase in FINISHED) or serves(pod.metadata.labels or {}, claim):
        return False
    volumes = (pod.spec.volumes if pod.spec else None) or ()
    return any(
        volume.persistent_volume_claim is not None and volume.persistent_volume_claim.claim_name == claim
        for volume in volumes
    )


def _is_reserved(volume: PersistentVolume, claim: PersistentVolumeClaim) -> bool:
    """Whether a volume, too, says that it belongs to the claim: a claim says what its user wrote."""
    reference = volume.spec.claim_ref if volume.spec else None
    if reference is None or (reference.namespace, reference.name) != claim.key:
        return False
    return not reference.uid or reference.uid == claim.uid


def mount_options(volume: PersistentVolume) -> tuple[str, ...]:
    """How a volume wants to be mounted, by its spec, else by the annotation that was there before."""
    if volume.spec and volume.spec.mount_options:
        return tuple(volume.spec.mount_options)
    noted = (volume.metadata.annotations or {}).get("volume.beta.kubernetes.io/mount-options", "")
    return tuple(option for option in noted.split(",") if option)
