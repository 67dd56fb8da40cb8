"""Properties of Alluxio: what Fluid sets, what the sources ask for, and what the user says over both."""

import re
from collections.abc import Iterator, Mapping, Sequence

from fluid.engines import api
from fluid.engines.alluxio.case import Case
from fluid.engines.alluxio.mounts import ROOT
from fluid.engines.alluxio.shape import COMPONENTS, PORTS, component, fuse, masters
from fluid.engines.alluxio.values import CHART, AlluxioValues

_UNSAFE = re.compile(r"""[\s"'`$\\]""")
"""What would not stay one word: images write these options into a file that a shell reads."""
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9._-]*")
_ROOT_UFS = "alluxio.master.mount.table.root.ufs"
_FEW_BIG_FILES = {
    "alluxio.user.block.size.bytes.default": "256MB",
    "alluxio.user.streaming.reader.chunk.size.bytes": "256MB",
    "alluxio.user.local.reader.chunk.size.bytes": "256MB",
    "alluxio.worker.network.reader.buffer.size": "256MB",
    "alluxio.user.streaming.data.timeout": "300sec",
}
"""For sources that are read by HTTP."""


def layered(
    defaults: Mapping[str, str],
    profile: Mapping[str, str],
    components: Sequence[Mapping[str, str] | None],
    user: Mapping[str, str],
) -> dict[str, str]:
    """The properties of all components, by key.

    Args:
        defaults: Where nobody says otherwise.
        profile: What the sources and the shape ask for; it counts over the defaults.
        components: What single components have: Fluid sets none of these keys for all.
        user: What the user says for all components; it counts over everything else.
    """
    single = {key for given in components for key in given or ()}
    ours = {key: value for key, value in {**defaults, **profile}.items() if key not in single}
    return dict(sorted({**ours, **user}.items()))


def properties(case: Case, *, translates_owners: bool) -> dict[str, str]:
    """The properties of all components.

    Args:
        case: The runtime with its Dataset.
        translates_owners: Whether FUSE clients show the owners that the cache has.

    Raises:
        InvalidSpec: A property would not stay one word, or contradicts the specs.
    """
    of_components = {name: component(case.runtime, name).properties for name in COMPONENTS}
    user, of_fuse = case.runtime.spec.properties or {}, fuse(case.runtime).properties
    _refuse(case, {**of_components, "fuse": of_fuse})
    profile = {**_shape(case), **_storage(case)}
    if translates_owners:
        profile["alluxio.fuse.user.group.translation.enabled"] = "true"
    return layered(default_properties(), profile, [*of_components.values(), of_fuse], user)


def default_properties() -> dict[str, str]:
    """What the chart's own values.yaml has."""
    found = AlluxioValues.model_validate({"properties": api.load_chart(CHART).defaults["properties"]})
    return found.properties


def _shape(case: Case) -> dict[str, str]:
    runtime, ports = case.runtime, case.ports
    replicas = runtime.spec.data.replicas if runtime.spec.data else None
    found = {port.key: str(ports[port.purpose]) for port in PORTS.ports if port.purpose in ports}
    found |= {
        "alluxio.master.journal.type": "EMBEDDED" if masters(runtime) > 1 else "UFS",
        _ROOT_UFS: case.root.uri if case.root else ROOT,
        "alluxio.user.file.replication.max": str(max(replicas or 1, 1)),
    }
    if "embedded" in ports:
        names = (f"{runtime.name}-master-{index}" for index in range(masters(runtime)))
        members = ",".join(f"{name}:{ports['embedded']}" for name in names)
        found["alluxio.master.embedded.journal.addresses"] = members
    return found


def _storage(case: Case) -> dict[str, str]:
    found = dict(_FEW_BIG_FILES) if case.only_http else {}
    if not all(tier.shared for tier in case.tiers):
        found["alluxio.user.short.circuit.enabled"] = "false"
    if api.read_only(case.dataset) and len(case.tiers) == 1 and len(case.tiers[0].paths) == 1:
        found["alluxio.user.direct.memory.io.enabled"] = "true"
    if case.dataset.spec.data_restore_location:  # else the first access lists the whole source
        found["alluxio.master.journal.sync.root.after.init.from.backup"] = "false"
    if (hadoop := case.hadoop) is not None:
        there = {"hdfs-site.xml": hadoop.hdfs_site, "core-site.xml": hadoop.core_site}
        files = [f"/hdfs-config/{name}" for name, has in there.items() if has]
        found["alluxio.underfs.hdfs.configuration"] = ":".join(files)
    return found


def _refuse(case: Case, of_components: Mapping[str, Mapping[str, str] | None]) -> None:
    """Refuse what would not stay one word, and what cannot be true for one component alone."""
    spec, ports = case.runtime.spec, {port.key for port in PORTS.ports}
    for part, given in of_components.items():
        for key in sorted(ports & (given or {}).keys()):
            field, problem = f"spec.{camel(part)}.properties[{key}]", "is a port, which all components need"
            raise api.InvalidSpec(api.Whose.RUNTIME, field, problem, "Set it in spec.properties")
    if (spec.properties or {}).get(_ROOT_UFS) and (case.root or case.native.mounts):
        problem, fix = "contradicts the Dataset's sources", "Remove it, or mount all sources elsewhere"
        raise api.InvalidSpec(api.Whose.RUNTIME, f"spec.properties[{_ROOT_UFS}]", problem, fix)
    for field, key, value in _written(case, of_components):
        if not _KEY.fullmatch(key):
            problem, fix = "is no property of Alluxio", "Correct the key"
            raise api.InvalidSpec(api.Whose.RUNTIME, f"{field}[{key[:40]!r}]", problem, fix)
        refuse_unsafe(value, f"{field}[{key[:80]}]", api.Whose.RUNTIME)
    if case.root is not None:
        refuse_unsafe(case.root.uri, f"{case.root.path}.mountPoint", api.Whose.DATASET)
        for name, value in case.root.plain.items():
            refuse_unsafe(value, f"{case.root.path}.options[{name}]", api.Whose.DATASET)


def _written(
    case: Case, of_components: Mapping[str, Mapping[str, str] | None]
) -> Iterator[tuple[str, str, str]]:
    every = {"spec": case.runtime.spec.properties} | {
        f"spec.{camel(part)}": given for part, given in of_components.items()
    }
    for owner, given in every.items():
        for key, value in (given or {}).items():
            yield f"{owner}.properties", key, value


def refuse_unsafe(word: str, field: str, whose: api.Whose) -> None:
    """Make sure that a text stays one word where an image's own scripts read it.

    Raises:
        InvalidSpec: It would not.
    """
    if _UNSAFE.search(word) or not word.isprintable():
        problem = (
            f"{word[:40]!r} has a blank, a quote, '$', '`' or '\\', which no option of Java can carry here"
        )
        raise api.InvalidSpec(whose, field, problem, "Write it without")


def camel(part: str) -> str:
    """A component as the spec spells it."""
    first, *others = part.split("_")
    return first + "".join(one.title() for one in others)
