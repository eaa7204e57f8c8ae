"""From a template to an answer in one language.

Rules:
- everything is escaped but what is Markup: sanitised bodies, snippets and icons;
- a page's canonical address is its own in its own language; its alternates are the same page in
  every other language of the site;
- one record of a list that cannot be shown is a line with its identifier, or is left out;
- pages may be kept by a browser and asked about again: what was withdrawn is never shown from a
  cache without asking.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from lucide.jinja import lucide
from markupsafe import Markup

from bri_kit.policy import PagePolicy
from bri_kit.set_aside import Revision, write_each
from bri_pages import assets, formatting, labels, languages
from bri_pages.messages import messages, spoken
from bri_pages.site import MODULE_PATHS, MODULES, Site
from bri_retrieval.engine import Hit

_HEADERS = {"Cache-Control": "no-cache"} | PagePolicy(forms=True).headers()


@dataclass(frozen=True, slots=True)
class Page:
    """What surrounds a page's content. `path` is its address below the language, with its query
    part; `feeds` names addresses of the same list as feeds; `data` is schema.org's JSON-LD."""

    path: str
    title: str = ""
    description: str = ""
    kind: str = "website"
    is_indexed: bool = True
    languages: tuple[str, ...] = ()
    feeds: str = ""
    data: Markup | None = None


@cache
def _icon(name: str, size: int) -> Markup:
    return Markup(lucide(name, size=size, aria_hidden="true", focusable="false"))  # noqa: S704 - the package's own drawings


def icon(name: str, size: int = 18) -> Markup:
    """One of Lucide's drawings, for decoration: the text beside it says what it means."""
    return _icon(name, size)


class Renderer:
    """Makes a site's pages."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def render(
        self,
        origin: str,
        name: str,
        language: str,
        page: Page,
        values: Mapping[str, Any],
        status: int = 200,
    ) -> HTMLResponse:
        """The template `name` for a reader of `language`; absolute addresses begin with
        `origin`."""
        template = _environment(language).get_template(name)
        text = template.render(site=self._site, page=page, origin=origin, **values)
        return HTMLResponse(text, status, _HEADERS)

    def write(self, name: str, language: str, values: Mapping[str, Any]) -> str:
        """The text of the template `name`, which is no page of its own."""
        template = _environment(language).get_template(name)
        return template.render(site=self._site, **values)


@cache
def _environment(language: str) -> Environment:
    """One environment a language, so that texts are looked up directly."""
    environment = Environment(
        loader=PackageLoader("bri_pages"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    texts = messages(language)
    # The extension adds the method, which types do not know.
    install: Callable[..., None] = environment.install_gettext_callables  # type: ignore[attr-defined]
    install(texts.gettext, texts.ngettext, newstyle=True)
    environment.filters.update(_filters(language))
    environment.globals.update(
        language=language,
        spoken=spoken(language),
        direction=languages.direction(spoken(language)),
        direction_of=languages.direction,
        own_name=languages.own_name,
        brief_name=languages.brief_name,
        module_paths=MODULE_PATHS,
        modules=MODULES,
        label=partial(labels.label, texts.gettext),
        value_name=partial(labels.value_name, texts.gettext, language),
        icon=icon,
        icons=labels.ICONS,
        icon_of=labels.icon_of,
        each_of=_each_of,
        asset=lambda name: f"/static/{name}?v={assets.tag_of(name)}",
        url=lambda path="": f"/{language}/{path}",
        marked=_marked,
    )
    return environment


def _filters(language: str) -> dict[str, Callable[..., object]]:
    return {
        "date": partial(_in, formatting.format_date, language),
        "time": partial(_in, formatting.format_time, language),
        "ago": partial(_in, formatting.format_ago, language),
        "number": partial(_in, formatting.format_number, language),
        "listed": partial(_in, formatting.format_list, language),
        "languages_listed": partial(_in, formatting.language_list, language),
        "country": partial(_in, formatting.country, language),
        "phrased": formatting.phrased,
        "topic": partial(_in, formatting.topic, language),
        "language_name": partial(_in, formatting.language_name, language),
    }


def _in(format_value: Callable[[Any, str], str], language: str, value: object) -> str:
    return format_value(value, language)


def _each_of(
    macro: Callable[..., Markup],
    items: Iterable[Any],
    *arguments: Any,
    stub: Callable[[Any], Markup] | None = None,
) -> Markup:
    """What `macro` makes of each item of a list; `stub` is shown for what cannot be shown."""

    def write(item: Any) -> Markup:
        return macro(item, *arguments)

    return Markup("").join(write_each("page", items, write, _revision_of, stub))


def _revision_of(item: Any) -> Revision:
    version = getattr(item, "changed", "") or getattr(item, "number", "")
    return Revision(str(getattr(item, "id", "")), version)


def _marked(hit: Hit) -> Markup:
    """A hit's snippet, which search has escaped; <mark> is its only tag."""
    return Markup(hit.snippet)  # noqa: S704 - escaped where it was cut
