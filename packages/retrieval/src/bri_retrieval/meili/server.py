"""A Meilisearch server, as the engine talks to it.

Rules:
- administration goes through the official client, documents and questions straight over HTTP;
- whatever the server does instead of answering is told in one line: not reached, too slow, refused,
  with Meilisearch's own code and message. Readers see it: it does not say where the server is;
- a task is awaited until it has ended; one that failed is an error like any other;
- what the server says of documents, and not of itself, may be the fault of one of them
  (DocumentsRefused);
- nothing is tried again here: whoever follows a log goes on from its cursor.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from math import inf
from typing import Any, TypeVar

import httpx
import meilisearch
import orjson
from meilisearch.errors import (
    MeilisearchApiError,
    MeilisearchCommunicationError,
    MeilisearchError,
    MeilisearchTimeoutError,
)

from bri_retrieval.engine import BatchFailed, EngineUnavailable

OLDEST_VERSION = (1, 40)
"""Federated searches have exact totals since; 1.50.0 is what all tests run against."""

NEXT_MAJOR = 2
SEARCH_SECONDS = 10.0
"""The longest that any question waits; whoever asks may have less time."""

TASK_SECONDS = 300.0
_CONNECT_SECONDS = 2.0
_AS_IT_IS = {"Accept-Encoding": "identity"}
"""Compressed answers come in small pieces, each of which waits up to 40 ms for the last one's
acknowledgement (Nagle's algorithm against delayed acknowledgements)."""

_SHORTEST_POLL, _LONGEST_POLL = 0.002, 0.1
_REFUSALS = ("invalid_api_key", "missing_authorization_header")
_VERSION = re.compile(r"(\d+)\.(\d+)\.")

_OF_DOCUMENTS = ("payload_too_large", "malformed_payload", "internal")
"""Codes that may be the fault of one document; so may all that begin with one of these."""

_OF_DOCUMENTS_TOO = ("invalid_document", "missing_document")

Answer = TypeVar("Answer")


class IndexMissing(EngineUnavailable):
    """The server has no such index, or none that we made."""


class ServerRefused(EngineUnavailable):
    """The server will not serve us, however often it is asked: a wrong key or a wrong version."""


class TaskFailed(EngineUnavailable):
    """The server could not do what it was told."""


class DocumentsRefused(BatchFailed):
    """The server did not take some documents, and says that they are to blame, or not why."""


class Server:
    """The server at `url`; `key` may be empty where it asks for none. Any thread may use it."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        headers = dict(_AS_IT_IS, **({"Authorization": f"Bearer {key}"} if key else {}))
        timeout = httpx.Timeout(SEARCH_SECONDS, connect=_CONNECT_SECONDS)
        self._http = httpx.Client(base_url=self.url, headers=headers, timeout=timeout)
        self._administration = meilisearch.Client(self.url, key or None, timeout=30)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def check(self) -> str:
        """The server's version.

        Raises:
            ServerRefused: the key is wrong, or the version is none that we can work with.
        """
        version = self._administer(lambda client: str(client.get_version()["pkgVersion"]))
        found = _VERSION.match(version)
        number = (int(found[1]), int(found[2])) if found else (0, 0)
        if not OLDEST_VERSION <= number < (NEXT_MAJOR, 0):
            oldest = ".".join(map(str, OLDEST_VERSION))
            raise ServerRefused(
                f"Meilisearch is {version}; from {oldest} to {NEXT_MAJOR} is needed"
            )
        return version

    def create(self, index: str, settings: MutableMapping[str, Any]) -> None:
        """Make an index with `settings`, an empty one in place of any that is there."""
        # Tasks are done in order; this one fails where there is nothing to delete.
        self._administer(lambda client: client.index(index).delete())
        self._do(lambda client: client.index(index).update_settings(settings))

    def delete(self, index: str) -> None:
        """Remove an index, if there is one."""
        try:
            self._do(lambda client: client.index(index).delete())
        except IndexMissing:
            return

    def swap(self, one: str, other: str) -> None:
        """Let two indexes change names, at once."""
        self._do(lambda client: client.swap_indexes([{"indexes": [one, other]}]))

    def find(self, index: str, name: str) -> Mapping[str, Any] | None:
        """A document by its name.

        Raises:
            IndexMissing: there is no such index.
        """
        found = self.ask(f"/indexes/{index}/documents/fetch", {"ids": [name]})["results"]
        return found[0] if found else None

    def put(self, index: str, documents: Sequence[Mapping[str, Any]]) -> int:
        """Hand in documents that replace those of the same name; the task's number.

        Raises:
            DocumentsRefused: they are too many bytes, or malformed.
        """
        return self._handed_in("POST", f"/indexes/{index}/documents?primaryKey=id", documents)

    def remove(self, index: str, names: Sequence[str]) -> int:
        """Hand in the removal of documents; the task's number."""
        return self._handed_in("POST", f"/indexes/{index}/documents/delete-batch", names)

    def ask(self, path: str, body: Any, deadline: float = inf) -> Any:
        """What the server answers to a question, by `deadline` (of `time.monotonic`)."""
        seconds = min(SEARCH_SECONDS, max(deadline - time.monotonic(), 0.001))
        return self._request("POST", path, body, seconds)

    def wait(self, task: int, seconds: float = TASK_SECONDS) -> None:
        """Wait until a task has ended.

        Raises:
            DocumentsRefused: it failed because of a document, or nobody knows why.
            TaskFailed: it failed for another reason, or was cancelled.
            EngineUnavailable: it takes too long.
        """
        deadline, pause = time.monotonic() + seconds, _SHORTEST_POLL
        while time.monotonic() < deadline:
            found = self._request("GET", f"/tasks/{task}", None, SEARCH_SECONDS)
            if found["status"] == "succeeded":
                return
            if found["status"] in ("failed", "canceled"):
                raise _task_failure(found)
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_POLL)
        raise EngineUnavailable(f"Meilisearch's task {task} takes more than {seconds:g} s")

    def _handed_in(self, method: str, path: str, body: Any) -> int:
        return int(self._request(method, path, body, TASK_SECONDS)["taskUid"])

    def _request(self, method: str, path: str, body: Any, seconds: float) -> Any:
        content = None if body is None else orjson.dumps(body)
        headers = {"Content-Type": "application/json"} if content else {}
        timeout = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        try:
            answer = self._http.request(
                method, path, content=content, headers=headers, timeout=timeout
            )
            found = orjson.loads(answer.content)
        except httpx.TimeoutException:
            raise self._silent(f"within {seconds:.3g} s") from None
        except (httpx.HTTPError, RuntimeError) as reason:
            raise self._silent(str(reason)) from reason
        except ValueError as reason:
            raise self._odd() from reason
        if answer.is_error:
            raise _refusal(str(found.get("code", "")), str(found.get("message", "")))
        return found

    def _do(self, work: Callable[[meilisearch.Client], Any]) -> None:
        self.wait(self._administer(work).task_uid)

    def _administer(self, work: Callable[[meilisearch.Client], Answer]) -> Answer:
        with self._told():
            return work(self._administration)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except MeilisearchApiError as reason:
            raise _refusal(reason.code or "", reason.message) from reason
        except (MeilisearchCommunicationError, MeilisearchTimeoutError) as reason:
            raise self._silent("it cannot be reached") from reason
        except (MeilisearchError, KeyError, TypeError, ValueError) as reason:
            raise self._odd() from reason

    def _odd(self) -> EngineUnavailable:
        return EngineUnavailable("what is there answers, but not as Meilisearch does")

    def _silent(self, how: str) -> EngineUnavailable:
        return EngineUnavailable(f"Meilisearch does not answer: {how}")


def _refusal(code: str, message: str) -> EngineUnavailable:
    kind = EngineUnavailable
    if code == "index_not_found":
        kind = IndexMissing
    if code in _REFUSALS:
        kind = ServerRefused
    if _is_of_documents(code):
        kind = DocumentsRefused
    return kind(f"Meilisearch refuses ({code}): {message}")


def _task_failure(task: Mapping[str, Any]) -> EngineUnavailable:
    error = task.get("error") or {}
    if error.get("code") == "index_not_found":
        return IndexMissing(f"Meilisearch's task {task['uid']} failed: {error.get('message')}")
    told = f"{error.get('code')}: {error.get('message')}" if error else "it was cancelled"
    kind = DocumentsRefused if _is_of_documents(str(error.get("code", ""))) else TaskFailed
    return kind(f"Meilisearch's task {task['uid']} ({task['type']}) failed: {told}")


def _is_of_documents(code: str) -> bool:
    return code in _OF_DOCUMENTS or code.startswith(_OF_DOCUMENTS_TOO)
