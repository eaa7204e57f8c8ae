"""What the editor's desk says of codes and of faults, in the editor's language.

Errors are written in English where they are found (`bri_kit.content`, `bri_node.inputs`), because
programs read them too; here they are known again by their pattern. One that is not known is shown
as it stands: a fault is never hidden.
"""

import re
from collections.abc import Callable, Mapping

from bri_pages.labels import N_

Say = Callable[[str], str]

WORDS: Mapping[str, Mapping[str, str]] = {
    "list": {
        "draft": N_("Drafts"),
        "in-review": N_("In review"),
        "published": N_("Published"),
        "retracted": N_("Withdrawn"),
        "mine": N_("Mine"),
        "scheduled": N_("Scheduled"),
        "problems": N_("Problems"),
    },
    "state": {
        "draft": N_("In draft"),
        "in-review": N_("In review"),
        "published": N_("Published"),
        "retracted": N_("Withdrawn"),
    },
    "sort": {
        "updated": N_("Changed last"),
        "oldest": N_("Waiting longest"),
        "date": N_("Newest date"),
        "kind": N_("Module"),
    },
    "role": {
        "CONTRIBUTOR": N_("Contributor"),
        "EDITOR": N_("Editor"),
        "ADMIN": N_("Administrator"),
    },
    "did": {
        "create": N_("Created"),
        "edit": N_("Edited"),
        "submit": N_("Submitted for review"),
        "publish": N_("Published"),
        "retract": N_("Withdrawn"),
        "drop": N_("Dropped before it was published"),
    },
    "done": {
        "draft": N_("The draft is saved."),
        "in-review": N_("It was submitted for review."),
        "published": N_("It is published. The hub is being told."),
        "retracted": N_("It is saved, and remains withdrawn."),
        "submit": N_("It was submitted for review."),
        "publish": N_("It is published. The hub is being told."),
        "retract": N_("It is withdrawn. The hub is being told."),
        "schedule": N_("The time is set."),
        "unschedule": N_("It will not be published by itself."),
        "source-run": N_("The source will be read in a moment."),
        "proposal-accepted": N_("It was done."),
        "proposal-refused": N_("The record stays as it is."),
        "kept": N_("What you typed is kept. It is not saved in the record yet."),
        "translated": N_("The machine translation is filled in. Please read it before you save."),
    },
    "problem": {
        "invalid": N_("It was not saved: please mend what is marked below."),
        "InvalidInput": N_("Please mend what is marked below."),
        "StaleRevision": N_("Somebody saved a newer revision. Please look at it and try again."),
        "Forbidden": N_("Your role does not allow this. An editor can do it."),
        "IllegalTransition": N_("The record's state does not allow this any more."),
        "Unavailable": N_("The platform cannot write at the moment. Nothing is lost; try again."),
        "StorageFull": N_(
            "There is no room left on the disk; nothing was saved. Tell the operator."
        ),
        "DatabaseDamaged": N_("The database is damaged and has to be restored. Tell the operator."),
        "LogUnsettled": N_("The centre's log is being restored. Nothing is lost; try again soon."),
        "NotFound": N_("There is nothing at this address, or not any more."),
        "BriError": N_("Something went wrong. It was noted. Please try again."),
        "ForeignForm": N_("This page was opened in another session. What you typed is still here."),
        "TooManyRequests": N_("There were too many attempts."),
        "TooLarge": N_("This is more than can be taken at once."),
        "MalformedRequest": N_("The form could not be read. Files are not taken here."),
        "AlreadyExists": N_("Somebody has decided otherwise already."),
        "translate-off": N_("No translation service is set up at this centre."),
        "translate-slow": N_("The translation service did not answer in time."),
        "translate-unreachable": N_("The translation service cannot be reached."),
        "translate-refused": N_("The translation service refused the request."),
        "translate-unusable": N_("The translation service answered something unusable."),
    },
    "missed": {
        "StaleRevision": N_("it was edited after the time was set"),
        "Forbidden": N_("who set the time may not publish any more"),
        "IllegalTransition": N_("its state did not allow it any more"),
        "NotFound": N_("the record was not there any more"),
    },
    "field": {
        "kind": N_("Module"),
        "original_language": N_("Original language"),
        "countries": N_("Countries concerned"),
        "topics": N_("Topics"),
        "title": N_("Title"),
        "summary": N_("Summary"),
        "body": N_("Text"),
        "origin": N_("How it was made"),
        "dates.event": N_("Date of the event"),
        "dates.original": N_("First published"),
        "source.name": N_("Source"),
        "source.url": N_("Address of the source"),
        "policy": N_("Legal instrument"),
        "policy.jurisdiction": N_("Jurisdiction"),
        "policy.instrument": N_("Instrument"),
        "policy.status": N_("Status"),
        "policy.number": N_("Number"),
        "policy.authority": N_("Authority"),
        "policy.adopted": N_("Adopted on"),
        "policy.in_force": N_("In force from"),
        "policy.amends": N_("Amends, one number a line"),
        "policy.repeals": N_("Repeals, one number a line"),
    },
    "place": {"hub": N_("Hub"), "search": N_("Search")},
    "rejection": {
        "invalid-content": N_("it breaks a rule of the federation"),
        "stale-revision": N_("the hub has a newer revision already"),
        "unknown-record": N_("the hub does not know the record"),
        "already-retracted": N_("it was withdrawn before"),
        "refused-by-hub": N_("the hub's administrator refused it"),
    },
    "source_kind": {
        "feed": N_("Feed"),
        "oai": N_("OAI-PMH archive"),
        "wordpress": N_("WordPress site"),
        "page": N_("Page with articles"),
        "table": N_("Table"),
        "file": N_("Imported file"),
    },
    "proposed": {
        "retract": N_("The source no longer has this record. Withdraw it?"),
        "change": N_("The source has changed this record, which was changed here too."),
    },
    "fault": {
        "unreachable": N_("The server cannot be reached."),
        "bad-status": N_("The server answers with an error."),
        "busy": N_("The server is busy and asks to be left alone for a while."),
        "too-slow": N_("The answer was not complete in time."),
        "too-large": N_("There is more of it than is read."),
        "too-many": N_("There are more items than are read at once."),
        "compressed": N_("The answer is compressed in a way that cannot be read."),
        "address-refused": N_("The address is not one of the public internet."),
        "not-a-feed": N_("There is no feed at this address."),
        "not-oai": N_("The repository does not answer as OAI-PMH says."),
        "not-wordpress": N_("The site does not answer as WordPress does."),
        "not-a-table": N_("The file is not a table that can be read."),
        "no-articles": N_("The page links to no articles."),
        "robots": N_("The site does not allow this page to be read by programs."),
        "token-expired": N_("The repository forgot where the reading was; it begins anew."),
        "endless": N_("The repository repeats itself without end."),
        "encoding": N_("The encoding of the text cannot be told."),
        "recovered": N_(
            "Characters were replaced or their encoding assumed; the records say so in a comment."
        ),
        "malformed": N_("It is not well-formed; what could be read was kept."),
        "hostile": N_("The answer declares what would unfold without end."),
        "mapping": N_("The mapping does not fit the file."),
        "cell": N_("A cell cannot be read; nothing of the table was kept."),
        "formula": N_("The table holds formulas."),
        "repeated": N_("Two rows have the same identity; nothing of the table was kept."),
        "identities": N_("The source changes the identities of its items."),
        "empty": N_("There is nothing to read."),
        "date": N_("A date cannot be one and was left out."),
        "other-language": N_("The text is not in a language of this centre."),
        "invalid": N_("A rule for records is broken."),
        "exhausted": N_("Reading it needs more memory or time than there is."),
        "waiting": N_("The platform could not write; it is tried again."),
        "broken": N_("The reading failed in a way that nobody foresaw."),
    },
    "sign_in": {
        "wrong": N_("The name or the password is not right, or the account is closed."),
        "again": N_("Please try once more: this page had grown old."),
        "provider": N_("Your organisation's sign-in did not let you in. Ask your administrator."),
    },
}

_FAULTS = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"must not be blank", N_("must not be blank")),
        (
            r"must not be longer than (?P<n>\d+) characters",
            N_("must not be longer than %(n)s characters"),
        ),
        (
            r"must have (?P<a>\d+) to (?P<b>\d+) characters.*",
            N_("must have %(a)s to %(b)s characters"),
        ),
        (r"must not be larger than (?P<n>\d+) MiB.*", N_("must not be larger than %(n)s MiB")),
        (r"must not hold control characters.*", N_("must not hold control characters")),
        (r"(?P<what>'.*'|\".*\") is not a known country", N_("%(what)s is not a known country")),
        (r"(?P<what>'.*'|\".*\") is not a known topic", N_("%(what)s is not a known topic")),
        (r"must name each \w+ once", N_("must name each one once")),
        (
            r"(?P<what>'.*'|\".*\") is not an ISO 8601 date.*",
            N_("%(what)s is not a date such as 2019-01-08"),
        ),
        (
            r"must be an http or https address of at most 2000 characters",
            N_("must be an address that begins with http:// or https://"),
        ),
        (
            r"must be at most (?P<n>\d+) texts of (?P<m>\d+) characters",
            N_("must be at most %(n)s texts of %(m)s characters each"),
        ),
        (
            r"must not nest elements deeper than (?P<n>\d+)",
            N_("must not nest elements deeper than %(n)s levels"),
        ),
        (
            r"must lie between (?P<a>[\d-]+) and (?P<b>[\d-]+)",
            N_("must lie between %(a)s and %(b)s"),
        ),
        (
            r"(?P<what>'.*'|\".*\") is not an RFC 3339 time.*",
            N_("%(what)s is not a time such as 2026-11-22T08:00:00Z"),
        ),
        (
            r"is no time that can be: the clock that set it says (?P<what>.*)",
            N_("cannot be right: the server's clock says %(what)s"),
        ),
        (r"must hold at least one edition", N_("must hold at least one language")),
        (
            r"must hold one edition for each language",
            N_("must hold one text for each language"),
        ),
        (
            r"must be 'original' for the original language and for no other",
            N_("must be 'original' for the original language and for no other"),
        ),
        (r"is only for records of the kind 'policy'", N_("is only for policies")),
        (r"must be the centre's code, a colon and a ULID", N_("is not a record's identifier")),
        (r"is missing.*", N_("is missing")),
        (r"must be one of (?P<what>.*)", N_("must be one of %(what)s")),
        (r"must not hold more than (?P<n>\d+) items", N_("must not hold more than %(n)s items")),
        (r"must be a date and a time", N_("must be a date and a time")),
        (r"must lie in the future", N_("must lie in the future")),
        (r"must lie within a year", N_("must lie within a year")),
        (r"is not a language of this centre.*", N_("is not a language of this centre")),
    )
)


def word(say: Say, family: str, code: str) -> str:
    """What a code of `family` is called; the code itself where there is no name for it."""
    text = WORDS[family].get(code)
    return say(text) if text else code


def field_name(say: Say, path: str) -> str:
    """What a field of the form is called, by the path that errors name; of an edition's without its
    language."""
    return word(say, "field", path.split(".")[-1] if path.startswith("editions.") else path)


def explain(say: Say, message: str) -> str:
    """A fault of a field in the editor's language."""
    for pattern, text in _FAULTS:
        if found := pattern.fullmatch(message):
            return say(text) % found.groupdict() if found.groupdict() else say(text)
    return message
