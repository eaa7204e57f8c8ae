"""`/docs`: the API's documentation as a page, by files of our own and under a policy of its own.

The page asks nothing of another host: a centre's line may be bad, or not there.
"""

import re
from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from bri_kit.policy import PagePolicy, text_hash

PATH = "/docs"
FILES = "/docs/files"
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def add_documentation(app: FastAPI) -> None:
    """Serve the documentation of `app`, which must not have FastAPI's own."""
    folder = str(files("fastapi_offline") / "static")
    app.mount(FILES, StaticFiles(directory=folder), name="documentation files")
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title=app.title,
        swagger_js_url=f"{FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{FILES}/swagger-ui.css",
        swagger_favicon_url=f"{FILES}/favicon.png",
    )
    html = bytes(page.body).decode()
    scripts = tuple(text_hash(script) for script in _INLINE_SCRIPT.findall(html))
    headers = PagePolicy(script_hashes=scripts).headers()

    @app.get(PATH, include_in_schema=False)
    async def documentation() -> HTMLResponse:
        return HTMLResponse(html, headers=headers)
