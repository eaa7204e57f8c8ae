"""Asking services over HTTP: what goes wrong becomes one line, and redirects are not followed."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

from bri_cli.outcome import CommandFailed

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
Params = Mapping[str, str | int | Sequence[str]]


class Unreachable(CommandFailed):
    """The service does not answer."""


class Refused(CommandFailed):
    """The service answered with a problem document."""

    def __init__(self, url: str, status: int, problem: Mapping[str, Any]) -> None:
        self.code = status
        self.problem = problem
        told = problem.get("detail") or problem.get("title") or f"status {status}"
        fields = [f"{each['field']} {each['message']}" for each in problem.get("errors") or ()]
        super().__init__(f"{url}: {'; '.join([str(told), *fields])}")


class Remote:
    """One service at an address. A context manager: it holds connections."""

    def __init__(
        self, url: str, token: str = "", transport: httpx.BaseTransport | None = None
    ) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            self._client = httpx.Client(
                base_url=self.url, headers=headers, timeout=TIMEOUT, transport=transport
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise Unreachable(f"{url!r} is not an address: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, params: Params | None = None) -> Any:
        """The JSON that a path answers. Raises Unreachable or Refused."""
        return self._ask("GET", path, params=params).json()

    def post(self, path: str, content: bytes, kind: str, params: Params | None = None) -> bytes:
        """What a path answers to `content` of the media type `kind`. Raises as `get` does."""
        headers = {"Content-Type": kind}
        return self._ask("POST", path, content=content, headers=headers, params=params).content

    def _ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(f"{self.url} cannot be reached: {reason}") from None
        if not answer.is_success:
            raise Refused(f"{self.url}{path}", answer.status_code, _problem(answer))
        return answer


def _problem(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return {"title": answer.reason_phrase, "detail": f"it answers {answer.status_code}"}
    return document
