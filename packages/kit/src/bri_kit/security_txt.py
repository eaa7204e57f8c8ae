"""`/.well-known/security.txt`: whom to tell of a vulnerability of this installation (RFC 9116).

Rules:
- `Contact` is the setting `contact`, an e-mail address or an https one;
- `Expires` is computed for each request, VALID_DAYS from the day's beginning in UTC: the text is
  the same for a whole day, and never out of date while the service runs;
- `Canonical` and `Policy` are told where there is an https address to tell (RFC 9116, 2.5);
- HEAD is answered as GET is.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse

from bri_kit import clock
from bri_kit.settings import ServiceSettings

PATH = "/.well-known/security.txt"
VALID_DAYS = 180
"""RFC 9116, 2.5.5, recommends less than a year."""
_CACHE_SECONDS = 3_600


def security_txt(settings: ServiceSettings, languages: Sequence[str], now: datetime) -> str:
    """The file's text; `languages` are those in which a report is read."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    expires = day + timedelta(days=VALID_DAYS)
    fields = [
        ("Contact", settings.contact_uri),
        ("Expires", expires.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("Preferred-Languages", ", ".join(languages)),
    ]
    if settings.public_url.startswith("https://"):
        fields.append(("Canonical", f"{settings.address}{PATH}"))
    if settings.security_policy:
        fields.append(("Policy", settings.security_policy))
    return "".join(f"{name}: {value}\n" for name, value in fields)


def add_security_txt(app: FastAPI, settings: ServiceSettings, languages: Sequence[str]) -> None:
    """Serve the file; to be called before anything is mounted at `/`."""

    @app.head(PATH, include_in_schema=False)
    @app.get(
        PATH,
        tags=["operations"],
        summary="Whom to tell of a vulnerability (RFC 9116)",
        response_class=PlainTextResponse,
    )
    def security() -> Response:
        text = security_txt(settings, languages, clock.now())
        return PlainTextResponse(text, headers={"Cache-Control": f"max-age={_CACHE_SECONDS}"})
