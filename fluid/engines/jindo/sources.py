"""The Dataset's mounts as JindoCache sees them: each is of some kind of store."""

import re
from dataclasses import dataclass

from fluid.engines.kit import sources as shared
from fluid.models import Dataset

STORES = ("oss", "s3", "cos", "obs", "hdfs", "dls")
"""Kinds of remote stores that have configuration keys of their own."""
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Source(shared.Source):
    """One mount of a Dataset, with its store."""

    @property
    def store(self) -> str | None:
        """Kind of remote store; unknown ones pass as ``oss``, local paths and claims have none."""
        if self.is_local or self.is_claim:
            return None
        return self.scheme if self.scheme in STORES else "oss"

    @property
    def bucket(self) -> str | None:
        """The bucket of an ``oss://`` address.

        Raises:
            InvalidSpec: It has none, or one that no file or key could be named after.
        """
        if self.scheme != "oss":
            return None
        bucket = self.uri.removeprefix("oss://").split("/", 1)[0]
        if not _BUCKET.fullmatch(bucket):
            raise self.refused(
                "mountPoint",
                f"{self.uri[:80]!r} names no bucket",
                "Write oss://<bucket>/",
            )
        return bucket

    @property
    def cache_uri(self) -> str:
        """The address that the cache mounts: claims are local directories to it."""
        return f"local://{self.pod_path}" if self.is_claim else self.uri


def sources(dataset: Dataset) -> list[Source]:
    """The Dataset's mounts in their order.

    Raises:
        InvalidSpec: A mount cannot be written into a file, or a credential names no Secret or key.
    """
    return shared.sources_as(Source, dataset)
