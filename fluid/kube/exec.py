"""Commands in containers, over the websocket protocol of the exec subresource."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import anyio
import httpx2
import msgspec
from httpx2.websockets import HTTPXWSException, WebSocketUpgradeError
from lightkube.core.exceptions import ApiError
from lightkube.core.generic_client import BasicRequest
from lightkube.core.websocket import AsyncWebsocketDriver

from fluid.kube.errors import KubeError, Unavailable, error_for
from fluid.types import Key


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What a command in a container said.

    Attributes:
        exit_code: 0 for success.
        stdout: its output; bytes that are not UTF-8 are replaced.
        stderr: its error output, likewise.
    """

    exit_code: int
    stdout: str
    stderr: str


async def run_command(
    http: httpx2.AsyncClient, pod: Key, container: str, command: Sequence[str], seconds: float
) -> ExecResult:
    """Runs `command` and waits for its end, at most `seconds`; see `Connection.exec`."""
    where = f"exec {command[0]!r} in {pod} [{container}]"
    path = f"/api/v1/namespaces/{pod.namespace}/pods/{pod.name}/exec"
    # No stdin: lightkube's own exec always asks for one, and a command that reads it would hang.
    query: dict[str, Any] = {
        "command": [*command],
        "container": container,
        "stdout": "true",
        "stderr": "true",
    }
    request = BasicRequest(method="GET", url=path, params=query)
    try:
        with anyio.fail_after(seconds):
            driver = AsyncWebsocketDriver(http, request, timeout=seconds)
            response = await driver.write_and_read(stdout=True, stderr=True, decode=None)
    except (TimeoutError, httpx2.TimeoutException) as error:
        raise Unavailable(0, "Timeout", f"{where}: not finished after {seconds:g} s") from error
    except WebSocketUpgradeError as error:
        raise await _refused(where, error.response) from error
    except ApiError as error:
        raise Unavailable(
            500, error.status.reason or "ExecFailed", f"{where}: {error.status.message}"
        ) from error
    except (httpx2.HTTPError, HTTPXWSException, OSError, EOFError) as error:
        raise Unavailable(0, type(error).__name__, f"{where}: {error or 'the connection broke'}") from error
    except (msgspec.MsgspecError, IndexError, ValueError) as error:
        raise Unavailable(0, "ExecFailed", f"{where}: the answer cannot be read: {error}") from error
    return ExecResult(response.exit_code, _text(response.stdout), _text(response.stderr))


async def _refused(where: str, response: httpx2.Response) -> KubeError:
    """The API server did not open the channel; its sentence says why, if it can still be read."""
    try:
        with anyio.fail_after(1):
            message = str(msgspec.json.decode(await response.aread())["message"])
    except (httpx2.HTTPError, httpx2.StreamError, msgspec.MsgspecError, TimeoutError, KeyError, TypeError):
        message = f"HTTP {response.status_code}"
    hint = "; it needs the verbs get and create on pods/exec" if response.status_code == 403 else ""
    return error_for(response.status_code, "", f"{where}: {message}{hint}")


def _text(output: bytes | str | None) -> str:
    return output.decode(errors="replace") if isinstance(output, bytes) else output or ""
