"""Every HTTP service answers as its OpenAPI document says, whatever it is asked.

Requests are made up from the document by schemathesis, good and bad ones, with a token and without.
BRI_FUZZ_EXAMPLES makes it as many for each route as one likes. What chance finds seldom is asked
as examples in `test_hostile`.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.core.failures import FailureGroup

from tests.support.site import Site, site

EXAMPLES = int(os.environ.get("BRI_FUZZ_EXAMPLES", "2"))
pytestmark = pytest.mark.timeout(60 + 60 * EXAMPLES)
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@schemathesis.serializer("application/x-ndjson")
def as_lines(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """Whatever was made up, as the body of an import."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("service", ["node", "hub"])
def test_it_answers_as_it_is_described(
    running: Site, service: str, known: bool, mode: GenerationMode
) -> None:
    """No failure, no status and no media type that the document does not tell, no other shape."""
    url = running.url(service)
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    headers = running.tokens(service) if known else {}
    faults = []
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        try:
            _ask(operation, mode, headers)
        except Unsatisfiable:
            continue  # there is no wrong way to ask for it
        except FailureGroup as group:
            faults.append(f"{operation.label}: {group.exceptions}")
    assert not faults, "\n\n".join(faults)


def _ask(operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)
        if not headers and case.method != "GET":
            assert answer.status_code >= 400, (case.method, case.path, answer.status_code)

    ask()
