"""From an AlluxioRuntime and its Dataset to the values of the chart: the same for the same input."""

import re
from collections.abc import Iterator

from fluid.engines import api
from fluid.engines.alluxio.case import Case
from fluid.engines.alluxio.fuse import fuse_arguments, fuse_values
from fluid.engines.alluxio.java import java_options
from fluid.engines.alluxio.mounts import option_words
from fluid.engines.alluxio.pods import master_values, metadata, worker_values
from fluid.engines.alluxio.properties import properties
from fluid.engines.alluxio.shape import component, fuse, masters
from fluid.engines.alluxio.values import AlluxioValues, InitContainers, Ports
from fluid.models import SecurityContext

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


def transform(case: Case) -> api.Transformed[AlluxioValues]:
    """The values that the chart `alluxio` is rendered with.

    Raises:
        InvalidSpec: Something cannot be carried out; the message names the field and the next step.
    """
    return api.Transformed(_values(case), [*_warnings(case)])


def _values(case: Case) -> AlluxioValues:
    runtime, spec, user = case.runtime, case.runtime.spec, case.runtime.spec.run_as
    found = case.dataset, case.identity, case.settings, "alluxio"
    common = api.cache_values(*found, pull_secrets=spec.image_pull_secrets, revision=case.mounts_revision)
    arguments = fuse_arguments(case)
    shared = properties(case, translates_owners=not case.dataset.spec.owner or len(arguments) < 2)
    options = java_options(case, shared)
    return AlluxioValues(
        **common,
        image=case.image.repository,
        image_tag=case.image.tag,
        image_pull_policy=_policy(spec.alluxio_version.image_pull_policy if spec.alluxio_version else None),
        fuse_image=case.fuse_image.repository,
        fuse_image_tag=case.fuse_image.tag,
        fuse_image_pull_policy=_policy(fuse(runtime).image_pull_policy),
        security_context=SecurityContext(
            run_as_user=user.uid if user else 0, run_as_group=user.gid if user else 0
        ),
        init_users=_init_users(case),
        monitored=not spec.disable_prometheus,
        hadoop_config=case.hadoop,
        ports=Ports.model_validate(case.ports),
        level0=",".join(case.tiers[0].paths),
        java_options=options,
        mount_info=[one.line(case.dataset) for one in case.sources if not (one.is_native or one.is_root)],
        properties=shared,
        master=master_values(case),
        worker=worker_values(case, common),
        fuse=fuse_values(case, common, arguments),
    )


def _policy(said: str | None) -> str:
    return said or "IfNotPresent"


def _init_users(case: Case) -> InitContainers | None:
    user, spec = case.runtime.spec.run_as, case.runtime.spec.init_users
    if user is None:
        return None
    for field, name in (("user", user.user), ("group", user.group)):
        if not _NAME.fullmatch(name):
            problem, fix = f"{name[:40]!r} is no name of a Unix {field}", "Use lower-case letters and digits"
            raise api.InvalidSpec(api.Whose.RUNTIME, f"spec.runAs.{field}", problem, fix)
    paths = [path for tier in case.tiers if tier.shared for path in tier.paths]
    return InitContainers(
        image=str(api.pods.chosen_image(spec, case.settings.init_image)),
        image_pull_policy=_policy(spec.image_pull_policy if spec else None),
        users=f"{user.uid}:{user.user}:{user.gid},{user.gid}:{user.group}",
        tier_paths=":".join(paths),
        env=(spec.env if spec else None) or {},
        resources=spec.resources if spec else None,
    )


def _warnings(case: Case) -> Iterator[api.SpecWarning]:
    for index, level in enumerate(api.tiers.levels_of(case.runtime.spec.tieredstore)):
        yield from api.tiers.tier_words(level, index)
    yield from option_words(case.sources)
    parts = {"master": component(case.runtime, "master"), "worker": component(case.runtime, "worker")}
    for name, part in {**parts, "fuse": fuse(case.runtime)}.items():
        labels = metadata(case, part.pod_metadata).labels
        yield from api.pods.reserved_labels(labels, f"labels of spec.{name}")
    clean = fuse(case.runtime).clean_policy
    yield from api.clean_policy_words(api.Whose.RUNTIME, "spec.fuse.cleanPolicy", clean)
    if masters(case.runtime) % 2 == 0:
        message = (
            f"spec.master.replicas: {masters(case.runtime)} masters survive no more losses than one less"
        )
        yield api.SpecWarning("EvenMasters", message)
