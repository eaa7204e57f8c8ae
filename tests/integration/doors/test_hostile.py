"""What chance seldom finds, asked of every parameter and every body that a service describes.

Rules: an answer is never a failure, its status is one that the document tells, and an error is a
problem document.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from bri_kit.auth import Role
from tests.integration.doors.conftest import Service

VALUES = [
    b"",
    b" ",
    b"0",
    b"-1",
    b"9223372036854775808",
    b"9" * 400,
    b"1e309",
    b"NaN",
    b"true",
    b"null",
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    "\u202e\u0000固体废物".encode(),
    b"%00",
    b"%",
    b"%_%",
    b"' OR 1=1 --",
    b'"; DROP TABLE record; --',
    b"../../../../etc/passwd",
    b"..%2f..%2fetc",
    b"{{7*7}}",
    b"${jndi:ldap://x}",
    b"a" * 5_000,
    b"sco:01JD4XG2Q70000000000000000",
    b"sco:" + b"0" * 26,
    b"*",
    b'"',
    b'"' * 200,
    b"(" * 200,
    b"a AND (b OR",
    b"title:x^1e9~0.5 [a TO b]",
    b"eyJ9",
    b"W10",
    b"WzFd",
    b"W251bGxd",
    b"WzFlMzA5XQ",
    b"2019-02-30",
    b"0000-00-00",
]
BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"7",
    b'"x"',
    b"[" * 20_000,
    b'{"a":' * 20_000,
    b"\xff\xfe\x00",
    b'{"reason": "\\ud800"}',
    b'{"reason": null}',
    b'{"reason": {"a": []}}',
    b'{"reason": ' + b"9" * 5_000 + b"}",
    b'{"reason": "' + b"a" * 100_000 + b'"}',
    b'{"reason": "\\u0000"}',
    b'{"kind": "news", "kind": "policy"}',
    b'{"key": "////////////////////////////////////////////", "reason": "x"}',
]
KINDS = [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "",
]
REFERENCE = b"sco:01JD4XG2Q70000000000000000"

Operation = tuple[str, str, dict[str, Any]]


def operations(service: Service) -> Iterator[Operation]:
    for path, methods in service.app.openapi()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


async def ask(http: httpx.AsyncClient, operation: Operation, **sent: Any) -> None:
    """Ask, and hold the answer against this module's rules."""
    method, path, described = operation
    query, place = sent.pop("query", b""), sent.pop("place", path)
    url = httpx.URL(place).copy_with(query=query) if query else place
    answer = await http.request(method, url, **sent)
    told = (method, place, query, answer.status_code, answer.text[:300])
    assert answer.status_code < 500 or answer.status_code == 503, told
    # What is put into a path may lead to another route (a page asks for its language), or to none.
    allowed = {int(status) for status in described["responses"]} | {302, 404, 405, 307}
    assert answer.status_code in allowed, told
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json", told
        assert answer.json()["status"] == answer.status_code


def filled(path: str, value: bytes = REFERENCE) -> str:
    while "{" in path:
        path = path[: path.index("{")] + quote(value, safe="") + path[path.index("}") + 1 :]
    return path


@pytest.fixture(params=[None, Role.ADMIN], ids=["nobody", "admin"])
def http(request: pytest.FixtureRequest, service: Service) -> httpx.AsyncClient:
    return service.client() if request.param is None else service.of(request.param)


async def test_no_value_of_any_parameter_is_a_failure(
    service: Service, http: httpx.AsyncClient
) -> None:
    """In the path, in the query, once and twice, and in every header that is described."""
    for operation in operations(service):
        _, path, described = operation
        body: dict[str, Any] = {"json": {}} if "requestBody" in described else {}
        for parameter in described.get("parameters", []):
            name = parameter["name"]
            for value in VALUES:
                if parameter["in"] == "path":
                    place = filled(path, value)
                    if place.isascii():
                        await ask(http, operation, place=place, **body)
                elif parameter["in"] == "query":
                    query = f"{name}={quote(value)}".encode()
                    await ask(http, operation, place=filled(path), query=query, **body)
                elif not set(value) & {0, 10, 13}:
                    headers = [(name.encode(), value)]
                    await ask(http, operation, place=filled(path), headers=headers, **body)
            if parameter["in"] == "query":
                query = "&".join([f"{name}=a"] * 150).encode()
                await ask(http, operation, place=filled(path), query=query, **body)


async def test_no_body_is_a_failure(service: Service, http: httpx.AsyncClient) -> None:
    """Of whatever kind it says that it is."""
    for operation in operations(service):
        if "requestBody" not in operation[2]:
            continue
        for body in BODIES:
            for kind in KINDS:
                headers = {"Content-Type": kind} if kind else {}
                place = filled(operation[1])
                await ask(http, operation, place=place, content=body, headers=headers)


async def test_methods_that_are_not_there_are_refused(service: Service) -> None:
    """405 as a problem document, and what there is instead."""
    for _, path, _ in operations(service):
        answer = await service.client().request("TRACE", filled(path))
        assert answer.status_code == 405, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["allow"]
