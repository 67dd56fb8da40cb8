"""Finding out what engines ask: one request or a few for each query; never raises."""

import anyio
import structlog

from fluid.controllers.claim_readers import PodLists, serves
from fluid.controllers.result_cache import ResultCache
from fluid.engines.core.queries import (
    UNKNOWN_USER,
    ClaimUser,
    ClaimUsers,
    ClaimVolume,
    Exec,
    FailedCreate,
    Query,
    ReadClaim,
    ReadConfigMap,
)
from fluid.kube import Connection, ExecResult, KubeError, Malformed
from fluid.models import ConfigMap, PersistentVolume, PersistentVolumeClaim, Pod, PolicyRule
from fluid.types import Key

RULES = (
    PolicyRule(api_groups=[""], resources=["pods/exec"], verbs=["get", "create"]),
    PolicyRule(api_groups=[""], resources=["configmaps"], verbs=["get"]),
    PolicyRule(api_groups=[""], resources=["pods"], verbs=["list"]),
    PolicyRule(api_groups=[""], resources=["persistentvolumes", "persistentvolumeclaims"], verbs=["get"]),
)
FINISHED = ("Succeeded", "Failed")
LONGEST = 600.0
"""Seconds that any query may take, whatever its engine says."""
_KEPT = 4096
"""Characters that are kept of what is only shown to people: of a failure, and beside an answer."""
log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class QueryExecutor:
    """Results queries.

    Args:
        connection: to the API server.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pods = PodLists(connection)

    async def answer(self, query: Query, result_cache: ResultCache) -> None:
        """Find out, and write it down; a failure is an answer too, and so is that it took too long."""
        match query:
            case Exec():
                result_cache.commands[query] = await self._execute(query)
            case ReadConfigMap():
                result_cache.config_maps[query] = await self._read(query)
            case ClaimUsers():
                result_cache.claim_users[query] = await self._users(query)
            case ReadClaim():
                result_cache.claim_volumes[query] = await self._volume(query)
            case FailedCreate():
                raise AssertionError("what lasts is looked into by `FailedCreates`")

    async def _execute(self, query: Exec) -> ExecResult:
        try:
            seconds = min(query.timeout, LONGEST)
            said = await self._connection.exec(
                query.pod, query.container, query.command, timeout=seconds, limit=query.limit
            )
            stdout = said.stdout if said.exit_code == 0 else said.stdout[:_KEPT]
            return ExecResult(said.exit_code, stdout, said.stderr[:_KEPT])
        except Exception as error:  # noqa: BLE001 - see `_tell`
            _tell("command failed", error, pod=str(query.pod), command=query.command)
            return ExecResult(exit_code=-1, stdout="", stderr=str(error) or type(error).__name__)

    async def _read(self, query: ReadConfigMap) -> frozenset[str] | None:
        try:
            found = await self._connection.api(ConfigMap).find(query.key)
        except Exception as error:  # noqa: BLE001 - see `_tell`
            _tell("cannot read ConfigMap", error, config_map=str(query.key))
            return None
        return frozenset(found.data or ()) if found else None

    async def _volume(self, query: ReadClaim) -> ClaimVolume | None:
        try:
            claim = await self._connection.api(PersistentVolumeClaim).find(query.key)
            name = claim.spec.volume_name if claim and claim.spec else None
            if claim is None or not name or claim.status is None or claim.status.phase != "Bound":
                return None
            volume = await self._connection.api(PersistentVolume).find(Key("", name))
        except Exception as error:  # noqa: BLE001 - see `_tell`
            _tell("claim cannot be read", error, claim=str(query.key))
            return None
        if volume is None or volume.spec is None or not _is_reserved(volume, claim):
            return None
        return ClaimVolume(volume.spec.csi, mount_options(volume))

    async def _users(self, query: ClaimUsers) -> tuple[ClaimUser, ...]:
        try:
            with anyio.fail_after(LONGEST):
                pods = await self._pods.of(query.key.namespace)
        except Exception as error:  # noqa: BLE001 - see `_tell`
            _tell("cannot list pods", error, namespace=query.key.namespace)
            return (UNKNOWN_USER,)
        return tuple(
            ClaimUser(pod.name, (pod.spec.node_name if pod.spec else None) or "")
            for pod in pods
            if uses_claim(pod, query.key.name)
        )


def _tell(what: str, error: Exception, **about: object) -> None:
    """Logs a query that failed, whatever went wrong: it must end neither the others nor the process.

    A traceback is for faults of the program; an API server's answer speaks for itself.
    """
    expected = isinstance(error, KubeError | Malformed)
    log.warning(what, error=str(error), exc_info=None if expected else error, **about)


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
