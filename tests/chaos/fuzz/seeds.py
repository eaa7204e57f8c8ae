"""Where fuzzing begins: small good examples of each format."""

import json
import random
from collections.abc import Sequence
from typing import Any

from nacl.signing import SigningKey

from bri_kit import joining, signing
from tests.support.centres import Centre, a_record
from tests.support.hostile_centre import HostileCentre
from tests.support.hostile_text import BASMALA

KEY = signing.public_key(SigningKey(bytes(32)))
JWKS: dict[str, Any] = {
    "keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "A" * 43, "alg": "EdDSA"}]
}
MAPPING = """
[fields]
identity = "№"
title = "Название"
body = "Описание"
date = "Дата"
countries = "Страна"
[constants]
kind = "case"
language = "ru"
"""
MAPPINGS = [MAPPING.encode(), b'[table]\nsheet = "1"\nheader = 2\n[values]\n"a" = "b"\n']
QUESTIONS = [
    *(b'"solid waste" PM2.5 89-\xd0\xa4\xd0\x97', "固体废物 〔2018〕31号".encode()),
    *("«отходы» „a“ “b”".encode(), BASMALA.encode() * 10, "a\u0300".encode() * 20),
]
FILTERS = [
    b"q=waste&kind=news&country=KZ&from=2019-01-01&to=2026-12-31&page=2&sort=newest",
    b"topic=solid-waste&from=0001&to=9999-12-31&page=99999999999999999999",
]
HARVESTS = [
    b"verb=ListRecords&metadataPrefix=oai_dc&from=2019-01-01&until=2026-12-31&set=news",
    b"verb=ListRecords&resumptionToken=eyJhIjoxfQ",
    b"verb=GetRecord&identifier=oai:hub:sco%3A1&metadataPrefix=bri",
]
_ITEM = (
    b"<item><guid>1</guid><title>A &amp; B</title><link>https://s.example/1</link>"
    b"<pubDate>Tue, 08 Jan 2019 10:00:00 +0600</pubDate><description><![CDATA[<p>x</p>]]>"
    b"</description></item>"
)
FEEDS = [
    b'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>N</title>'
    b"<language>ru</language>" + _ITEM + b"</channel></rss>",
    (
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><id>1</id><title>A</title>'
        b"<updated>2026-11-30T08:00:00Z</updated><content>x</content></entry></feed>"
    ),
    b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel/></rss>',
    (
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": '
        b'[{"id": "1", "title": "A", "content_html": "<p>x", "date_published": "2026-11-30"}]}'
    ),
]
OAI = [
    (
        b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header>'
        b"<identifier>oai:a:1</identifier><datestamp>2026-11-30</datestamp></header><metadata>"
        b'<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title xml:lang="en">A</dc:title>'
        b"<dc:description>x</dc:description><dc:date>2019</dc:date></oai_dc:dc></metadata></record>"
        b"<resumptionToken/></ListRecords></OAI-PMH>"
    ),
    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="badArgument"/></OAI-PMH>',
]
WORDPRESS = [
    (
        b'[{"id": 1, "date_gmt": "2026-11-30T08:00:00", "categories": [1], '
        b'"link": "https://s.example/1", "title": {"rendered": "A"}, '
        b'"content": {"rendered": "<p>x"}}]'
    )
]
PAGES = [
    (
        b"User-agent: *\nAllow: /\n<html lang=ru><body><a href='/a/1'>One</a><a href='/a/2'>Two</a>"
        b"<article><h1>Title</h1><p>Published on 12.05.2025. Text of an article.</article></html>"
    )
]
TABLES = [
    '№;Название;Описание;Страна;Дата\n1;A;"x\ny";KZ;12.05.2025\n'.encode(),
    "№\tНазвание\tОписание\tСтрана\tДата\n1\tA\tx\tKZ\t2025\n".encode("utf-16"),
    '{"№": "1", "Название": "A", "Описание": "x", "Страна": "KZ", "Дата": "2025-05-12"}\n'.encode(),
    b"PK\x03\x04" + bytes(60),
]
LINES = [
    json.dumps(
        {
            "kind": "policy",
            "original_language": "en",
            "editions": {"en": {"title": "A", "body": "<p>x</p>", "origin": "original"}},
            "dates": {"event": "2026-01-01"},
            "policy": {"jurisdiction": "KZ", "amends": ["1"]},
        }
    ).encode()
    + b"\n"
]
TOKENS = [
    b"eyJhbGciOiJFZERTQSIsImtpZCI6IjEifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ." + b"A" * 86,
    b"eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.",
]
WEBSUB = [
    (
        b"hub.mode=subscribe&hub.topic=https%3A%2F%2Fhub.example%2Fen%2Fnews.atom"
        b"&hub.callback=https%3A%2F%2Fa.example%2Fb&hub.secret=s&hub.lease_seconds=3600"
    )
]
MARKUP = [
    b"<p class=MsoListParagraph><span>\xc2\xb7</span> one</p><img src='data:a/b;base64,AA=='>",
    b"<!--[if mso]><p>x</p><![endif]--><table><tr><td>a<td>b</table><ul><li>1<li>2</ul>",
    b"<div><blockquote><b><i>x</i></b></blockquote></div><a href=javascript:x>y</a>",
]
MARKDOWN = [
    b'# A\n\n- one\n  - two\n\n> q\n\n[a](b "c") **d** `e`\n\n| a | b |\n|---|---|\n| 1 | 2 |\n'
]


def records() -> Sequence[bytes]:
    """Serialised records."""
    own = Centre("sco")
    return [a_record(own.record_id(), en="A", ru="Б").SerializeToString(), b""]


def requests() -> Sequence[bytes]:
    """A join request."""
    centre = HostileCentre("evil", random.Random(1))
    return [joining.seal_request(centre.join_request(), centre.log.key).encode()]
