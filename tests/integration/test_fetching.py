"""Asking on behalf of a user, with servers of this machine for the internet and for what is not."""

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest

from bri_kit import fetching
from bri_kit.addresses import parse_networks
from bri_kit.fetching import (
    AddressRefused,
    AnswerTooLarge,
    AnswerTooSlow,
    AnswerUnreadable,
    Bounds,
    FetchRefused,
    Unanswered,
    fetch,
    is_public,
)

HERE = Bounds(allowed=parse_networks("127.0.0.1"), seconds=5)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Answers every connection with the same bytes; `asked` keeps what it read."""

    answer: bytes = OK
    then_hang: bool = False
    port: int = 0
    asked: list[bytes] = field(default_factory=list)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.tasks.append(task)
        self.asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        if self.then_hang:
            await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def url(self, host: str = "127.0.0.1", path: str = "/") -> str:
        return f"http://{host}:{self.port}{path}"


@asynccontextmanager
async def serving(server: Server, host: str = "127.0.0.1") -> AsyncIterator[Server]:
    running = await asyncio.start_server(server.serve, host, 0)
    server.port = running.sockets[0].getsockname()[1]
    async with running:
        yield server
    await asyncio.gather(*server.tasks)


NOT_PUBLIC = """
    0.0.0.0 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.0.1 169.254.169.254 172.16.0.1
    192.0.0.192 192.0.2.1 192.168.1.1 198.18.0.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255
    168.63.129.16 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 2002:7f00:1:: 2002:a00:1::1
    2001:0:7f00:1::1 2001:0:0:0:0:0:80ff:fffe fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1
    2001:db8::1 100::1
""".split()


@pytest.mark.parametrize("text", NOT_PUBLIC)
async def test_what_is_not_the_internet_is_refused(text: str) -> None:
    """Whatever way it is written in, and whatever is wrapped in it."""
    assert not is_public(ip_address(text))
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(FetchRefused):
        await fetch(f"http://{host}:1/", Bounds())


@pytest.mark.parametrize("text", "93.184.216.34 8.8.8.8 2606:4700::1111 64:ff9b::808:808".split())
def test_what_is_the_internet_is_not(text: str) -> None:
    """The guard is no wall."""
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "host",
    "localhost LOCALHOST localhost. 127.1 2130706433 0x7f000001 0177.0.0.1 0 [::ffff:7f00:1] "
    "127.0.0.1. ①②⑦.0.0.1".split(),
)
async def test_no_spelling_of_this_machine_gets_through(host: str) -> None:
    """It is not the text that is judged but the address that it means."""
    async with serving(Server()) as server:
        with pytest.raises(FetchRefused):
            await fetch(server.url(host), Bounds(seconds=5))
        assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "", "/", "//x", "ftp://example.org/", "file:///etc/passwd", "gopher://127.0.0.1/",
        "http://", "http:///x", "http://user:pass@127.0.0.1/", "http://127.0.0.1@127.0.0.1/",
        "http://[fe80::1%25eth0]/", "http://exa mple.org/", "http://a..b/", "http://\x00/",
        "http://" + "a" * 300 + "/", "http://127.0.0.1:99999/", "javascript:alert(1)",
    ],
)  # fmt: skip
async def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    """With a reason, and never by failing otherwise; even where this machine is allowed."""
    with pytest.raises(FetchRefused):
        await fetch(url, HERE)


async def test_what_is_allowed_is_asked() -> None:
    """Under the name that was given, without compression, and without what this process knows."""
    async with serving(Server()) as server:
        answer = await fetch(server.url("localhost", "/a?b=c"), HERE)
    assert (answer.status, answer.body) == (200, b"ok")
    [asked] = server.asked
    assert asked.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert f"Host: localhost:{server.port}".encode() in asked
    assert b"Accept-Encoding: identity" in asked


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to whatever it likes."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with serving(Server()) as server:
        assert (await fetch(server.url(), HERE)).body == b"ok"


async def test_a_redirect_is_judged_like_a_request() -> None:
    """The way from outside to inside leads through a server that is allowed."""
    async with serving(Server()) as inside:
        for target in (f"http://127.0.0.2:{inside.port}/", "file:///etc/passwd", "http://[::1]/"):
            location = f"HTTP/1.1 302 F\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
            async with serving(Server(location.encode())) as outside:
                with pytest.raises(FetchRefused):
                    await fetch(outside.url(), HERE)
                assert len(outside.asked) == 1
        assert inside.asked == []


async def test_redirects_end() -> None:
    """A ring of them is left after a few."""
    async with serving(Server()) as server:
        location = f"HTTP/1.1 302 F\r\nLocation: {server.url()}\r\nContent-Length: 0\r\n\r\n"
        server.answer = location.encode()
        with pytest.raises(Unanswered):
            await fetch(server.url(), HERE)
        assert len(server.asked) == 1 + HERE.max_redirects


async def test_a_redirect_forgets_the_secret_of_the_first_server() -> None:
    """What was meant for one is not told to another."""
    async with serving(Server()) as second:
        location = f"HTTP/1.1 307 F\r\nLocation: {second.url('localhost')}\r\n"
        async with serving(Server(f"{location}Content-Length: 0\r\n\r\n".encode())) as first:
            answer = await fetch(first.url(), HERE, headers={"Authorization": "Bearer x"})
    assert answer.url == second.url("localhost")
    assert b"authorization" in first.asked[0].lower()
    assert b"authorization" not in second.asked[0].lower()


Lookup = Callable[..., Any]


def names(*answers: list[str]) -> Lookup:
    """A name server whose answer changes from question to question."""
    left = list(answers)

    async def getaddrinfo(_loop: Any, _host: str, port: int, **_options: Any) -> list[Any]:
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    return getaddrinfo


async def test_a_name_that_changes_its_meaning_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is looked up once, and the connection goes where that answer said (DNS rebinding)."""
    async with serving(Server(), "127.0.0.2") as inside, serving(Server()) as outside:
        loop = type(asyncio.get_running_loop())
        monkeypatch.setattr(loop, "getaddrinfo", names(["127.0.0.1"], ["127.0.0.2"]))
        answer = await fetch(outside.url("rebinding.example"), HERE)
        assert answer.body == b"ok"
        assert len(outside.asked) == 1
        with pytest.raises(AddressRefused):
            await fetch(outside.url("rebinding.example"), HERE)
        assert inside.asked == []


async def test_a_name_with_one_bad_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Good ones beside it do not help."""
    async with serving(Server()) as server:
        loop = type(asyncio.get_running_loop())
        monkeypatch.setattr(loop, "getaddrinfo", names(["127.0.0.1", "10.0.0.1"]))
        with pytest.raises(AddressRefused):
            await fetch(server.url("two.example"), HERE)
        assert server.asked == []


async def test_an_answer_that_is_too_large_is_not_read_on() -> None:
    """Announced or endless, it ends at the limit."""
    bounds = Bounds(HERE.allowed, max_bytes=1000, seconds=5)
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    async with serving(Server(head + b"x" * 1000)) as server:
        assert len((await fetch(server.url(), bounds)).body) == 1000
    async with serving(Server(head + b"x" * 1001, then_hang=True)) as server:
        with pytest.raises(AnswerTooLarge):
            await fetch(server.url(), bounds)


def compressed(body: bytes, coding: str = "gzip") -> bytes:
    """An answer that says that it is compressed."""
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
async def test_an_answer_that_is_compressed_unasked_is_unfolded(coding: str) -> None:
    """Whatever it was made of, several members among them, and then says so no more."""
    body = gzip.compress(b"one, ") + gzip.compress(b"two")
    async with serving(Server(compressed(body, coding))) as server:
        answer = await fetch(server.url(), HERE)
    assert answer.body == b"one, two"
    assert "content-encoding" not in answer.headers


async def test_an_empty_answer_needs_no_unfolding() -> None:
    """As servers answer that nothing changed."""
    async with serving(Server(compressed(b""))) as server:
        assert (await fetch(server.url(), HERE)).body == b""


async def test_a_compressed_answer_is_unfolded_to_its_bound_and_no_further() -> None:
    """A few bytes can stand for gigabytes: what is read of them is what may be read."""
    bounds = Bounds(HERE.allowed, max_bytes=1000, seconds=5)
    async with serving(Server(compressed(gzip.compress(bytes(1000))))) as server:
        assert (await fetch(server.url(), bounds)).body == bytes(1000)
    for body in (gzip.compress(bytes(1001)), gzip.compress(bytes(600)) * 2):
        async with serving(Server(compressed(body))) as server:
            with pytest.raises(AnswerTooLarge):
                await fetch(server.url(), bounds)
    bomb = gzip.compress(bytes(512 * 1024 * 1024), compresslevel=1)
    tracemalloc.start()
    try:
        async with serving(Server(compressed(bomb))) as server:
            with pytest.raises(AnswerTooLarge):
                await fetch(server.url(), HERE)
        assert tracemalloc.get_traced_memory()[1] < 4 * HERE.max_bytes + len(bomb)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (b"\x1f\x8b", "gzip"),
        (gzip.compress(b"half of it")[:-9], "gzip"),
        (gzip.compress(b"one") + b"rubbish", "gzip"),
        (gzip.compress(b"") * 101, "gzip"),
        (b"plain", "gzip"),
        (zlib.compress(b"text"), "deflate"),
        (b"text", "br"),
        (gzip.compress(gzip.compress(b"text")), "gzip, gzip"),
    ],
    ids=["begun", "half", "rubbish", "members", "plain", "deflate", "brotli", "twice"],
)
async def test_what_cannot_be_unfolded_is_no_answer(body: bytes, coding: str) -> None:
    """Damaged, or made in another way."""
    async with serving(Server(compressed(body, coding))) as server:
        with pytest.raises(AnswerUnreadable):
            await fetch(server.url(), HERE)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_an_answer_that_does_not_come_is_not_waited_for(begun: bytes) -> None:
    """Not its beginning and not its end."""
    async with serving(Server(begun, then_hang=True)) as server:
        with pytest.raises(AnswerTooSlow):
            await fetch(server.url(), Bounds(HERE.allowed, seconds=0.3))


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\xff" * 10, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]
)
async def test_nonsense_is_no_answer(answer: bytes) -> None:
    """Nor is half a one."""
    async with serving(Server(answer)) as server:
        with pytest.raises(Unanswered):
            await fetch(server.url(), HERE)


async def test_nobody_is_no_answer() -> None:
    """A closed port is told as such."""
    async with serving(Server()) as server:
        pass
    with pytest.raises(Unanswered):
        await fetch(server.url(), HERE)


def test_the_setting_is_read() -> None:
    """What an intranet needs is named once."""
    bounds = fetching.bounds_of("10.1.0.0/16, ::1")
    assert len(bounds.allowed) == 2
