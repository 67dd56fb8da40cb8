"""A data path on a node: Fluid in it, an S3 server, the profiles of the examples, a pod that reads."""

from collections.abc import Mapping
from pathlib import Path

from cluster.access import Cluster
from cluster.node import images, storage, trouble
from cluster.node.node import Node, NodeError

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples" / "thin"
KEYS = {"id": "reader", "secret": "open-sesame"}
"""What the S3 server lets in."""
_OBJECTS = Path(__file__).parent / "objects"
_SYSTEM = ("--namespace", "fluid-system")
_OPERATOR, _PLUGIN = "deployment/fluid-operator", "daemonset/csi-nodeplugin-fluid"
SMALL = """
mkdir -p /data/models /data/images/train
dd if=/dev/urandom of=/data/models/weights bs=1M count=16 2>/dev/null
echo cat > /data/images/train/label
"""
"""Makes two buckets with a file each."""


def deploy(node: Node) -> None:
    """Bring the operator and the node plugin into the cluster, as `make deploy` does.

    Raises:
        BuildError: the image cannot be built here.
        NodeError: it could not be applied.
        KubectlError: it did not come up.
    """
    node.load(images.operator())
    done = node.run("make", "--no-print-directory", "--directory", str(CHECKOUT), "deploy")
    if done.returncode != 0:
        raise NodeError(f"make deploy: {done.stderr.strip()}")
    for workload in (_OPERATOR, _PLUGIN):
        node.kubectl("rollout", "status", *_SYSTEM, workload, "--timeout=60s")


def provide(node: Node, *profiles: str) -> None:
    """Load the images of the S3 server and of some examples' FUSE clients, and apply their profiles.

    Raises:
        BuildError: an image cannot be built here.
        NodeError: the container runtime refused one.
    """
    for image in storage.images(*profiles):
        node.load(image)
    for profile in profiles:
        node.kubectl("apply", "--filename", str(EXAMPLES / profile / "profile.yaml"))


def serve(
    cluster: Cluster, namespace: str, seed: str = SMALL, *, words: Mapping[str, str] | None = None
) -> None:
    """Start an S3 server in a namespace, with what the examples need there.

    Args:
        cluster: where.
        namespace: exists.
        seed: a shell script that makes the buckets: directories in /data.
        words: the images, where they have other names than here.
    """
    apply(cluster, namespace, "s3.yaml", **words or {}, SEED=seed.strip().replace("\n", "\n          "))
    supervise(cluster, namespace)
    keys = [f"--from-literal={key}={value}" for key, value in KEYS.items()]
    cluster.kubectl("-n", namespace, "create", "secret", "generic", "s3-keys", *keys)
    ready(cluster, namespace, "s3")


def supervise(cluster: Cluster, namespace: str) -> None:
    """Give a namespace the program that the profiles of the examples run."""
    supervisor = f"--from-file={EXAMPLES / 'supervisor'}"
    cluster.kubectl("-n", namespace, "create", "configmap", "thin-supervisor", supervisor)


def read_by(node: Node, namespace: str, claim: str) -> None:
    """A pod `reader` that has the claim at /data, as soon as it is ready."""
    apply(node, namespace, "reader.yaml", CLAIM=claim)
    ready(node, namespace, "reader")


def example(namespace: str, name: str) -> str:
    """A document of the examples, for the S3 server of a namespace."""
    return (EXAMPLES / name).read_text().replace("s3.default:", f"s3.{namespace}:")


def apply(cluster: Cluster, namespace: str, file: str, **words: str) -> None:
    """Apply a file of the folder `objects`; each keyword is a word in it that is replaced."""
    text = (_OBJECTS / file).read_text()
    for word, value in {
        "TOOLS": images.TOOLS,
        "SERVER": storage.S3,
        "CLIENT": storage.CLIENTS["rclone"],
        **words,
    }.items():
        text = text.replace(word, value)
    cluster.kubectl("-n", namespace, "apply", "--filename", "-", stdin=text)


def ready(cluster: Cluster, namespace: str, *pods: str) -> None:
    """Wait until pods are ready.

    Raises:
        TroubleError: they are not in time, or cannot be.
    """
    trouble.ready(cluster, namespace, *pods)
