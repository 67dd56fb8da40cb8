"""Certificates, keys and tokens of one control plane: made here, valid nowhere else."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import trustme
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@dataclass(frozen=True)
class User:
    """The user of a static token; `file` names the token's file."""

    file: str
    name: str
    group: str = "system:masters"


@dataclass(frozen=True)
class Credentials:
    """Files in `<directory>/pki`; every server shares one certificate for the loopback address."""

    folder: Path

    @property
    def authority(self) -> Path:
        """Certificate authority of everything that listens."""
        return self.folder / "ca.crt"

    @property
    def certificate(self) -> Path:
        """Server certificate for 127.0.0.1, localhost and what else was asked for."""
        return self.folder / "server.crt"

    @property
    def key(self) -> Path:
        """Private key of the server certificate."""
        return self.folder / "server.key"

    @property
    def kubelet_client(self) -> Path:
        """Certificate (`.crt`) and key (`.key`) that the API server shows to a kubelet."""
        return self.folder / "kubelet-client"

    @property
    def service_account_key(self) -> Path:
        """Key that signs service account tokens."""
        return self.folder / "service-account.key"

    @property
    def tokens(self) -> Path:
        """Static tokens of the API server."""
        return self.folder / "tokens.csv"

    def token_file(self, user: str) -> Path:
        """Return the file with a user's token, `admin` for instance."""
        return self.folder / f"{user}.token"


_USERS = (User("admin", "admin"), User("answerer", "answerer"))


def issue(folder: Path, *, addresses: Sequence[str] = (), users: Sequence[User] = _USERS) -> Credentials:
    """Make all credentials of a new cluster.

    Args:
        folder: where their files go; it is made.
        addresses: names and addresses that the servers' certificate holds besides loopback.
        users: who gets a token; `admin` must be among them.
    """
    folder.mkdir(mode=0o700)
    made = Credentials(folder)
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost", "kubernetes.default.svc", *addresses)
    client = authority.issue_cert(  # Go refuses a certificate without any alternative name
        "kube-apiserver", common_name="kube-apiserver", organization_name="system:masters"
    )
    client.cert_chain_pems[0].write_to_path(made.kubelet_client.with_suffix(".crt"))
    client.private_key_pem.write_to_path(made.kubelet_client.with_suffix(".key"))
    authority.cert_pem.write_to_path(made.authority)
    made.certificate.write_bytes(b"".join(blob.bytes() for blob in server.cert_chain_pems))
    server.private_key_pem.write_to_path(made.key)
    key = ec.generate_private_key(ec.SECP256R1())
    made.service_account_key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    )
    lines: list[str] = []
    for user in users:
        token = secrets.token_hex(16)
        made.token_file(user.file).write_text(token)
        lines.append(f"{token},{user.name},{user.file},{user.group}\n")
    made.tokens.write_text("".join(lines))
    return made


def write_kubeconfig(
    path: Path, *, server: str, authority: Path, user: str, token: str, namespace: str
) -> None:
    """Write a kubeconfig that holds everything a client needs, readable by its owner only."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fluid",
        "clusters": [
            {"name": "fluid", "cluster": {"server": server, "certificate-authority": str(authority)}}
        ],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [
            {"name": "fluid", "context": {"cluster": "fluid", "user": user, "namespace": namespace}}
        ],
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config, sort_keys=False))
