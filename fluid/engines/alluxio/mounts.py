"""A Dataset's mounts as Alluxio sees them: how each gets into its namespace, its options and credentials.

Credentials are files in the pods of the masters (`/etc/fluid/secrets/<secret>/<key>`), which a script there
reads. Secrets are mounted and never read: the operator has no right to see them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fluid.engines import api
from fluid.models import Dataset, EnvVar

ROOT = "/underFSStorage"
"""The root of the namespace, unless a source is: directories of nodes and claims appear below it."""
SCRIPT = "/etc/fluid/scripts/mount.sh"
"""Mounts a source whose credentials are in files; its arguments are those of `alluxio fs mount`."""
SECRET_VOLUMES = "alluxio-mount-secret"
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,253}")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|/)\S*")
_DIALECT = api.options.Dialect(
    reader="an AlluxioRuntime",
    advice="Write the option in Alluxio's words, such as alluxio.underfs.s3.endpoint.",
    prefixes={"fs.jindocache.": "JindoCache", "jindocache.": "JindoCache"},
    words={
        "endpoint": "alluxio.underfs.s3.endpoint",
        "url": "alluxio.underfs.s3.endpoint",
        "region": "alluxio.underfs.s3.region",
        "access_key_id": "s3a.accessKeyId",
        "secret_access_key": "s3a.secretKey",
    },
)


@dataclass(frozen=True)
class Source(api.Source):
    """One mount of a Dataset."""

    @property
    def is_native(self) -> bool:
        """Whether the pods mount it themselves, below the root of the namespace."""
        return self.is_local or self.is_claim

    @property
    def is_root(self) -> bool:
        """Whether it is the root of the namespace, which the masters' configuration says."""
        return self.mounted_at == "/" and not self.is_native

    @property
    def credentials(self) -> dict[str, api.SecretOption]:
        """The options that are in Secrets; a mount's own after those of all."""
        return {option.name: option for option in self.secrets}

    @property
    def plain(self) -> dict[str, str]:
        """The options that stand in the Dataset, in a fixed order; one in a Secret wins over them."""
        return {name: value for name, value in sorted(self.options.items()) if name not in self.credentials}

    def words(self, dataset: Dataset) -> list[str]:
        """What follows `alluxio fs mount`; a credential is `--secret <option>=<file>`."""
        mount = (dataset.spec.mounts or [])[self.index]
        said = {"--readonly": mount.read_only, "--shared": mount.shared}
        words = [flag for flag, wanted in said.items() if wanted]
        for name, value in self.plain.items():
            words += ["--option", f"{name}={value}"]
        for name, option in sorted(self.credentials.items()):
            words += ["--secret", f"{name}={api.secret_files.secret_path(option)}"]
        return [*words, self.mounted_at, self.uri]

    def line(self, dataset: Dataset) -> str:
        """The source as a line for people and tools: path, address, flags."""
        *flags, path, uri = self.words(dataset)
        return " ".join([path, uri, *("--option" if word == "--secret" else word for word in flags)])


def sources(dataset: Dataset) -> list[Source]:
    """The Dataset's mounts.

    Raises:
        InvalidSpec: One cannot be mounted, or stands at the root beside others.
    """
    found = api.sources_as(Source, dataset)
    for source in found:
        if source.mounted_at == "/" and len(found) > 1:
            problem, fix = "is '/', and the Dataset has other sources", "Give it a path of its own"
            raise api.InvalidSpec(api.Whose.DATASET, source.place_field, problem, fix)
        if not source.is_native:
            _refuse_unmountable(source)
    return found


def _refuse_unmountable(source: Source) -> None:
    if not _ADDRESS.fullmatch(source.uri):
        problem, fix = f"{source.uri[:80]!r} is no address", "Write <scheme>://<place> without blanks"
        raise source.refused("mountPoint", problem, fix)
    if not re.fullmatch(r"/\S*", source.mounted_at):
        problem, fix = f"{source.mounted_at[:80]!r} has a blank", "Use another name"
        raise api.InvalidSpec(api.Whose.DATASET, source.place_field, problem, fix)
    for name, value in source.options.items():
        if not _KEY.fullmatch(name):
            raise source.refused(f"options[{name[:80]!r}]", "is no property of Alluxio", "Correct it")
        if not value.isprintable():
            raise source.refused(f"options[{name}]", "has a control character", "Write one line")
    for option in source.credentials.values():
        if not _KEY.fullmatch(option.name):
            raise option.refused(f"{option.name[:80]!r} is no property of Alluxio", "Correct it", ".name")


def root_of(found: Sequence[Source]) -> Source | None:
    """The source that is the root of the namespace."""
    return next((source for source in found if source.is_root), None)


def root_properties(root: Source | None) -> dict[str, str]:
    """Properties of the masters that name the root and its options; credentials as variables."""
    if root is None:
        return {}
    prefix = "alluxio.master.mount.table.root.option."
    plain = {f"{prefix}{name}": value for name, value in root.plain.items()}
    return plain | {
        f"{prefix}{name}": f"${{{variable.name}}}"
        for name, variable in zip(sorted(root.credentials), root_variables(root), strict=True)
    }


def root_variables(root: Source | None) -> list[EnvVar]:
    """The credentials of the root as variables of the masters."""
    options = sorted(root.credentials.items()) if root else ()
    return [
        api.secret_variable(f"FLUID_ROOT_OPTION_{index}", option) for index, (_, option) in enumerate(options)
    ]


def attachments(found: Sequence[Source]) -> api.volumes.Attachments:
    """The sources that servers mount themselves.

    Raises:
        InvalidSpec: One cannot be mounted, or its place is taken.
    """
    volumes = api.volumes.Attachments()
    for source in found:
        if source.is_native:
            api.source_volumes.attach_source(volumes, source)
    return volumes


def secret_volumes(found: Sequence[Source]) -> api.volumes.Attachments:
    """The Secrets that masters mount for the commands.

    Raises:
        InvalidSpec: A Secret or key has a name that none can have.
    """
    volumes = api.volumes.Attachments()
    for source in found:
        if not source.is_native and not source.is_root:
            for option in source.credentials.values():
                api.secret_files.refuse_unusable(option)
                # A Secret that is not there keeps one source away, and no master from its start.
                api.secret_files.attach_secret(volumes, option.secret, SECRET_VOLUMES, optional=True)
    return volumes


def option_words(found: Sequence[Source]) -> Iterator[api.SpecWarning]:
    """Warnings about options: of other caches, plain credentials, and what has no place."""
    yield from api.options.foreign_words(_DIALECT, (source for source in found if source.scheme != "hdfs"))
    for source in found:
        yield from api.plain_credentials(source)
        known: Mapping[str, object] = {} if source.is_native else source.credentials
        why = "directories of nodes and claims are mounted without options"
        yield from api.options.without_place(source, known, why)
