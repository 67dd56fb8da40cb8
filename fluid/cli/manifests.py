"""`fluid manifests`: what an installation needs, for kubectl."""

import click

from fluid.operator.manifests import Installation, crds
from fluid.types.yaml import dump_yaml

_DEFAULT = Installation()


@click.command("manifests")
@click.option("--crds", "crds_wanted", is_flag=True, help="Only the CRDs.")
@click.option("--rbac", "rights_wanted", is_flag=True, help="Only namespace, ServiceAccount and roles.")
@click.option("--deployment", "deployment_wanted", is_flag=True, help="Only the Deployment.")
@click.option("--namespace", default=_DEFAULT.namespace, show_default=True, help="Where the operator runs.")
@click.option("--image", default=_DEFAULT.image, show_default=True, help="What it runs.")
def command(
    crds_wanted: bool, rights_wanted: bool, deployment_wanted: bool, namespace: str, image: str
) -> None:
    """Print CRDs, rights and Deployment as YAML, for all engines that are installed."""
    everything = not (crds_wanted or rights_wanted or deployment_wanted)
    installation = Installation(namespace, image)
    parts: list[str] = []
    if everything or crds_wanted:
        parts.append(crds())
    if everything or rights_wanted:
        parts += [dump_yaml(item.to_wire()) for item in installation.rights()]
    if everything or deployment_wanted:
        parts.append(dump_yaml(installation.deployment().to_wire()))
    click.echo("---\n".join(parts), nl=False)
