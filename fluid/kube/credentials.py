"""Credentials and address of the API server: from a kubeconfig or the pod's service account."""

import os
from pathlib import Path
from ssl import SSLContext
from typing import TypedDict
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx2
from lightkube.config.client_adapter import user_auth, verify_cluster
from lightkube.config.kubeconfig import DEFAULT_KUBECONFIG, SERVICE_ACCOUNT, KubeConfig, SingleConfig
from lightkube.core.exceptions import ConfigError

from fluid.kube.errors import KubeError


class Access(TypedDict, total=False):
    """The parameters of the HTTP client for address and identity."""

    base_url: str
    verify: SSLContext
    auth: httpx2.Auth | None


def access(config: SingleConfig) -> Access:
    """Reads the credentials of a configuration.

    Raises:
        KubeError: they cannot be used.
    """
    assert config.user is not None
    try:
        return {
            "base_url": config.cluster.server,
            "verify": verify_cluster(config.cluster, config.user, config.abs_file),
            "auth": user_auth(config.user),
        }
    except (ConfigError, OSError, ValueError) as error:
        message = f"cannot use the credentials in {config.fname}: {error}"
        raise KubeError(0, "Configuration", message) from error


def configuration(kubeconfig: str | Path | None) -> SingleConfig:
    """The configuration of the current context, from the first place that has one.

    Args:
        kubeconfig: a file; None: ``$KUBECONFIG``, the service account and ``~/.kube/config`` in this order.

    Raises:
        KubeError: there is none, or it names no user.
    """
    named = kubeconfig or next((p for p in os.environ.get("KUBECONFIG", "").split(os.pathsep) if p), None)
    account = Path(SERVICE_ACCOUNT)
    try:
        if named is None and account.joinpath("token").exists() and "KUBERNETES_SERVICE_HOST" in os.environ:
            config = KubeConfig.from_service_account().get()
        else:
            config = KubeConfig.from_file(named or DEFAULT_KUBECONFIG).get()
    except Exception as error:
        place = named or DEFAULT_KUBECONFIG
        hint = "name a kubeconfig file with --kubeconfig or KUBECONFIG"
        raise KubeError(
            0, "Configuration", f"no access to a cluster from {place}: {error}; {hint}"
        ) from error
    if config is None or config.user is None:
        raise KubeError(
            0, "Configuration", f"{named or DEFAULT_KUBECONFIG}: its current context names no user"
        )
    return config


def proxied(url: str) -> bool:
    """Whether the environment (HTTPS_PROXY, NO_PROXY) puts a proxy in front of the API server."""
    parts = urlsplit(url)
    return parts.scheme in getproxies() and not proxy_bypass(parts.hostname or "")
