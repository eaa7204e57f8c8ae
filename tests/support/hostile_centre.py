"""An admitted centre that signs what it likes: it joins as every centre does, and then publishes to
the broker under its own subject, past any node that would refuse its content.

Rules:
- it holds a signing key, a user of the broker and credentials of its own, and no other rights;
- bytes that the hub refuses do not become part of its log: `settle` goes back to where the hub
  stands, so that what is published next is read again.
"""

import asyncio
import random
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

import httpx
import nats.errors
from bri.log.v1 import log_pb2
from nacl.signing import SigningKey

from bri_kit import claims, clock, joining, log, nkey, signing, transport
from bri_kit.access import Access
from bri_kit.authority import write_secret
from bri_kit.joining import JoinRequest
from bri_kit.nkey import Kind
from tests.support.centres import Centre
from tests.support.hostile_records import Hostile, with_bytes

LANGUAGES = ["en", "ru", "zh"]
_SECONDS = 10.0
_WINDOW = 64


class HostileCentre:
    """One centre; join before anything else, and close at the end."""

    def __init__(self, code: str, chance: random.Random) -> None:
        self.log = Centre(code, SigningKey(chance.randbytes(32)))
        self.chance = chance
        self.refused = 0
        """How many messages the broker did not take."""
        self._user = SigningKey(chance.randbytes(32))
        self._client: transport.Connection | None = None

    @property
    def code(self) -> str:
        return self.log.code

    @property
    def client(self) -> transport.Connection:
        """The connection to the broker."""
        assert self._client is not None
        return self._client

    async def join(self, hub: str, admin: str, nats_url: str, folder: Path) -> None:
        """Have a join request granted with the token of the hub's `admin`, and dial the broker.

        Raises:
            httpx.HTTPError: the hub does not answer, or refuses.
        """
        request = joining.seal_request(self.join_request(), self.log.key)
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.post(
                f"{hub}/api/v1/admin/joining",
                json={"request": request},
                headers={"Authorization": f"Bearer {admin}"},
            )
        answer.raise_for_status()
        letter, _ = joining.open_letter(answer.json()["letter"])
        path = folder / f"{self.code}.creds"
        write_secret(path, claims.credentials(letter.claim, nkey.seed(self._user, Kind.USER)))
        access = Access(path, self.code)
        async with asyncio.timeout(_SECONDS):
            self._client = await transport.connect(nats_url, self.code, access=access)

    def join_request(self) -> JoinRequest:
        """What it says of itself."""
        return JoinRequest(
            code=self.code,
            names={"en": f"Centre {self.code}"},
            languages=LANGUAGES,
            edition_languages=LANGUAGES,
            countries=["KZ"],
            contact="operator@centre.example",
            public_key=b64encode(self.log.public_key).decode(),
            nats_user=nkey.public(self._user, Kind.USER),
            made_at=clock.now(),
            nonce=self.chance.randbytes(16).hex(),
        )

    async def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            await self._client.close()

    async def publish(self, hostile: Iterable[Hostile]) -> None:
        """Sign and send, one after the other."""
        for each in hostile:
            await self._send([self.sign(each)])

    async def publish_entries(self, entries: Iterable[log_pb2.Entry]) -> None:
        """Sign and send many at once, a window at a time."""
        window: list[bytes] = []
        for entry in entries:
            window.append(self.log.write(entry))
            if len(window) == _WINDOW:
                await self._send(window)
                window = []
        await self._send(window)

    def sign(self, hostile: Hostile) -> bytes:
        """The envelope of the next entry of this centre's log."""
        entry, own = log_pb2.Entry(), self.log
        entry.CopyFrom(hostile.entry)
        entry.centre, entry.number, entry.previous = own.code, len(own.entries) + 1, own.head
        entry.written_at = hostile.at
        data = with_bytes(entry.SerializeToString())
        sealed = log_pb2.SignedEntry(
            entry=data, signature=signing.sign(own.key, data), key=own.public_key
        ).SerializeToString()
        # What the hub cannot read it refuses, and the next entry takes the number.
        if data == entry.SerializeToString() and len(data) <= log.MAX_ENTRY_BYTES:
            own.head = log.entry_hash(data)
            own.entries.append(sealed)
        return sealed

    async def settle(self) -> int:
        """Go back to where the hub stands; returns the number that it has come to."""
        request = log_pb2.ReceiptsRequest(after=max(0, len(self.log.entries) - 1))
        try:
            answer = await self.client.request(
                transport.ask_subject(self.code), request.SerializeToString(), timeout=_SECONDS
            )
        except nats.errors.Error:
            return len(self.log.entries)
        told = log_pb2.Receipts.FromString(answer.data)
        if told.head < len(self.log.entries):
            del self.log.entries[told.head :]
            self.log.head = told.head_hash or log.GENESIS
        return len(self.log.entries)

    async def flood(self, subject: str, payload: bytes, count: int) -> None:
        """Publish the same to a subject of its own, as fast as the line takes it."""
        try:
            for _ in range(count):
                await self.client.publish(subject, payload)
            await self.client.flush(timeout=30)
        except (nats.errors.Error, OSError):
            self.refused += 1

    async def _send(self, envelopes: list[bytes]) -> None:
        """Publish to the stream; what is not acknowledged in time is counted, and let go."""
        subject, stream = transport.log_subject(self.code), self.client.jetstream()
        tasks = [asyncio.ensure_future(stream.publish(subject, each)) for each in envelopes]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        self.refused += sum(isinstance(each, BaseException) for each in answers)
