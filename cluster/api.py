"""Plain requests to the API server, for the start of a cluster before any client exists."""

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"


@dataclass(frozen=True)
class ApiServer:
    """The API server, spoken to as admin."""

    url: str
    authority: Path
    token: str

    def get(self, path: str) -> str:
        """Return the body of a GET; raises OSError for anything but success."""
        return self._send("GET", path, None)

    def create(self, path: str, body: Json) -> str:
        """POST an object; one that exists already is left as it is."""
        try:
            return self._send("POST", path, body)
        except urllib.error.HTTPError as error:
            if error.code == 409:
                return ""
            raise

    def _send(self, method: str, path: str, body: Json) -> str:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": "fluid-cluster",
            },
        )
        context = ssl.create_default_context(cafile=str(self.authority))
        with urllib.request.urlopen(request, context=context, timeout=10) as response:
            return response.read().decode()
