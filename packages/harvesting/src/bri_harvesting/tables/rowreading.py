"""One row of a table through its mapping's eyes: from cells to an item."""

from html import escape

from bri_harvesting import dates, drafting, markup
from bri_harvesting.drafting import Raw
from bri_harvesting.languages import OtherLanguage, language_of
from bri_harvesting.source import Item, Source, Text
from bri_harvesting.tables.mapping import LISTS, Mapping
from bri_harvesting.tables.rows import Cell, Row
from bri_kit import content, html, vocabulary

_MOST_PARTS = 3


class CellFault(ValueError):
    """A cell holds what its field cannot take."""

    def __init__(self, cell: Cell, message: str) -> None:
        super().__init__(message)
        self.cell = cell
        self.message = message


class RowReading:
    """A row through the mapping's eyes."""

    def __init__(self, row: Row, mapping: Mapping, source: Source) -> None:
        self._row, self._mapping, self._source = row, mapping, source
        self._remarks: tuple[str, ...] = ()

    def item(self) -> Item:
        """The item that the row holds. Raises CellFault."""
        title, body, url = self._needed("title"), self._markup("body"), self._url()
        language = self._language(title, body)
        identity = self._needed("identity") if "identity" in self._mapping.fields else ""
        body = body or f"<p>{escape(title, quote=False)}</p>"
        translations = self._translations(language)
        return Item(
            identity=drafting.identity_of(Raw(identity=identity, url=url), title, body),
            language=language,
            title=title,
            body=body,
            summary=self._line("summary"),
            url=url,
            date=self._date("date"),
            event=self._date("event"),
            kind=self._kind(),
            source_name=self._line("source_name"),
            place=f"row {self._row.number}",
            countries=self._codes("countries"),
            topics=self._codes("topics"),
            policy=self._policy(),
            translations=translations,
            remarks=(*self._row.remarks, *self._remarks),
        )

    def _needed(self, name: str) -> str:
        text = self._line(name)
        if not text:
            raise CellFault(self._cell(name), f"the {name} is missing")
        return text

    def _kind(self) -> str:
        kind = self._line("kind")
        if kind and kind not in content.KINDS:
            known = ", ".join(content.KINDS)
            raise CellFault(self._cell("kind"), f"{kind!r} is no kind; kinds are {known}")
        return kind

    def _url(self) -> str:
        url = self._line("url")
        found = markup.address(url, "")
        if url and not found:
            raise CellFault(self._cell("url"), f"{url[:100]!r} is no http or https address")
        return found

    def _cell(self, name: str) -> Cell:
        constant = self._mapping.constants.get(name)
        if constant is not None:
            text = constant if isinstance(constant, str) else "\n".join(constant)
            return Cell(text, "")
        return self._row.cells.get(self._mapping.fields.get(name, ""), Cell("", ""))

    def _line(self, name: str) -> str:
        text = markup.line(escape(self._cell(name).text, quote=False))
        return self._mapping.values.get(name, {}).get(text, text)

    def _markup(self, name: str) -> str:
        text = self._cell(name).text.strip()
        match self._mapping.table.body:
            case "html":
                return self._clean(text)
            case "markdown":
                return html.from_markdown(text)
        return html.sanitise_any(markup.paragraphs(text))

    def _clean(self, text: str) -> str:
        cleaned = markup.clean(text, self._source.url)
        self._remarks = tuple(dict.fromkeys((*self._remarks, *cleaned.remarks)))
        return cleaned.html

    def _language(self, title: str, body: str) -> str:
        declared = self._line("language").lower()
        if declared and declared not in self._source.languages:
            known = ", ".join(self._source.languages)
            cell = self._cell("language")
            raise CellFault(cell, f"{declared!r} is no language of the centre: {known}")
        if declared:
            return declared
        try:
            text = f"{title}\n{html.plain_text(body)}"
            return language_of(text, self._source.language, self._source.languages)
        except OtherLanguage as fact:
            raise CellFault(self._cell("title"), str(fact)) from None

    def _date(self, name: str) -> str:
        cell = self._cell(name)
        text = self._mapping.values.get(name, {}).get(cell.text.strip(), cell.text)
        try:
            formats = self._mapping.table.dates if not _is_iso(text) else ()
            return (dates.published if name == "date" else dates.to_iso)(text, formats)
        except dates.NoDate as fact:
            raise CellFault(cell, str(fact)) from None

    def _codes(self, name: str) -> tuple[str, ...]:
        assert name in LISTS
        cell, meaning = self._cell(name), self._mapping.values.get(name, {})
        separator = self._mapping.table.list_separator
        found: list[str] = []
        for line in cell.text.split("\n"):
            parts = [meaning.get(each.strip(), each.strip()) for each in line.split(separator)]
            parts = [each for each in parts if each]
            while parts:
                code, used = _longest_code(name, parts, separator)
                if not code:
                    noun = "country" if name == "countries" else "topic"
                    raise CellFault(cell, f"{parts[0][:100]!r} is no known {noun}")
                found.append(code)
                parts = parts[used:]
        return tuple(dict.fromkeys(found))

    def _policy(self) -> dict[str, str]:
        told = {*self._mapping.fields, *self._mapping.constants}
        names = sorted(name for name in told if name.startswith("policy."))
        found = {}
        for name in names:
            part = name.partition(".")[2]
            is_date = part in ("adopted", "in_force")
            text = self._date(name) if is_date else self._line(name)
            if text:
                found[part] = text
        return found

    def _translations(self, original: str) -> dict[str, Text]:
        told = {*self._mapping.fields, *self._mapping.constants}
        languages = {name.partition(".")[0] for name in told if name.endswith(".title")}
        found = {}
        for language in sorted(languages - {original}):
            title = self._line(f"{language}.title")
            body = self._markup(f"{language}.body")
            if title:
                body = body or f"<p>{escape(title, quote=False)}</p>"
                found[language] = Text(title, body, self._line(f"{language}.summary"))
            elif body:
                raise CellFault(self._cell(f"{language}.title"), "the title is missing")
        return found


def _is_iso(text: str) -> bool:
    """Whether a sheet's own date became this text."""
    return len(text) >= 10 and text[4:5] == text[7:8] == "-" and text[:4].isdigit()


def _longest_code(name: str, parts: list[str], separator: str) -> tuple[str, int]:
    """The code that the first of `parts` mean, as many as have one name (`Iran, Islamic Republic
    of`), and how many they are."""
    for count in range(min(_MOST_PARTS, len(parts)), 0, -1):
        if code := _code(name, f"{separator} ".join(parts[:count])):
            return code, count
    return "", 1


def _code(name: str, text: str) -> str:
    if name == "topics":
        found = drafting.topics_of([text])
        return found[0] if found else ""
    return vocabulary.country_code(text)
