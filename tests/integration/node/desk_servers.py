"""Servers that the desk asks: a translation service, and an identity provider that signs."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.responses import Response

from bri_node.desk.oidc import challenge_of
from tests.support.waiting import eventually


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The address of `app` on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await task


class Translator:
    """A service that translates by putting the target's name before each text; `answer` replaces
    what it says, `delay` makes it slow."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.answer: Any = None
        self.status = 200
        self.delay = 0.0
        self.app = FastAPI()
        self.app.post("/translate")(self._translate)

    async def _translate(self, request: Request) -> Response:
        question = await request.json()
        self.asked.append(question)
        self.keys.append(request.headers.get("authorization", ""))
        await asyncio.sleep(self.delay)
        texts = [f"{question['target']}: {text}" for text in question["texts"]]
        answer = {"texts": texts} if self.answer is None else self.answer
        return JSONResponse(answer, self.status)


class Provider:
    """An OpenID provider with one person; `claims` change what its ID tokens say."""

    def __init__(self) -> None:
        self.address = ""
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.signs_with = self.key
        self.claims: dict[str, Any] = {}
        self.discovered: dict[str, Any] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        self.app.get("/.well-known/openid-configuration")(self._discovery)
        self.app.get("/authorise")(self._authorise)
        self.app.post("/token")(self._token)
        self.app.get("/keys")(self._keys)

    async def _discovery(self) -> Any:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorise",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        } | self.discovered

    async def _authorise(self, request: Request) -> Response:
        asked = dict(request.query_params)
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)

    async def _token(self, request: Request) -> Response:
        sent = dict(part.split("=", 1) for part in (await request.body()).decode().split("&"))
        asked = self._codes.pop(sent["code"], None)
        if asked is None or challenge_of(sent["code_verifier"]) != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": asked["client_id"],
            "sub": "7",
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            "preferred_username": "aigerim",
            "name": "Айгерім Сұлтан",
            "roles": ["env-editors"],
        }
        header = {"alg": "RS256", "kid": "one"}
        token = jwt.encode(header, claims | self.claims, self.signs_with, algorithms=["RS256"])
        return JSONResponse({"id_token": token, "access_token": "x", "token_type": "Bearer"})

    async def _keys(self) -> Any:
        return {"keys": [self.key.as_dict(private=False)]}
