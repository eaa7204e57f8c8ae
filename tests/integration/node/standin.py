"""A hub that is played: it follows one centre's log by the real rules and answers with receipts."""

import asyncio

from bri.log.v1 import log_pb2
from nats.aio.client import Client
from nats.aio.msg import Msg

from bri_kit import transport
from bri_kit.consuming import Consumer
from bri_kit.ending import end
from bri_kit.trust import Judgement, Ledger, Standing


class StandInHub:
    """Keeps what a centre's ledger accepts. `rejects` are numbers whose content it does not like;
    while it is `mute` it tells no receipts unless it is asked."""

    def __init__(self, url: str, centre: str, key: bytes) -> None:
        self.ledger = Ledger(centre, key)
        self.rejects: set[int] = set()
        self.mute = False
        self.deaf = False
        self.entries: list[log_pb2.Entry] = []
        self.receipts: dict[int, log_pb2.Receipt] = {}
        self.messages: list[str] = []
        self._hashes: dict[int, bytes] = {}
        self._url = url
        self._client: Client | None = None
        self._following: asyncio.Task[None] | None = None

    @property
    def client(self) -> Client:
        assert self._client is not None
        return self._client

    async def start(self) -> None:
        self._client = await transport.connect(self._url, "stand-in")
        consumer = Consumer(self._client)
        await consumer.start()
        subject = transport.ask_subject(self.ledger.centre)
        await self._client.subscribe(subject, cb=self._answer)
        self._following = asyncio.create_task(self._follow(consumer))

    async def stop(self) -> None:
        if self._following is not None:
            await end(self._following)
        if self._client is not None:
            await self._client.close()

    def forget(self, number: int) -> None:
        """Be a hub restored from a backup that was made after the entry with this number."""
        self.ledger.number, self.ledger.head = number, self._hashes[number]
        self.entries = self.entries[:number]
        self.receipts = {each: self.receipts[each] for each in self.receipts if each <= number}

    async def ask_again(self, first: int, last: int) -> None:
        request = log_pb2.ResendRequest(first=first, last=last).SerializeToString()
        await self.client.publish(transport.resend_subject(self.ledger.centre), request)

    async def tell(self, *receipts: log_pb2.Receipt) -> None:
        message = log_pb2.Receipts(
            centre=self.ledger.centre, head=self.ledger.number, receipts=receipts
        )
        subject = transport.receipt_subject(self.ledger.centre)
        await self.client.publish(subject, message.SerializeToString())

    async def _follow(self, consumer: Consumer) -> None:
        while True:
            batch = await consumer.next_batch(500)
            if not self.deaf:
                self.messages += [(each.headers or {}).get("Nats-Msg-Id", "") for each in batch]
                judgements = self.ledger.judge([each.data for each in batch], self._hashes.get)
                receipts = [each for each in map(self._take, judgements) if each is not None]
                if receipts and not self.mute:
                    await self.tell(*receipts)
            await consumer.acknowledge(batch[-1])

    def _take(self, judgement: Judgement) -> log_pb2.Receipt | None:
        each = judgement.candidate
        if each is None or judgement.standing is not Standing.ACCEPTED:
            return None
        self.entries.append(each.entry)
        self._hashes[each.number] = each.hash
        receipt = log_pb2.Receipt(
            number=each.number, hash=each.hash, verdict=log_pb2.VERDICT_ACCEPTED
        )
        if each.number in self.rejects:
            receipt.verdict = log_pb2.VERDICT_REJECTED
            receipt.reason, receipt.detail = "unknown-topic", "No topic is called so."
        self.receipts[each.number] = receipt
        return receipt

    async def _answer(self, message: Msg) -> None:
        after = log_pb2.ReceiptsRequest.FromString(message.data).after
        receipts = [self.receipts[number] for number in sorted(self.receipts) if number > after]
        answer = log_pb2.Receipts(
            centre=self.ledger.centre, head=self.ledger.number, receipts=receipts[:100]
        )
        await message.respond(answer.SerializeToString())
