"""Editors at work: they create, import, revise, retract and publish again, whatever happens.

Rules:
- a creation whose answer was lost is repeated with the same idempotency key until it is answered;
- what else was not answered is not repeated: the editor looks at the record, and goes on from
  what there is;
- an answer that says 'no' where nothing was wrong is a complaint, and fails the run.
"""

import asyncio
import json
import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from tests.chaos import texts
from tests.chaos.promises import Allowance, Promises, new_mark

TIMEOUT_SECONDS = 15.0
PAUSE_SECONDS = (0.0, 0.3)
IMPORT_LINES = (5, 120)
_AGAIN_SECONDS = 0.3
_SOME = 4_000
_NO_ANSWER = frozenset({429, 500, 502, 503, 504, 507})
_CHOICES = {"create": 40, "draft": 5, "publish": 8, "revise": 18, "retract": 12, "again": 8}
_IMPORTS = {"import": 9}


@dataclass(slots=True)
class _Known:
    """A record of this writer, as far as it was told."""

    id: str
    revision: int
    state: str
    mark: str


class Writer:
    """One editor at one node, with records of its own."""

    def __init__(
        self,
        url: str,
        token: str,
        promises: Promises,
        allowance: Allowance,
        chance: random.Random,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS)
        self._promises = promises
        self._allowance = allowance
        self._chance = chance
        self._records: list[_Known] = []
        self._stopping = False

    def stop(self) -> None:
        """Finish what is under way; `run` then returns."""
        self._stopping = True

    async def run(self) -> None:
        """Write until stopped; every creation is answered when this returns."""
        choices = _CHOICES | _IMPORTS
        try:
            while not self._stopping:
                [name] = self._chance.choices(list(choices), list(choices.values()))
                await self._do(name)
                await asyncio.sleep(self._chance.uniform(*PAUSE_SECONDS))
        finally:
            await self._client.aclose()

    async def _do(self, name: str) -> None:
        if name == "import":
            await self.import_some(self._chance.randint(*IMPORT_LINES))
        elif name in ("create", "draft"):
            await self._create(publish=name == "create")
        else:
            await self._change(name)

    async def import_some(self, count: int) -> None:
        """Import published records; lines without an answer are not sent again."""
        marks = [new_mark(self._chance) for _ in range(count)]
        self._promises.asked.update(marks)
        lines = [json.dumps(self._document(mark)) for mark in marks]
        answer = await self._ask(
            "POST",
            "/api/v1/imports",
            params={"publish": "true"},
            content="\n".join(lines).encode(),
            headers={"Content-Type": "application/x-ndjson"},
        )
        if answer is None:
            return
        for line in answer.text.splitlines():
            self._take_line(line, marks)

    def _take_line(self, line: str, marks: list[str]) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "id" in said:
            mark = marks[said["line"] - 1]
            self._promises.published[mark] = (said["id"], 1)
            self._allowance.records += 1
            self._keep(_Known(said["id"], 1, "published", mark))
        elif "error" in said and said["error"]["status"] not in _NO_ANSWER:
            self._complain("import", line)

    async def _create(self, *, publish: bool) -> None:
        mark = new_mark(self._chance)
        (self._promises.asked if publish else self._promises.drafts).add(mark)
        document, params = self._document(mark), {"publish": str(publish).lower()}
        headers = {"Idempotency-Key": mark}
        while True:
            answer = await self._ask(
                "POST", "/api/v1/records", json=document, params=params, headers=headers
            )
            if answer is not None:
                break
            await asyncio.sleep(_AGAIN_SECONDS)
        if answer.status_code != 201:
            self._complain("create", answer.text)
            return
        said = answer.json()
        if publish:
            self._promises.published[mark] = (said["id"], said["revision"])
            self._allowance.records += 1
        self._keep(_Known(said["id"], said["revision"], said["state"], mark))

    async def _change(self, name: str) -> None:
        """Revise, retract, publish or publish again one of this writer's records."""
        wanted = {"publish": "draft", "again": "retracted"}.get(name, "published")
        fitting = [each for each in self._records if each.state == wanted]
        if not fitting or (wanted == "published" and not self._allowance.take()):
            await self._create(publish=True)
            return
        known = self._chance.choice(fitting)
        do = {"revise": self._revise, "retract": self._retract}.get(name, self._publish)
        if not await do(known):
            await self._look(known)

    async def _revise(self, known: _Known) -> bool:
        mark = new_mark(self._chance)
        self._promises.asked.add(mark)
        document = self._document(mark)
        document["editions"] = self._with_removals(document["editions"])
        headers = {"If-Match": f'"{known.revision}"'}
        answer = await self._ask("PUT", _path(known), json=document, headers=headers)
        if answer is None or not answer.is_success:
            return False
        known.revision, known.mark = answer.json()["revision"], mark
        self._promises.published[mark] = (known.id, known.revision)
        return True

    def _document(self, mark: str) -> dict[str, Any]:
        return texts.document(self._chance, mark, self._promises.centre)

    def _with_removals(self, editions: Mapping[str, Any]) -> dict[str, Any]:
        """An edition that is not sent would be kept, with the title of the revision before."""
        return dict.fromkeys(texts.LANGUAGES[self._promises.centre]) | dict(editions)

    async def _retract(self, known: _Known) -> bool:
        mark = new_mark(self._chance)
        self._promises.asked.add(mark)
        reason = {"reason": f"published in error {mark}"}
        answer = await self._ask("POST", f"{_path(known)}/retract", json=reason)
        if answer is None or not answer.is_success:
            return False
        known.state = "retracted"
        self._promises.retracted[mark] = known.id
        return True

    async def _publish(self, known: _Known) -> bool:
        """Publish a draft, or once more what was retracted."""
        was_draft = known.state == "draft"
        if was_draft:
            self._promises.asked.add(known.mark)
        else:
            self._promises.again[known.id] += 1
        answer = await self._ask("POST", f"{_path(known)}/publish")
        if answer is None or not answer.is_success:
            return False
        known.revision, known.state = answer.json()["revision"], "published"
        if was_draft:
            self._allowance.records += 1
            self._promises.published[known.mark] = (known.id, known.revision)
        else:
            self._promises.republished.add((known.id, known.revision))
        return True

    async def _look(self, known: _Known) -> None:
        """See what became of a record about which an answer was lost."""
        while True:
            answer = await self._ask("GET", _path(known))
            if answer is not None:
                break
            await asyncio.sleep(_AGAIN_SECONDS)
        if answer.status_code == 410:
            known.state = "retracted"
        elif answer.status_code == 200:
            said = answer.json()
            known.revision, known.state = said["revision"], said["state"]
        else:
            self._complain("read", answer.text)

    def _keep(self, known: _Known) -> None:
        self._records.append(known)
        del self._records[:-_SOME]

    async def _ask(self, method: str, path: str, **parts: Any) -> httpx.Response | None:
        """The answer, None where there was none that counts."""
        answer: httpx.Response | None = None
        with suppress(httpx.HTTPError):
            answer = await self._client.request(method, path, **parts)
        if answer is None or answer.status_code in _NO_ANSWER:
            self._promises.unanswered += 1
            return None
        if answer.status_code in (401, 403, 404, 422):
            self._complain(f"{method} {path}", answer.text)
        return answer

    def _complain(self, what: str, text: str) -> None:
        self._promises.complaints.append(f"{self._promises.centre}: {what}: {text[:300]}")


def _path(known: _Known) -> str:
    return f"/api/v1/records/{known.id}"
