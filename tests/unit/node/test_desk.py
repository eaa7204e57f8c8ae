"""The desk's pure parts: forms, merging, sentences, terms, times."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from bri.content.v1 import content_pb2

from bri_kit import content as rules
from bri_kit import entry_rules, log
from bri_kit.errors import InvalidInput, MalformedRequest
from bri_node.desk import cleaning, content, form, oidc, saving, scheduling, sentences, terms
from bri_node.desk.signing import inside
from bri_node.profile import NodeSettings
from bri_pages import desk as words
from bri_pages import messages

TEMPLATES = Path(messages.__file__).parent / "templates" / "desk"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def digests(values: dict[str, str]) -> dict[str, str]:
    return {name: form.digest(value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("", "zh", 0),
        ("你好。世界！", "zh", 2),
        ("标题\n第一句。第二句？", "zh", 3),
        ("Первое. Второе! А третье?", "ru", 3),
        ("One. Two.\n— — —", "en", 2),
    ],
)
def test_sentences_are_counted_as_unicode_says(text: str, language: str, count: int) -> None:
    """Marks alone are no sentence, a line of its own is one."""
    assert sentences.count(text, language) == count


def test_a_translator_may_join_and_split_a_little() -> None:
    """One sentence more or less is no sign; a lost paragraph is."""
    assert not sentences.differ(3, 4)
    assert not sentences.differ(40, 45)
    assert sentences.differ(10, 7)


@pytest.mark.parametrize(
    ("original", "translation", "into", "missing"),
    [
        ("一带一路", "the Belt and Road Initiative", "en", []),
        ("一带一路", "the Silk Road", "en", ["Belt and Road"]),
        ("一带一路建设", "«Одного пояса, одного пути»", "ru", []),
        ("落实巴黎协定", "в соответствии с Парижским соглашением", "ru", []),
        ("蒙特利尔议定书", "Венская конвенция", "ru", ["Монреальский протокол"]),
        ("联合国环境规划署", "UNEP", "en", []),
        ("联合国环境规划署", "an agency", "en", ["United Nations Environment Programme"]),
        ("国家自主贡献", "обновляют определяемые на национальном уровне вклады", "ru", []),
        ("联合国大会决议", "резолюция Генеральной Ассамблеи ООН", "ru", []),
        ("拯救咸海国际基金会", "фонд Арала", "ru", ["Международный фонд спасения Арала"]),
        ("没有术语", "nothing", "en", []),
        ("一带一路", "", "en", []),
        ("一带一路", "Вернуть", "kk", []),
    ],
)
def test_official_terms_are_looked_for_by_their_stems(
    original: str, translation: str, into: str, missing: list[str]
) -> None:
    """Declined forms count, abbreviations count, a longer term hides the shorter inside it, and
    what has no form in the language is not asked for."""
    found = terms.missing(original, "zh", translation, into, {})
    assert [each.expected for each in found] == missing


def test_the_centres_own_name_is_a_term() -> None:
    """The centre is called by its own names."""
    names = {"zh": "上海合作组织环境信息共享平台", "en": "SCO Environmental Platform"}
    found = terms.missing("上海合作组织环境信息共享平台上线", "zh", "A site", "en", names)
    assert [each.expected for each in found] == ["SCO Environmental Platform"]


def test_only_what_was_changed_is_a_change() -> None:
    """Line ends and blanks around make no change; an unknown field is one."""
    was = digests({"a": "x\ny", "b": "z"})
    assert form.changed({"a": "x\r\ny ", "b": "z!", "c": ""}, was) == {"b", "c"}


def test_changes_of_two_people_are_merged_field_by_field() -> None:
    """What only one changed is taken; what both changed differently is a clash; the same change is
    none."""
    base = {"title": "a", "body": "b", "kind": "news", "source.name": "s"}
    mine = base | {"title": "mine", "body": "same", "source.name": "my source"}
    theirs = base | {"title": "theirs", "body": "same", "kind": "case"}
    merged, clashes = saving.merge(mine, theirs, digests(base))
    assert merged == {
        "title": "mine",
        "body": "same",
        "kind": "case",
        "source.name": "my source",
    }
    assert [(each.field, each.theirs) for each in clashes] == [("title", "theirs")]


def test_every_locked_term_is_found_in_its_own_forms() -> None:
    """No form in the list is one that the comparison would miss."""
    for forms in terms.locked():
        for into in sorted(forms.keys() - {"zh"}):
            for form_there in forms[into]:
                found = terms.missing(forms["zh"][0], "zh", f"… {form_there} …", into, {})
                assert found == [], (form_there, into)


@pytest.mark.parametrize("body", [b"a=%zz%ff", b"\xff", b"&".join([b"a=1"] * 3_000)])
def test_a_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    """Wrong encodings and endless fields are no form."""
    with pytest.raises(MalformedRequest):
        form.read(body)


def test_a_form_tells_the_last_value_and_leaves_out_what_was_given_up() -> None:
    """A list is one value a line; a field where the other's text was chosen is not sent."""
    sent = form.read(b"countries=KZ&countries=&countries=CN&kind=a&kind=b&take.kind=theirs&x=1")
    assert sent.content() == {"countries": "KZ\nCN"}
    assert sent.text("kind") == "b"
    assert sent.number("x") == 1
    assert sent.number("kind", 7) == 7


def test_countries_and_topics_are_known_by_any_name() -> None:
    """Codes and names in three languages lead to codes; what is unknown stays as it was typed."""
    sent = content.to_input(
        {
            "kind": "news",
            "original_language": "zh",
            "countries": "kz\nКитай\n越南\nAtlantis\nKZ",
            "topics": "Твёрдые отходы\nAir quality",
        },
        (),
        (),
    )
    assert sent.countries == ["KZ", "CN", "VN", "Atlantis"]
    assert sent.topics == ["solid-waste", "air-quality"]


@time_machine.travel(NOW, tick=False)
def test_a_time_is_of_the_zone_that_was_chosen() -> None:
    """Noon in Nanning is four o'clock in UTC."""
    assert scheduling.due_time("2026-11-22T12:30", "480") == "2026-11-22T04:30:00.000Z"
    for local, offset in (("2026-11-22T12:00", "480"), ("2026-13-01T00:00", "0"), ("", "99999999")):
        with pytest.raises(InvalidInput):
            scheduling.due_time(local, offset)


@pytest.mark.parametrize(
    "place", ["https://evil.example", "//evil.example", "/\\evil.example", "", "/a\nb", "x"]
)
def test_nobody_is_led_to_another_site(place: str) -> None:
    """What is no page of the desk leads to its first one."""
    assert inside(place) == "/"


def test_a_paste_keeps_its_structure_and_nothing_that_runs() -> None:
    """Word's own marks go; headings, tables and links stay."""
    pasted = (
        "<!--[if gte mso 9]><xml><o:x>1</o:x></xml><![endif]--><h2 style='x'>T</h2>"
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
        "<a href='javascript:alert(1)'>x</a> <a href='https://example.org/'>y</a>"
        "<img src='file:///c:/1.png'><iframe src='https://evil.example'></iframe>"
    )
    found = cleaning.clean(pasted)
    assert found.pictures == 1
    assert "## T" in found.markdown
    assert "| a | b |" in found.markdown
    assert "[y](https://example.org/)" in found.markdown
    assert "javascript" not in found.markdown
    assert "evil" not in found.markdown


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["env-editors"], "EDITOR"),
        (["env-editors", "env-heads"], "ADMIN"),
        ("env-editors other", "EDITOR"),
        (["other"], None),
        (None, None),
        ({"env-editors": True}, None),
    ],
)
def test_groups_give_roles(tmp_path: object, groups: object, role: str | None) -> None:
    """The highest role of all groups counts; without one there is none."""
    settings = NodeSettings(
        data=tmp_path, oidc_roles="env-editors=editor, env-heads=admin", _env_file=None
    )
    found = oidc.role_of({"roles": groups}, settings)
    assert (found.name if found else None) == role


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_templates_say_nothing_that_is_not_translated(template: Path) -> None:
    """Between tags stand only what is looked up, commands, and names that are everywhere alike."""
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", template.read_text(), flags=re.DOTALL)
    apart = r"<script.*?</script>|<code>.*?</code>|<!doctype html>"
    source = re.sub(apart, "", source, flags=re.DOTALL)
    found = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>", " ", source))
    attributes = {"aria", "invalid", "true", "describedby", "fault"}
    assert set(found) <= {"UTC"} | attributes


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("must not be longer than 1000 characters", "不能超过 1000 个字符"),
        ("'Atlantis' is not a known country", "'Atlantis' 不是已知的国家"),
        ("must not nest elements deeper than 100", "元素嵌套不能超过 100 层"),
        ("must lie between 1000-01-01 and 2028-12-31", "必须在 1000-01-01 至 2028-12-31 之间"),
        ("must not hold control characters or lone surrogates", "不能含有控制字符"),
        ("something that nobody foresaw", "something that nobody foresaw"),
    ],
)
def test_faults_are_told_in_the_editors_language(message: str, told: str) -> None:
    """A fault that is not known here is shown as it stands."""
    assert words.explain(messages.messages("zh").gettext, message) == told


def test_a_paste_that_is_nested_too_deep_is_a_fault() -> None:
    """It is told in words, by the same rule as a record's body."""
    with pytest.raises(InvalidInput) as fact:
        cleaning.clean("<div>" * 3_000 + "x")
    assert fact.value.errors[0].message == "must not nest elements deeper than 100"


def test_a_body_of_before_the_limit_can_be_opened() -> None:
    """What was kept deeper than is taken now opens as its text."""
    assert cleaning.to_markdown("<blockquote>" * 3_000 + "<p>x</p>y") == "x\n\ny"


def test_list_paragraphs_of_a_word_processor_become_items() -> None:
    """The bullet goes, however it is wrapped; what only looks like one stays."""
    pasted = (
        "<p class=MsoListParagraphCxSpFirst><![if !supportLists]><span>1.</span><![endif]>One</p>"
        "<p class='MsoListParagraph'><span>·<span>&nbsp;&nbsp; </span></span>Two</p>"
        "<p class=MsoListParagraph>10\u00b3 units<p class=MsoNormal>End</p>"
    )
    assert cleaning.clean(pasted).markdown == "- One\n\n- Two\n\n- 10\u00b3 units\n\nEnd"


def _everything_wrong() -> content_pb2.Record:
    edition = content_pb2.Edition(
        language="zh",
        title="a" * 1_001,
        summary="\x00",
        body="<div>" * 200 + "x",
        origin=content_pb2.ORIGIN_HUMAN,
    )
    other = content_pb2.Edition(language="xx", body=" " * 3_000_000)
    policy = content_pb2.Policy(
        jurisdiction="it's",
        instrument="x",
        status="x",
        adopted="2926-01-01",
        in_force="it's",
        amends=["\x00"],
        repeals=["a"] * 251,
    )
    return content_pb2.Record(
        original_language="zh",
        editions=[edition, edition, other],
        countries=["XX", "it's", "it's"],
        topics=["x"] * 251,
        source=content_pb2.Source(url="x"),
        dates=content_pb2.Dates(event="x", published="it's"),
        policy=policy,
    )


def _faults() -> Iterator[str]:
    records = [_everything_wrong(), content_pb2.Record()]
    records += [content_pb2.Record(editions=[content_pb2.Edition(language="zh")] * 101)]
    records += [content_pb2.Record(dates=content_pb2.Dates(published="2926-01-01T00:00:00Z"))]
    records += [content_pb2.Record(topics=["x"], editions=[content_pb2.Edition(language="en")])]
    for record in records:
        for fault in rules.check(record, ("zh", "en")):
            yield fault.message
        for fault in entry_rules.check(log.published(record), ("zh",), NOW):
            yield fault.message


@pytest.mark.parametrize("language", ["zh", "ru"])
@pytest.mark.parametrize("message", sorted(set(_faults())))
def test_every_fault_of_content_has_its_words(language: str, message: str) -> None:
    """No rule for records speaks English to an editor who does not."""
    assert words.explain(messages.messages(language).gettext, message) != message
