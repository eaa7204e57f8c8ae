"""What codes are called on pages: kinds, states, origins, and the values of filters."""

from collections.abc import Callable, Iterable, Mapping

from bri_pages import formatting
from bri_pages.messages import messages

Say = Callable[[str], str]


def N_(text: str) -> str:  # noqa: N802 - gettext's usual name for "this is to be translated"
    """Marks a text for translation where it is looked up later."""
    return text


ICONS: Mapping[str, str] = {
    "news": "newspaper",
    "policy": "scale",
    "case": "sprout",
    "cooperation": "handshake",
    "technology": "cpu",
}
"""Lucide's name for the drawing of each kind."""

_ANY_KIND = "file-text"

LABELS: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "news": N_("News"),
        "policy": N_("Policies and regulations"),
        "case": N_("Practice cases"),
        "cooperation": N_("International cooperation"),
        "technology": N_("Technologies"),
    },
    "kind_one": {
        "news": N_("News item"),
        "policy": N_("Policy"),
        "case": N_("Practice case"),
        "cooperation": N_("Cooperation"),
        "technology": N_("Technology"),
    },
    "filter": {
        "kind": N_("Module"),
        "country": N_("Country"),
        "topic": N_("Topic"),
        "edition": N_("Language"),
        "centre": N_("Centre"),
        "year": N_("Year"),
        "jurisdiction": N_("Jurisdiction"),
        "instrument": N_("Instrument"),
        "status": N_("Status"),
    },
    "origin": {
        "original": N_("Original"),
        "human": N_("Translation"),
        "machine": N_("Machine translation"),
    },
    "status": {
        "draft": N_("Draft"),
        "adopted": N_("Adopted"),
        "in-force": N_("In force"),
        "amended": N_("Amended"),
        "repealed": N_("Repealed"),
    },
    "instrument": {
        "law": N_("Law"),
        "code": N_("Code"),
        "regulation": N_("Regulation"),
        "programme": N_("Programme"),
        "standard": N_("Standard"),
        "strategy": N_("Strategy"),
        "agreement": N_("Agreement"),
        "other": N_("Other instrument"),
    },
    "centre_state": {
        "active": N_("Active"),
        "limited": N_("Limited"),
        "suspended": N_("Suspended"),
    },
}


def icon_of(kind: str) -> str:
    """The name of the drawing of a kind; a plain sheet for one that is not known here."""
    return ICONS.get(kind, _ANY_KIND)


def label(say: Say, family: str, code: str) -> str:
    """What a code of `family` is called; the code itself where we have no name for it."""
    text = LABELS[family].get(code)
    return say(text) if text else code


def names_of(family: str, languages: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
    """What each code of `family` is called in each of the languages."""
    says = {language: messages(language).gettext for language in languages}
    return {
        code: {language: label(say, family, code) for language, say in says.items()}
        for code in LABELS[family]
    }


def value_name(say: Say, language: str, names: Mapping[str, str], facet: str, value: str) -> str:
    """What a filter's value is called; `names` are those of the centres."""
    if facet == "country" or facet == "jurisdiction":
        return formatting.country(value, language)
    if facet == "topic":
        return formatting.topic(value, language)
    if facet == "edition":
        return formatting.language_name(value, language)
    if facet == "centre":
        return names.get(value, value)
    return label(say, facet, value) if facet in LABELS else value
