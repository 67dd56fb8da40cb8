"""Refuses sources with options of another cache before they are sent, as the operator would."""

from collections.abc import Iterator

from fluid.kinds.installed import installed
from fluid.kinds.record import RuntimeKind
from fluid.kube import Connection, Forbidden, NotFound
from fluid.models import Dataset, Mount
from fluid.naming import accepted_options
from fluid.types import AuthoringError, Key, KubeObject

_ADVICE = (
    "which the FUSE client of a {kind} does not read: write source('s3://bucket', options={{...}}) with "
    "the options of its image, such as endpoint and access_key_id for rclone"
)
_SHOWN = 60
"""Characters of an option's name that are shown."""


async def refuse_foreign_words(connection: Connection, obj: KubeObject) -> None:
    """Refuses a Dataset and a runtime that cannot work together, whichever of them is applied second.

    A Dataset that is Bound is not checked: the operator reports such options and goes on. Neither are objects
    that the caller has no right to read.

    Args:
        connection: Connection to the API server, to read the other object.
        obj: The object that is about to be applied, of any kind.

    Raises:
        AuthoringError: No runtime of that kind reads an option; the message says what to write.
    """
    kind = installed().of_model(type(obj))
    for picky in (one for one in installed().runtimes if one.unread_options):
        try:
            if isinstance(obj, Dataset) and any(_foreign(obj, picky, ())):
                live = await connection.api(Dataset).find(obj.key)
                runtime = await connection.api(picky.model).find(obj.key)
                await _refuse(connection, picky, obj, live, runtime)
            elif kind is picky:
                live = await connection.api(Dataset).find(obj.key)
                await _refuse(connection, picky, live, live, obj)
        except (Forbidden, NotFound):
            continue  # the operator reports it


async def _refuse(
    connection: Connection,
    kind: RuntimeKind,
    wanted: Dataset | None,
    live: Dataset | None,
    runtime: KubeObject | None,
) -> None:
    bound = live is not None and live.status is not None and live.status.phase == "Bound"
    if wanted is None or runtime is None or bound or not any(_foreign(wanted, kind, ())):
        return
    profile, name = None, getattr(getattr(runtime, "spec", None), "profile_name", None)
    if kind.profile is not None and isinstance(name, str) and name:
        profile = await connection.api(kind.profile).find(Key("", name))
    accepted = tuple(accepted_options(profile.metadata.annotations if profile else None))
    found = [f"Dataset {wanted.key} {line}" for line in _foreign(wanted, kind, accepted)]
    if found:
        raise AuthoringError(found)


def _foreign(dataset: Dataset, kind: RuntimeKind, accepted: tuple[str, ...]) -> Iterator[str]:
    """A line for each mount with such options."""
    spec, advice = dataset.spec, _ADVICE.format(kind=kind.model.resource.kind)
    for index, mount in enumerate((spec.mounts if spec else None) or ()):
        for name in _options(mount):
            owners = (owner for start, owner in kind.unread_options.items() if name.startswith(start))
            whose = next(owners, "")
            if whose and not name.startswith(accepted):
                yield f"spec.mounts[{index}].options[{name[:_SHOWN]}]: is a word of {whose}, {advice}"
                break


def _options(mount: Mount) -> Iterator[str]:
    yield from mount.options or ()
    for option in mount.encrypt_options or ():
        yield option.name or ""
