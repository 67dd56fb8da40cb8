"""Pages of pods over HTTP: what a pod serves at its own address, within bounds.

What serves a page is a tenant's image, and an address is what the kubelet of a node wrote down. So nothing is
followed, unpacked, kept open or read without a bound, and addresses that no pod of a cluster has are refused.
"""

import re
import ssl
from collections.abc import Collection, Generator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import anyio
import httpx2

from fluid._version import __version__
from fluid.kube.errors import Unavailable

PAGE = 1024 * 1024
"""Bytes of a page that are read by default."""
Network = IPv4Network | IPv6Network
_CONNECTIONS, _OK = 64, 200
_PATH = re.compile(r"/[!-\"$-~]{0,1023}")
_ACCEPT = "text/plain;version=0.0.4,text/plain;q=0.5,*/*;q=0.1"


class PodHttp:
    """Reads pages of pods; each over a connection of its own, without TLS.

    Args:
        trusted: networks that are connected to although their addresses would be refused, for tests.
    """

    def __init__(self, trusted: Collection[Network] = ()) -> None:
        self._trusted = tuple(trusted)
        limits = httpx2.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=0)
        unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # making the usual one takes long
        # The transport by itself follows no redirect, keeps no cookie, asks no proxy and unpacks nothing.
        self._transport = httpx2.AsyncHTTPTransport(verify=unused, trust_env=False, limits=limits)

    async def get(
        self,
        address: str,
        port: int,
        path: str,
        *,
        deadline: float,
        limit: int = PAGE,
    ) -> str:
        """The page at a path, which must be UTF-8.

        Args:
            address: the pod's IP address.
            port: the port that serves it.
            path: path and query, of at most 1024 printable ASCII characters.
            deadline: seconds until the page must be complete.
            limit: bytes that it may have; above it the connection is closed and the call fails.

        Raises:
            Unavailable: the address is none of a pod, nobody answers in time, or the answer is no page, but a
                redirect, an error, packed, too large, no UTF-8.
        """
        url = self._url(address, port, path)
        with _failures(url, deadline), anyio.fail_after(deadline):
            body = await self._read(url, limit)
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise _refused("NoText", url, "the answer is no UTF-8") from error

    async def _read(self, url: str, limit: int) -> bytes:
        headers = {
            "Accept": _ACCEPT,
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": f"fluid/{__version__}",
        }
        request = httpx2.Request("GET", url, headers=headers)
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            if response.status_code != _OK:
                words = "; redirects are not followed" if response.is_redirect else ""
                raise _refused("NoPage", url, f"the answer has status {response.status_code}{words}")
            encoding = response.headers.get("Content-Encoding", "identity").lower()
            if encoding != "identity":
                raise _refused("Encoded", url, f"the answer is packed ({encoding[:40]!r})")
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > limit:
                    raise _refused("TooLarge", url, f"the answer has more than {limit} bytes")
            return bytes(body)
        finally:
            await response.aclose()

    def _url(self, address: str, port: int, path: str) -> str:
        """The address of a page.

        Raises:
            Unavailable: it is none that may be read.
        """
        where = f"{address[:64]!r}"
        try:
            found = ip_address(address)
        except ValueError as error:
            raise _refused("NoAddress", where, "is no IP address") from error
        if not any(found in network for network in self._trusted) and _is_no_pods(found):
            raise _refused("NoPodAddress", where, "is an address that no pod has")
        if not 0 < port < 65536:
            raise _refused("NoPort", where, f"{port} is no port")
        if not _PATH.fullmatch(path):
            raise _refused("NoPath", where, f"{path[:64]!r} is no path of printable ASCII characters")
        host = f"[{found}]" if isinstance(found, IPv6Address) else str(found)
        return f"http://{host}:{port}{path}"


def _is_no_pods(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address means the operator itself, a neighbour on its link, many, or nobody."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    one = mapped or address
    if isinstance(one, IPv6Address) and one.scope_id is not None:
        return True
    return (
        one.is_loopback
        or one.is_link_local
        or one.is_multicast
        or one.is_unspecified
        or (isinstance(one, IPv4Address) and one.is_reserved)
    )


def _refused(reason: str, where: str, problem: str) -> Unavailable:
    return Unavailable(0, reason, f"GET {where}: {problem}")


@contextmanager
def _failures(url: str, deadline: float) -> Generator[None]:
    """Turns everything that the HTTP client raises into `Unavailable`."""
    try:
        yield
    except TimeoutError as error:
        raise _refused("Timeout", url, f"no complete answer in {deadline:g} s") from error
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError, ValueError) as error:
        raise _refused(type(error).__name__, url, str(error) or type(error).__name__) from error
