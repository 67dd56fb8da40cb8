"""Alluxio on a node, as small as it can be: its images, its sources, and the objects of a Dataset on it."""

import yaml

from cluster.access import Cluster
from cluster.api import Json
from cluster.node import datapath, jvm, storage
from cluster.node.node import Node

_GROUP = "data.fluid.io/v1alpha1"
_JAVA: Json = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=512m"]


def provide(node: Node) -> None:
    """Load the images of Alluxio, of HDFS and of the S3 server.

    Raises:
        BuildError: an image cannot be built here.
        NodeError: the container runtime refused one.
    """
    for image in (*storage.images(), *jvm.images()):
        node.load(image)


def s3(namespace: str, bucket: str) -> dict[str, Json]:
    """A mount, named like its bucket of the S3 server of a namespace."""
    keys = {"s3a.accessKeyId": "id", "s3a.secretKey": "secret"}
    return {
        "name": bucket,
        "mountPoint": f"s3://{bucket}/",
        "readOnly": True,
        "options": {
            "alluxio.underfs.s3.endpoint": f"http://s3.{namespace}:{storage.PORT}",
            "alluxio.underfs.s3.endpoint.region": "us-east-1",
            "alluxio.underfs.s3.disable.dns.buckets": "true",
            "alluxio.underfs.s3.inherit.acl": "false",
        },
        "encryptOptions": [
            {"name": option, "valueFrom": {"secretKeyRef": {"name": "s3-keys", "key": key}}}
            for option, key in keys.items()
        ],
    }


def hdfs(namespace: str, path: str) -> dict[str, Json]:
    """A mount, named like its folder of the HDFS of a namespace."""
    point = f"hdfs://hdfs.{namespace}:8020{path}"
    return {"name": path.strip("/"), "mountPoint": point, "readOnly": True}


def bring(
    cluster: Cluster,
    namespace: str,
    name: str,
    *mounts: Json,
    quota: str = "512Mi",
    workers: int = 1,
    masters: int = 1,
) -> None:
    """Apply a Dataset with mounts, and its AlluxioRuntime.

    Args:
        cluster: where.
        namespace: exists.
        name: of both.
        mounts: of the Dataset.
        quota: of each worker's memory for files.
        workers: how many.
        masters: how many.
    """
    image, _, tag = jvm.ALLUXIO.rpartition(":")
    own: dict[str, Json] = {"image": image, "imageTag": tag}
    part: dict[str, Json] = {"networkMode": "ContainerNetwork", "jvmOptions": _JAVA}
    runtime: Json = {
        "replicas": workers,
        "alluxioVersion": own,
        "fuse": {**own, "jvmOptions": _JAVA},
        "master": {**part, "replicas": masters},
        "worker": part,
        "jvmOptions": _JAVA,
        # A master that nobody disputes waits five seconds for another one, by default.
        "properties": {"alluxio.master.journal.tailer.shutdown.quiet.wait.time": "0sec"},
        "tieredstore": {"levels": [{"mediumtype": "MEM", "path": "/dev/shm", "quota": quota}]},
    }
    objects: list[Json] = [
        {"apiVersion": _GROUP, "kind": kind, "metadata": {"name": name}, "spec": spec}
        for kind, spec in (("Dataset", {"mounts": [*mounts]}), ("AlluxioRuntime", runtime))
    ]
    cluster.kubectl("-n", namespace, "apply", "--filename", "-", stdin=yaml.safe_dump_all(objects))


def warm(
    cluster: Cluster, namespace: str, dataset: str, name: str, path: str = "/", *, metadata: bool = True
) -> None:
    """Apply a DataLoad of a path of a Dataset; with `metadata`, the source is listed anew before."""
    spec: Json = {
        "dataset": {"name": dataset, "namespace": namespace},
        "loadMetadata": metadata,
        "target": [{"path": path}],
    }
    load: Json = {"apiVersion": _GROUP, "kind": "DataLoad", "metadata": {"name": name}, "spec": spec}
    cluster.kubectl("-n", namespace, "apply", "--filename", "-", stdin=yaml.safe_dump(load))


def command(cluster: Cluster, namespace: str, name: str, *words: str) -> str:
    """What a command of Alluxio prints in the first master's container."""
    where = ("-n", namespace, "exec", f"{name}-master-0", "-c", "alluxio-master", "--")
    return cluster.kubectl(*where, "alluxio", *words)


def serve_hdfs(cluster: Cluster, namespace: str, script: str) -> None:
    """Start an HDFS of one node in a namespace, and run a script of bash in it that writes its files."""
    datapath.apply(cluster, namespace, "hdfs.yaml", HDFS=jvm.HDFS)
    datapath.ready(cluster, namespace, "hdfs")
    cluster.kubectl("-n", namespace, "exec", "hdfs", "-c", "namenode", "--", "bash", "-c", script)
