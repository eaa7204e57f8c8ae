"""The desk's cookies: HttpOnly, SameSite=Lax, and bound to this host where it is reached by HTTPS.

Rules:
- over HTTPS a cookie is Secure and its name begins with `__Host-` (RFC 6265bis, 4.1.3.2): browsers
  take it from this host alone, by HTTPS, and no other host of the domain can set or replace it.
  Such a cookie is of the whole host (Path=/);
- over plain HTTP, on a machine of one's own, browsers refuse that prefix: the name is plain and the
  cookie is of the desk alone;
- a cookie under the other name is not read.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

ROOT = "/desk"
PREFIX = "__Host-"


@dataclass(frozen=True, slots=True)
class Cookies:
    """Those of one request, and of its answer."""

    request: Request
    is_secure: bool

    def read(self, name: str) -> str:
        """The value that the browser sent; empty where it sent none."""
        return self.request.cookies.get(self._named(name), "")

    def give(self, answer: Response, name: str, value: str, seconds: int) -> None:
        """Have the browser keep a cookie."""
        answer.set_cookie(
            self._named(name),
            value,
            max_age=seconds,
            path=self._path,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def take(self, answer: Response, name: str) -> None:
        """Have the browser forget a cookie."""
        answer.delete_cookie(
            self._named(name),
            path=self._path,
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    @property
    def _path(self) -> str:
        return "/" if self.is_secure else ROOT

    def _named(self, name: str) -> str:
        return f"{PREFIX}{name}" if self.is_secure else name


def cookies_of(request: Request, public_url: str) -> Cookies:
    """The cookies of a request to a desk that others reach by `public_url`."""
    is_secure = public_url.startswith("https://") or request.url.scheme == "https"
    return Cookies(request, is_secure)
