"""Sends requests through one HTTP client, and counts them."""

import httpx2

NO_ANSWER = "<error>"
"""Used in place of the status when there was none."""


class Requests:
    """Sends requests and counts them in a dictionary, which is cheap enough for every request.

    Args:
        http: the client.

    Attributes:
        http: the client, to build requests with.
        host: the API server, ``HOST:PORT``.
        counts: how many were sent, by HTTP status (or ``<error>``) and method.
    """

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http: httpx2.AsyncClient = http
        self.host: str = http.base_url.netloc.decode()
        self.counts: dict[tuple[str, str], int] = {}

    async def send(self, request: httpx2.Request, *, stream: bool = False) -> httpx2.Response:
        """Sends one request; with `stream` the caller reads and closes the answer.

        Raises:
            httpx2.HTTPError: there is no answer, or none in HTTP.
        """
        code = NO_ANSWER
        try:
            response = await self.http.send(request, stream=stream)
            code = str(response.status_code)
        finally:
            sort = (code, request.method)
            self.counts[sort] = self.counts.get(sort, 0) + 1
        return response
