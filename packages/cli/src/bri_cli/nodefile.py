"""Writing `node.toml`: what a centre said of itself on the command line, each key with a word."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from bri_node.configuration import ConfigurationBroken, read, readable

_TEXT = """\
# The node of {code}: who it is, and what it is told. Written by 'bri node init'.
# After a change start 'bri node run' again. Keys and credentials are in the folder {code}.

# The centre's code is in the identifier of every record and never changes.
code = {code_text}

# The languages that it publishes in (BCP 47), the commonest first …
languages = {languages}

# … and those of its site: zh, en and ru are there.
interface = {interface}

# The countries that it speaks for (ISO 3166-1).
countries = {countries}

# Whom the hub's operator can ask; told to the hub, and to nobody else.
contact = {contact}

# The hub's broker: wss://host, or tls://host:4222. The node dials out to it, and nobody dials in.
hub = {hub}

# What the centre is called, for readers of each language.
[names]
{names}

# Any setting of a node by its name; an environment variable BRI_NODE_NAME wins.
[settings]
port = {port}
public_url = {url}
# host = "127.0.0.1"
# resync_seconds = 3600
"""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said on the command line; lists are separated by commas. A name is `LANGUAGE=NAME`,
    or a name for all languages that have none of their own."""

    code: str
    names: tuple[str, ...]
    languages: str
    hub: str
    countries: str
    contact: str
    port: int
    url: str


def write(path: Path, wishes: Wishes) -> None:
    """Write the file, which is not there yet.

    Raises:
        ConfigurationBroken: it is there, cannot be written, or something is not as it should be;
            nothing is left behind.
    """
    if path.exists():
        raise ConfigurationBroken(
            f"{path} is there already: change it by hand, or write another join request with "
            "'bri node request'"
        )
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text(wishes), encoding="utf-8")
        try:
            read(temporary)
        except ConfigurationBroken as error:
            reason = str(error).removeprefix(f"{temporary}: ")
            raise ConfigurationBroken(reason) from None
        temporary.replace(path)
    except OSError as error:
        raise ConfigurationBroken(f"{path} cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def text(wishes: Wishes) -> str:
    """The text of the file."""
    languages = _listed(wishes.languages)
    names = _names(wishes.names, languages)
    return _TEXT.format(
        code=wishes.code,
        code_text=_text(wishes.code),
        languages=_texts(languages),
        interface=_texts(readable(languages)),
        countries=_texts(_listed(wishes.countries.upper())),
        contact=_text(wishes.contact),
        hub=_text(wishes.hub.rstrip("/")),
        names="\n".join(f"{_text(tag)} = {_text(name)}" for tag, name in names.items()),
        port=wishes.port,
        url=_text(wishes.url.rstrip("/")),
    )


def _names(given: tuple[str, ...], languages: list[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for each in given:
        tag, separator, name = each.partition("=")
        if separator and tag.strip().replace("-", "").isalpha() and len(tag.strip()) <= 11:
            names[tag.strip()] = name.strip()
        else:
            names |= {language: each.strip() for language in languages if language not in names}
    return names


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]


def _text(value: str) -> str:
    # What JSON writes is a basic string of TOML, but for one character that needs escaping there.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _texts(values: list[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
