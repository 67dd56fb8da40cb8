"""Names that Fluid puts on the wire: labels, annotations, finalizers and volume names.

Everything is a pure function of a Dataset's namespace, name and UID. The joined spelling
``<namespace>-<name>`` is ambiguous (``a/b-c`` and ``a-b/c`` share it), so it belongs to its first holder; a
later Dataset falls back to its UID everywhere. Who holds it is decided once and recorded in the label
``fluid.io/dataset-id``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

GROUP = "data.fluid.io"
VERSION = "v1alpha1"

# Labels
DATASET_ID = "fluid.io/dataset-id"
MANAGED_BY = "fluid.io/managed-by"
DATASET_COUNT = "fluid.io/dataset-num"
EXCLUSIVE = "fluid_exclusive"
WORKER_DATASET = "fluid.io/dataset"
WORKER_PLACEMENT = "fluid.io/dataset-placement"
REFERRING_NAME = "fluid.io/dataset.referring-name"
REFERRING_NAMESPACE = "fluid.io/dataset.referring-namespace"
NODE_PUBLISH_METHOD = "fluid.io/node-publish-method"
JOB_POLICY = "fluid.io/jobPolicy"
FUSE_GENERATION = "fuse.runtime.fluid.io/generation"
"""Of FUSE pods and of claims: what the pods were made from, and what new ones would be made from."""

# Annotations
CREATED_BY = "CreatedBy"
CREATED_BY_FLUID = "fluid"
STORAGE_CAPACITY = "pvc.fluid.io/resources.requests.storage"
SKIP_CHECK_MOUNT_READY = "fluid.io/skip-check-mount-ready-target"
RPC_PROTOCOL = "fluid.io/runtime-rpc-protocol"
FUSE_HOST_PID = "runtime.fluid.io/fuse.hostpid"
WORKER_PRIVILEGED = "runtime.fluid.io/worker.privileged"
METADATA_LIST = "data.fluid.io/metadataList"
FUSE_SCRAPE = "prometheus.fuse.fluid.io/scrape"
ISTIO_INJECT = "sidecar.istio.io/inject"
CONTROLLER_REPLICAS = "controller.runtime.fluid.io/replicas"
DATAFLOW_INJECT = "affinity.dataflow.fluid.io/inject"
DATAFLOW_LABELS = "affinity.dataflow.fluid.io/labels"
DESIRED_HASH = "data.fluid.io/desired-hash"
ALLOCATED_PORTS = "data.fluid.io/ports"
MOUNTS_REVISION = "data.fluid.io/mounts-revision"
PROGRESS_FROM = "data.fluid.io/progress-from"
"""On pods of Jobs: the container whose last line is the progress of the operation."""
ACCEPTED_WORDS = "data.fluid.io/accepted-words"
"""On a values ConfigMap: digests of the words that mean nothing and with which its runtime is Bound."""
ALLOWED_NAMESPACES = "data.fluid.io/allowed-reference-namespaces"
"""On a Dataset: the namespaces whose Datasets may refer to it, separated by commas; "*" stands for all."""
ACCEPTED_OPTIONS = "data.fluid.io/accepted-options"
"""On a profile: beginnings of options that its image reads although they are another cache's."""

_LONGEST_LIST = 4096
"""Characters of that annotation that are read."""

# Labels of nodes that bring FUSE pods
FUSE_PREFIX = "fluid.io/f-"
"""What the node plugin sets on its own node, and may set there."""
_RESTRICTED_FUSE_PREFIX = "node-restriction.kubernetes.io/fluid-f-"
"""What no node can set on itself: the operator does, if FUSE pods come by it."""

# Words of specs
CLEAN_POLICIES = ("OnRuntimeDeleted", "OnDemand", "OnFuseChanged")
"""`fuse.cleanPolicy`; the first is the default."""

# Volumes
STORAGE_CLASS = "fluid"
CSI_DRIVER = "fuse.csi.fluid.io"
DEFAULT_CAPACITY = "100Pi"

# Attributes of volumes: in the PersistentVolume, and in what a kubelet tells the node plugin
VOLUME_PATH = "fluid_path"
"""Directory of the node where FUSE pods mount the cache."""
VOLUME_SUB_PATH = "fluid_sub_path"
"""The part of the cache that pods see, without a slash at either end: Datasets that refer to a folder."""
VOLUME_MOUNT_TYPE = "mount_type"
"""What the node's mount table calls the mount."""
VOLUME_RUNTIME_NAMESPACE = "runtime_namespace"
VOLUME_RUNTIME_NAME = "runtime_name"
VOLUME_NODE_LABEL = "mount_pod_node_selector_key"
"""Key of the label that brings a FUSE pod to a node."""
VOLUME_PUBLISH_METHOD = "node_publish_method"
SYMLINK = "symlink"
"""Publish method by which pods get a link in place of a bind mount."""
CSI_CONTEXT = "csi.storage.k8s.io/"
"""Beginning of what Kubernetes itself adds to them, the pod of a publish call among it."""

# Finalizers
DATASET_FINALIZER = "fluid-dataset-controller-finalizer"

LABEL_LIMIT = 63
"""A label's name or value has at most this many characters; the joined spelling is used only below it."""

Tier = Literal["m", "d", "t"]
"""Which capacity a node label reports: memory, disk or total."""


def runtime_finalizer(engine: str) -> str:
    """The finalizer of a runtime kind, for instance ``mycache-runtime-controller-finalizer``."""
    return f"{engine}-runtime-controller-finalizer"


def operation_finalizer(kind: str) -> str:
    """The finalizer of a data operation, ``fluid-KIND-controller-finalizer`` in lower case."""
    return f"fluid-{kind.lower()}-controller-finalizer"


def joined(namespace: str, name: str) -> str:
    """The short spelling ``<namespace>-<name>``, which two Datasets can share."""
    return f"{namespace}-{name}"


def default_dataset_id(namespace: str, name: str, uid: str) -> str:
    """The dataset id without a collision: the joined spelling, or the UID when that is too long."""
    spelling = joined(namespace, name)
    return spelling if len(spelling) < LABEL_LIMIT or not uid else uid


def restricted_fuse_label(label: str) -> str:
    """The label by which the operator grants what the label of a node plugin asks for."""
    return _RESTRICTED_FUSE_PREFIX + label.removeprefix(FUSE_PREFIX)


def requested_fuse_label(restricted: str) -> str:
    """The label of a node plugin that one of the operator grants; empty for any other label."""
    rest = restricted.removeprefix(_RESTRICTED_FUSE_PREFIX)
    return FUSE_PREFIX + rest if rest != restricted else ""


@dataclass(frozen=True)
class Identity:
    """Who a Dataset is, and every name that follows from it.

    Attributes:
        namespace: Namespace of the Dataset and everything that serves it.
        name: Name of the Dataset, its runtime, its claim and its release.
        uid: UID of the Dataset; empty only where there is no cluster.
        dataset_id: Value of the label ``fluid.io/dataset-id``; the UID when the joined spelling is too long
            or lost.
        joined_volume_lost: Whether another claim holds the volume of the joined name, where that is too long
            for a label to say so.
    """

    namespace: str
    name: str
    uid: str
    dataset_id: str
    joined_volume_lost: bool = False

    @classmethod
    def of(cls, namespace: str, name: str, uid: str, recorded_id: str | None = None) -> "Identity":
        """The identity of a Dataset, with the dataset id that its label records, else the default."""
        return cls(namespace, name, uid, recorded_id or default_dataset_id(namespace, name, uid))

    @property
    def joined(self) -> str:
        """The spelling ``<namespace>-<name>``."""
        return joined(self.namespace, self.name)

    @property
    def lost_joined(self) -> bool:
        """Whether an older Dataset holds the joined spelling, although it would have fitted."""
        return bool(self.uid) and self.dataset_id == self.uid and len(self.joined) < LABEL_LIMIT

    def prefixed(self, prefix: str) -> str:
        """The prefix with the joined spelling, or with the UID when that does not fit or is another's."""
        candidate = prefix + self.joined
        if not self.uid or (len(candidate) < LABEL_LIMIT and not self.lost_joined):
            return candidate
        return prefix + self.uid

    @property
    def common_label(self) -> str:
        """Key of the label on nodes that run a worker of any engine; also on the volume and its claim."""
        return self.prefixed("fluid.io/s-")

    def runtime_label(self, engine: str) -> str:
        """Key of the label on nodes that run a worker of this engine implementation."""
        return self.prefixed(f"fluid.io/s-{engine}-")

    def capacity_label(self, engine: str, tier: Tier) -> str:
        """Key of the node label that tells the memory, disk or total cache capacity on that node."""
        return self.prefixed(f"fluid.io/s-h-{engine}-{tier}-")

    @property
    def fuse_label(self) -> str:
        """Key of the label that brings a FUSE pod to a node."""
        return self.prefixed(FUSE_PREFIX)

    @property
    def exclusive_label(self) -> tuple[str, str]:
        """Key and value of the label on nodes that belong to this Dataset alone."""
        value = f"{self.namespace}_{self.name}"
        return EXCLUSIVE, value if len(value) < LABEL_LIMIT else self.prefixed("")

    @property
    def volume_name(self) -> str:
        """Name of the PersistentVolume, which has no namespace of its own."""
        return self.uid if self.lost_joined or self.joined_volume_lost else self.joined


def accepted_options(annotations: Mapping[str, str] | None) -> list[str]:
    """Beginnings of options in the words of other caches that the image of a profile reads.

    Args:
        annotations: Those of the profile.
    """
    listed = (annotations or {}).get(ACCEPTED_OPTIONS, "")[:_LONGEST_LIST].split(",")
    return [prefix.strip() for prefix in listed if prefix.strip()]
