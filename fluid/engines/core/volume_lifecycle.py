"""Creates and deletes the PersistentVolume and the claim that publish a cache."""

from collections.abc import Sequence
from datetime import datetime

from fluid.engines.core.plan import Plan
from fluid.engines.core.queries import ClaimUser, ClaimUsers, Results
from fluid.engines.core.snapshot import R, Snapshot
from fluid.models import PersistentVolume, PersistentVolumeClaim
from fluid.naming import CREATED_BY, CREATED_BY_FLUID, CSI_DRIVER, FUSE_GENERATION, VOLUME_MOUNT_TYPE
from fluid.types import Key
from fluid.types.time import remaining

SHOWN_USERS = 5
PROTECTION = "kubernetes.io/pvc-protection"
"""Finalizer by which Kubernetes keeps a claim for every pod that is there, also for one that has finished."""
PATIENCE = 3.0
"""Seconds that a claim in deletion gets before it is looked for pods that keep it."""
LONGEST = 600.0
"""Seconds between two such looks, at most: nothing tells that a pod of somebody else has finished."""
SHARE = 4
"""A look follows when a fourth of the time has passed for which somebody has waited already."""


def is_ours(claim: PersistentVolumeClaim) -> bool:
    """Whether Fluid made the claim; a user's claim of the same name is never touched."""
    return (claim.metadata.annotations or {}).get(CREATED_BY) == CREATED_BY_FLUID


def is_our_volume(volume: PersistentVolume) -> bool:
    """Whether Fluid made the volume, as its mark and its driver say; any other is never touched."""
    marked = (volume.metadata.annotations or {}).get(CREATED_BY) == CREATED_BY_FLUID
    csi = volume.spec.csi if volume.spec else None
    return marked and csi is not None and csi.driver == CSI_DRIVER


def name_users(users: Sequence[ClaimUser]) -> str:
    """The pods' names for a message, shortened."""
    names = ", ".join(user.name for user in users[:SHOWN_USERS])
    return names if len(users) <= SHOWN_USERS else f"{names} and {len(users) - SHOWN_USERS} more"


class Publication:
    """The volume steps of one pass."""

    def __init__(self, snapshot: Snapshot[R], results: Results, plan: Plan) -> None:
        self.volume: PersistentVolume | None = snapshot.volume
        self.claim: PersistentVolumeClaim | None = snapshot.claim
        self.key: Key = snapshot.runtime.key
        self.now: datetime = snapshot.now
        self.name_taken: bool = snapshot.volume_name_taken
        self.results = results
        self.plan = plan
        self.kept: str = ""
        self.readers: Sequence[ClaimUser] = ()

    def create_volume(self, volume: PersistentVolume) -> bool:
        """Make the volume; True once a claim can bind to it, which is then immediate."""
        if self.name_taken:
            message = (
                f"PersistentVolume {volume.name} belongs to another claim, or was not made by Fluid; "
                "delete it or rename this Dataset"
            )
            self.plan.wait("VolumeNameTaken", message, problem=True)
            return False
        live = self.volume
        if live is None:
            self.plan.create.append(volume)
            self.plan.wait("VolumeNotAvailable", f"PersistentVolume {volume.name} is being made")
            return False
        if (since := live.metadata.deletion_timestamp) is not None:
            return self._replace_terminating(live, since)
        phase = live.status.phase if live.status else None
        if phase in ("Released", "Failed"):
            self.plan.delete.append(live)
            self.plan.wait(
                "VolumeReleased", f"PersistentVolume {live.name} served an older claim and is replaced"
            )
            return False
        if phase not in ("Available", "Bound"):
            self.plan.wait("VolumeNotAvailable", f"PersistentVolume {live.name} is not Available yet")
            return False
        return True

    def create_claim(self, claim: PersistentVolumeClaim) -> bool:
        """Make the claim; True once it is Bound."""
        live = self.claim
        if live is None:
            self.plan.create.append(claim)
        elif not is_ours(live):
            message = (
                f"PersistentVolumeClaim {self.key} exists and was not made by Fluid; "
                f"delete it, or give Dataset and runtime another name"
            )
            self.plan.wait("ClaimNameTaken", message, problem=True)
            return False
        elif live.metadata.deletion_timestamp is not None:
            return self._replace_claim(live)
        elif (phase := live.status.phase if live.status else None) == "Bound":
            self._tell_generation(live, claim)
            return True
        elif phase == "Lost":
            self.plan.delete.append(live)  # a Lost claim never binds again
        self.plan.wait("ClaimNotBound", f"PersistentVolumeClaim {self.key} is not Bound yet")
        return False

    def _tell_generation(self, live: PersistentVolumeClaim, claim: PersistentVolumeClaim) -> None:
        """Brings the label up to date by which node plugins see that new FUSE pods would be others."""
        wanted = (claim.metadata.labels or {}).get(FUSE_GENERATION)
        if wanted and (live.metadata.labels or {}).get(FUSE_GENERATION) != wanted:
            self.plan.claim_labels = {FUSE_GENERATION: wanted}

    def outdated(self, volume: PersistentVolume, claim: PersistentVolumeClaim) -> str | None:
        """What the live volume keeps although the specs say otherwise by now; None when nothing."""
        if self.kept:
            return self.kept
        if self.volume is None or self.claim is None or not is_ours(self.claim):
            return None
        live, wanted = self.volume.spec, volume.spec
        kept = [
            name
            for name, before, after in (
                ("access modes", live and live.access_modes, wanted and wanted.access_modes),
                ("capacity", live and live.capacity, wanted and wanted.capacity),
                ("node affinity", live and live.node_affinity, wanted and wanted.node_affinity),
                ("mount type", _mount_type(self.volume), _mount_type(volume)),
            )
            if before != after
        ]
        if not kept:
            return None
        return (
            f"PersistentVolume {self.volume.name} keeps its {' and '.join(kept)}, which cannot be changed: "
            f"end the pods that use PersistentVolumeClaim {claim.key} and delete it, both are made anew"
        )

    @property
    def bound(self) -> bool:
        """Whether pods can use the claim."""
        claim = self.claim
        return (
            claim is not None
            and is_ours(claim)
            and claim.status is not None
            and claim.status.phase == "Bound"
        )

    def delete(self) -> bool:
        """Withdraw the claim, then the volume; True once both are gone."""
        if self.claim is not None and is_ours(self.claim):
            self._delete_claim(self.claim)
            return False
        if self.volume is not None:
            if self.volume.metadata.deletion_timestamp is None:
                self.plan.delete.append(self.volume)
            self.plan.wait("VolumeTerminating", f"PersistentVolume {self.volume.name} is being deleted")
            return False
        return True

    def _delete_claim(self, claim: PersistentVolumeClaim) -> None:
        if users := self._withdraw(claim):
            self.readers = users
            message = f"PersistentVolumeClaim {claim.key} is used by {name_users(users)}; delete these pods"
            self.plan.wait("ClaimInUse", message, problem=True)
        self.plan.wait("ClaimTerminating", f"PersistentVolumeClaim {claim.key} is being deleted")

    def _replace_claim(self, claim: PersistentVolumeClaim) -> bool:
        """Recreates a claim that was deleted by hand, once the pods that have it have ended."""
        self._withdraw(claim)
        self.kept = (
            f"PersistentVolumeClaim {claim.key} was deleted: it is made anew for other pods once those that"
            " use it have ended"
        )
        if not self.bound:
            self.plan.wait("ClaimTerminating", self.kept)
        return self.bound

    def _withdraw(self, claim: PersistentVolumeClaim) -> Sequence[ClaimUser]:
        """Delete a claim; the pods that keep it from going.

        It is let go although pods are there that have finished: nobody but a user deletes those.
        """
        since = claim.metadata.deletion_timestamp
        if since is None:
            self.plan.delete.append(claim)
            return ()
        age = (self.now - since).total_seconds()
        if left := remaining(PATIENCE, since, self.now):
            self.plan.wake_within(left)  # only a claim that does not go is worth a listing of pods
            return ()
        users = self._users(f"{claim.uid} deleted at {since.isoformat()}")
        if users:
            self.plan.wake_within(next_look(age))
        elif users is not None and PROTECTION in (claim.metadata.finalizers or ()):
            self.plan.remove_finalizers.append(claim)
        return users or ()

    def _replace_terminating(self, live: PersistentVolume, since: datetime) -> bool:
        """Replaces volume and claim after a volume was deleted by hand, as soon as no pod reads."""
        if self.claim is None or not is_ours(self.claim):
            self.plan.wait(
                "VolumeTerminating", f"PersistentVolume {live.name} is being deleted, then made again"
            )
            return False
        if self.claim.metadata.deletion_timestamp is not None:
            self._withdraw(self.claim)
        elif users := self._users():
            self.plan.wake_within(next_look((self.now - since).total_seconds()))
        elif users is not None:
            self.plan.delete.append(self.claim)
        self.plan.wait(
            "VolumeTerminating", f"PersistentVolume {live.name} was deleted; it is replaced when unused"
        )
        return False

    def _users(self, when: str = "") -> Sequence[ClaimUser] | None:
        query = ClaimUsers(self.key, when)
        self.plan.ask(query)
        return self.results.get(query)


def _mount_type(volume: PersistentVolume) -> str:
    csi = volume.spec.csi if volume.spec else None
    return ((csi.volume_attributes if csi else None) or {}).get(VOLUME_MOUNT_TYPE, "")


def next_look(waited: float) -> float:
    """Seconds until the users of a claim are looked for again; something has waited for them for so long."""
    return min(max(waited / SHARE, PATIENCE), LONGEST)
