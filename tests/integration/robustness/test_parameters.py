"""No value of any path or query parameter of any GET route is a failure.

Every route of hub and node is asked, those of pages and protocols too, which no OpenAPI document
lists; the parameters that such a route reads by itself are named here.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from bri_hub.app import create_app as create_hub
from bri_hub.settings import HubSettings
from bri_node.app import create_app as create_node
from bri_node.profile import NodeSettings
from sco_platform.profile import PROFILE
from tests.support.routes import routes_of
from tests.support.site import Site, site

RECORD = "sco:01JD4XG2Q70000000000000000"
KNOWN = {"language": "en", "form": "atom", "record_id": RECORD, "code": "solid-waste"}
READ = ("q", "from", "to", "page", "kind", "country", "sort", "edition", "form", "cursor")
"""What pages read of an address by themselves."""

READERS = (
    "/{language}/search",
    "/{language}/records/{record_id}",
    "/{language}/topics/{code}",
    "/{language}/{path}.{form}",
    "/desk/{language}/",
)
"""One page of each sort: all lists read an address by the same function."""

OAI = (
    "verb=ListRecords&metadataPrefix=oai_dc&from={}",
    "verb=ListRecords&metadataPrefix=oai_dc&until={}",
    "verb=ListRecords&metadataPrefix=bri&from={}&until=9999-12-31",
    "verb=ListIdentifiers&metadataPrefix=oai_dc&from=0001-01-01&until={}",
    "verb=ListIdentifiers&metadataPrefix=oai_dc&set={}",
    "verb=ListRecords&resumptionToken={}",
    "verb=GetRecord&metadataPrefix=oai_dc&identifier={}",
    "verb=GetRecord&metadataPrefix={}&identifier=sco:1",
    "verb={}",
)


def _cursor(text: str) -> bytes:
    return urlsafe_b64encode(text.encode()).rstrip(b"=")


VALUES = (
    b"",
    b"-1",
    b"1" + b"0" * 30,
    b"18446744073709551615",
    b"\x00",
    b"a\x00b",
    b"\xed\xa0\x80",
    b"\xef\xbf\xbe",
    b"0001-01-01",
    b"9999-12-31",
    b"0001-01-01T00:00:00+14:00",
    b"9999-12-31T23:59:59+14:00",
    "٢٠١٩-٠١-٠١".encode(),
    b"a" * 50_000,
    _cursor("[18446744073709551615]"),
    _cursor("[-9223372036854775808]"),
    _cursor('["",18446744073709551615]'),
    _cursor('["x\\u0000",1]'),
    _cursor('["9999-12-31","\\u0000"]'),
    _cursor('[2,"oai_dc","","0001-01-01T00:00:00.000Z","","",0,0,0]'),
    _cursor('[2,"oai_dc","","9999-99-99T99:99:99.999Z","","",0,0,0]'),
    _cursor('[2,"bri","\\u0000","","","\\u0000",9223372036854775807,0,0]'),
    _cursor('[2,"bri","","","","",9223372036854775807,9223372036854775806,9223372036854775807]'),
)


def _routes(app: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """Each GET route with its whole path."""
    for route in routes_of(app):
        if "GET" in (route.methods or ()):
            yield route.path, route
    for mount in app.routes:
        if isinstance(mount, Mount) and isinstance(mount.app, FastAPI):
            yield from ((f"{mount.path}{path}", each) for path, each in _routes(mount.app))


def _filled(path: str, name: str = "", value: str = "") -> str:
    """The path with `value` for the parameter `name`, and something sound for the others."""
    while "{" in path:
        before, _, rest = path.partition("{")
        found, _, after = rest.partition("}")
        found = found.partition(":")[0]
        chosen = value if found == name else quote(KNOWN.get(found, "search"), safe="")
        path = f"{before}{chosen}{after}"
    return path


def _targets(app: FastAPI) -> Iterator[str]:
    """Every address that is asked."""
    for path, route in _routes(app):
        declared = [each.alias for each in route.dependant.query_params]
        for dependency in route.dependant.dependencies:
            declared += [each.alias for each in dependency.query_params]
        names = declared or (READ if path in READERS else ())
        for value in VALUES:
            text = quote(value, safe="")
            for each in route.dependant.path_params:
                # A single segment longer than a server reads is refused before any route.
                yield _filled(path, each.alias, text[:4_000])
            for name in names:
                yield f"{_filled(path)}?{name}={text}"
    for value in VALUES:
        yield from (f"/oai?{each.format(quote(value, safe=''))}" for each in OAI)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as found:
        yield found


def _app(service: str, folder: Path) -> FastAPI:
    """An application with the same routes, that does not run."""
    if service == "hub":
        return create_hub(HubSettings(data=folder))
    return create_node(PROFILE, NodeSettings(data=folder))


@pytest.mark.parametrize("service", ["hub", "node"])
def test_no_value_of_any_parameter_of_a_page_or_protocol_is_a_failure(
    running: Site, service: str, tmp_path: Path
) -> None:
    """400, 404, 422 or an answer; never 5xx, and never an answer that does not come."""
    targets = sorted(set(_targets(_app(service, tmp_path))))
    assert len(targets) > 1_000
    failed = []
    with httpx.Client(base_url=running.url(service), headers=running.tokens(service)) as reader:
        for target in targets:
            answer = reader.get(target, timeout=30)
            if answer.status_code >= 500:
                failed.append(f"{answer.status_code} {target[:200]}")
    assert not failed, "\n".join(failed)
