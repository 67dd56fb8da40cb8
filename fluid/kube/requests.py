"""Makes requests, sends them through one HTTP client, and counts them."""

from collections.abc import Mapping, Sequence

import httpx2

NO_ANSWER = "<error>"
"""Used in place of the status when there was none."""


class Requests:
    """Sends requests and counts them in a dictionary, which is cheap enough for every request.

    Args:
        http: the client.

    Attributes:
        host: the API server, ``HOST:PORT``.
        counts: how many were sent, by HTTP status (or ``<error>``) and method.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self._http = http
        self._base = str(http.base_url).rstrip("/")
        self._headers = dict(http.headers)
        self.host: str = http.base_url.netloc.decode()
        self.counts: dict[tuple[str, str], int] = {}

    def build(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | Sequence[str]] | None = None,
        headers: Mapping[str, str],
        content: bytes | None = None,
        timeout: httpx2.Timeout | None = None,
    ) -> httpx2.Request:
        """Makes a request to the API server, with the client's headers and cookies.

        The client's own method reads the URL three times, which took an eighth of the operator's CPU time.

        Args:
            method: of HTTP.
            path: below the server's address, with a leading slash.
            query: parameters; a name with several values is repeated.
            headers: names in lower case; they replace the client's.
            content: the body.
            timeout: of the steps of the exchange; None for the client's.
        """
        url = self._base + path + (f"?{httpx2.QueryParams(query)}" if query else "")
        return httpx2.Request(
            method,
            url,
            headers={**self._headers, **headers},
            cookies=self._http.cookies,
            content=content,
            extensions={"timeout": (timeout or self._http.timeout).as_dict()},
        )

    async def send(self, request: httpx2.Request, *, stream: bool = False) -> httpx2.Response:
        """Sends one request; with `stream` the caller reads and closes the answer.

        Raises:
            httpx2.HTTPError: there is no answer, or none in HTTP.
        """
        code = NO_ANSWER
        try:
            response = await self._http.send(request, stream=stream)
            code = str(response.status_code)
        finally:
            sort = (code, request.method)
            self.counts[sort] = self.counts.get(sort, 0) + 1
        return response
