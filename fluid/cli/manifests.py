"""`fluid manifests`: what an installation needs, for kubectl."""

from typing import Literal

import click

from fluid.cli.policy_file import PolicyFile
from fluid.csi.manifests import NodePlugin
from fluid.csi.options import KUBELET, kubelet_directory
from fluid.csi.runtimes import OTHERS
from fluid.engines.core.registry import Registry
from fluid.engines.core.runtime_policy import RuntimePolicies
from fluid.operator.guard import kinds_guard
from fluid.operator.manifests import Installation, crds
from fluid.operator.rbac import unusual_rights
from fluid.types.yaml import dump_yaml

_DEFAULT = Installation()


def _checked_directory(_context: click.Context, _option: click.Parameter, text: str) -> str:
    try:
        return kubelet_directory(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}; name the root directory of your nodes' kubelets") from None


@click.command("manifests")
@click.option("--crds", "crds_wanted", is_flag=True, help="Only the CRDs.")
@click.option("--rbac", "rights_wanted", is_flag=True, help="Only namespace, ServiceAccount and roles.")
@click.option("--deployment", "deployment_wanted", is_flag=True, help="Only the Deployment.")
@click.option(
    "--csi", "plugin_wanted", is_flag=True, help="Only the node plugin (driver, rights, DaemonSet)."
)
@click.option("--guard", "guard_wanted", is_flag=True, help="Only the policy that keeps the CRDs.")
@click.option(
    "--mutating-policy/--no-mutating-policy",
    default=True,
    show_default=True,
    help="With the policy that sets mountPropagation; needs Kubernetes 1.36.",
)
@click.option(
    "--kubelet-dir",
    default=str(KUBELET),
    show_default=True,
    callback=_checked_directory,
    help="Root directory of the nodes' kubelets.",
)
@click.option(
    "--publish-method",
    type=click.Choice(["bindMount", "symlink"]),
    default="bindMount",
    show_default=True,
    help="How pods get volumes that do not say so themselves.",
)
@click.option(
    "--other-runtimes",
    type=click.Choice(OTHERS),
    multiple=True,
    help="Runtimes that another operator serves here: the node plugin may read their clean policy.",
)
@click.option(
    "--restricted-fuse-labels",
    is_flag=True,
    help="FUSE pods of new runtimes come by a label that no node gives itself; needs NodeRestriction.",
)
@click.option("--policies", "policies_wanted", is_flag=True, help="Only what --runtime-policy adds.")
@click.option(
    "--runtime-policy",
    "policies",
    type=PolicyFile(),
    help="What runtimes may demand of nodes, by namespace (docs/security.md). Default: anything.",
)
@click.option("--namespace", default=_DEFAULT.namespace, show_default=True, help="Where all of it runs.")
@click.option("--image", default=_DEFAULT.image, show_default=True, help="What is run.")
def command(
    crds_wanted: bool,
    rights_wanted: bool,
    deployment_wanted: bool,
    plugin_wanted: bool,
    guard_wanted: bool,
    policies_wanted: bool,
    policies: RuntimePolicies | None,
    mutating_policy: bool,
    kubelet_dir: str,
    publish_method: Literal["bindMount", "symlink"],
    other_runtimes: tuple[str, ...],
    restricted_fuse_labels: bool,
    namespace: str,
    image: str,
) -> None:
    """Print CRDs, rights, Deployment and node plugin as YAML, for all engines that are installed."""
    if policies_wanted and policies is None:
        raise click.UsageError("--policies needs --runtime-policy FILE")
    everything = not (
        crds_wanted or rights_wanted or deployment_wanted or plugin_wanted or guard_wanted or policies_wanted
    )
    registry = Registry.discover()
    for problem in registry.problems:
        click.echo(f"Warning: left out: {problem.reason}", err=True)
    for warning in (*registry.lacking(), *unusual_rights(registry)):
        click.echo(f"Warning: {warning}", err=True)
    installation = Installation(namespace, image, restricted_fuse_labels, policies, kubelet_dir, registry)
    parts: list[str] = []
    if everything or crds_wanted:
        parts.append(crds(registry))
    if everything or rights_wanted:
        parts += [dump_yaml(item.to_wire()) for item in installation.rights()]
    if everything or policies_wanted:
        parts += [dump_yaml(item.to_wire()) for item in installation.admission()]
    if everything or deployment_wanted:
        parts.append(dump_yaml(installation.deployment().to_wire()))
    if everything or plugin_wanted:
        plugin = NodePlugin(
            namespace,
            image,
            mutating_policy,
            kubelet=kubelet_dir,
            others=other_runtimes,
            publish_method=publish_method,
        )
        parts += [dump_yaml(item.to_wire()) for item in plugin.objects()]
    if everything or guard_wanted:  # last: a `kubectl delete` of all of it meets the policy before it goes
        parts += [dump_yaml(item.to_wire()) for item in kinds_guard(registry.groups)]
    click.echo("---\n".join(parts), nl=False)
