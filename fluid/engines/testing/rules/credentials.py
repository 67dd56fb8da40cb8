"""Rules of credentials: they stay in Secrets, which the operator never reads."""

from collections.abc import Iterator

from fluid.engines.kit.credential_names import names_credential
from fluid.engines.testing.rendering import Made
from fluid.engines.testing.rules.findings import containers_of, found, pod_of, workloads


def makes_no_secret(made: Made) -> Iterator[str]:
    """The operator may neither read nor write Secrets, so no engine asks for it."""
    for child in made.children:
        if child.resource.kind == "Secret":
            yield found(
                child,
                "is a Secret: the operator has no right to write any, and its content would be in a"
                " chart's values",
                "Let the user create it, and mount it by its name",
            )
    for reference in made.registration.references:
        if reference.kind.__name__ == "Secret":
            yield found(
                made.runtime,
                "has references of kind Secret in its registration: the operator has no right to read any",
                "Mount the Secret in the pods, and pass the path of its file",
            )


def keeps_credentials_out_of_environments(made: Made) -> Iterator[str]:
    """No environment variable that is called a credential has its value written down."""
    for workload in workloads(made):
        for container in containers_of(workload):
            for variable in container.env or ():
                value = variable.value or ""
                if names_credential(variable.name) and value and not value.startswith(("/", "$(")):
                    yield found(
                        workload,
                        f"has the value of {variable.name} in the environment of container"
                        f" {container.name!r}: whoever"
                        " may read workloads reads the credential",
                        "Mount the Secret, and pass the path of its file",
                    )


def follows_rotation(made: Made) -> Iterator[str]:
    """Secrets are mounted as whole volumes, so that a rotated one arrives in running pods."""
    for workload in workloads(made):
        secrets = {one.name for one in pod_of(workload).volumes or () if one.secret is not None}
        for container in containers_of(workload):
            for mount in container.volume_mounts or ():
                if mount.name in secrets and mount.sub_path:
                    yield found(
                        workload,
                        f"mounts the Secret of volume {mount.name!r} by subPath: a rotated credential"
                        " never arrives",
                        "Mount the whole volume, and pass the path of the file in it",
                    )
