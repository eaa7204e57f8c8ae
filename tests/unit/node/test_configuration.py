"""A centre's node in one file: what it may say, and what is told where it cannot be used."""

from pathlib import Path

import pytest

from bri_cli.nodefile import Wishes, write
from bri_node.configuration import NAME, ConfigurationBroken, read

WISHES = Wishes(
    code="kz-igtic",
    names=("Centre", "kk=Жасыл орталық «Ақ»", 'ru=Центр "зелёный" \\ # нет'),
    languages="kk, ru,en",
    hub="wss://hub.example/",
    countries="kz",
    contact="desk@centre.example",
    port=8123,
    url="https://centre.example/",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    write(path, WISHES)
    return path


def test_what_was_wished_is_written_and_read(path: Path) -> None:
    """Names in any script; the site speaks those languages that there are catalogues for."""
    configuration = read(path)
    profile, settings = configuration.profile, configuration.settings()
    assert profile.names == {
        "en": "Centre", "kk": "Жасыл орталық «Ақ»", "ru": 'Центр "зелёный" \\ # нет',
    }  # fmt: skip
    assert (profile.code, profile.countries) == ("kz-igtic", ("KZ",))
    assert (profile.edition_languages, profile.languages) == (("kk", "ru", "en"), ("ru", "en"))
    assert configuration.address == "wss://hub.example"
    assert (settings.port, settings.public_url) == (8123, "https://centre.example")
    assert settings.data == path.parent / "kz-igtic"


def test_a_node_that_has_not_joined_dials_nobody(path: Path) -> None:
    """It works by itself until there are credentials."""
    settings = read(path).settings()
    assert (settings.nats_url, settings.nats_credentials) == ("", None)
    folder = read(path).folder
    folder.mkdir()
    (folder / "nats.creds").write_text("…")
    settings = read(path).settings()
    assert settings.nats_url == "wss://hub.example"
    assert settings.nats_credentials == folder / "nats.creds"


def test_the_environment_wins(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A container can be told otherwise."""
    monkeypatch.setenv("BRI_NODE_PORT", "9000")
    assert read(path).settings().port == 9000
    monkeypatch.setenv("BRI_NODE_PORT", "many")
    with pytest.raises(ConfigurationBroken, match="port"):
        read(path).settings()


def test_languages_without_a_catalogue_have_an_english_site(tmp_path: Path) -> None:
    """Records are in the centre's own."""
    write(tmp_path / NAME, Wishes("la-mone", ("ສູນ",), "lo", "", "LA", "", 8001, ""))
    profile = read(tmp_path / NAME).profile
    assert (profile.edition_languages, profile.languages) == (("lo",), ("en",))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('code = "kz-igtic"', "code = kz-igtic", "is not TOML"),
        ('code = "kz-igtic"', "", "code"),
        ('code = "kz-igtic"', 'code = "KZ IGTIC"', "code: must be"),
        ('code = "kz-igtic"', 'code = "hub"', "code: 'hub' means something else"),
        ('["kk", "ru", "en"]', '["kk", "xx"]', "languages.1: 'xx'"),
        ('["kk", "ru", "en"]', '"kk"', "languages: input should be a valid list"),
        ('["kk", "ru", "en"]', "[]", "languages"),
        ('["KZ"]', '["KAZ"]', "countries.0: 'KAZ'"),
        ("wss://hub.example", "hub.example", "hub: must be an address"),
        ("wss://hub.example", "ftp://hub.example", "hub: must be an address"),
        ("port = 8123", 'port = "many"', "port"),
        ("port = 8123", "prot = 8123", "settings: there is no setting 'prot'"),
        ("port = 8123", 'oidc_client_secret = "x"', "set BRI_NODE_OIDC_CLIENT_SECRET instead"),
        ("port = 8123", 'nats_url = "nats://x"', "there is no setting 'nats_url'"),
        ("contact =", "kontakt =", "kontakt: there is no such key"),
        ("[names]", "[name]", "name"),
    ],
)
def test_a_broken_file_is_told_by_its_key(path: Path, before: str, after: str, told: str) -> None:
    """In one line that names the file, and nothing is guessed."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    with pytest.raises(ConfigurationBroken, match=f"{NAME}.*{told}"):
        read(path).settings()


def test_a_file_that_cannot_be_read_is_told(path: Path) -> None:
    """Not there, a folder, another encoding, empty."""
    with pytest.raises(ConfigurationBroken, match="there is no"):
        read(path.with_name("other.toml"))
    with pytest.raises(ConfigurationBroken, match="cannot be read"):
        read(path.parent)
    path.write_bytes("code = 'центр'".encode("cp1251"))
    with pytest.raises(ConfigurationBroken, match="is not UTF-8 at byte 8"):
        read(path)
    path.write_bytes(b"")
    with pytest.raises(ConfigurationBroken, match="code: field required"):
        read(path)


def test_a_file_is_never_written_over(path: Path) -> None:
    """Somebody may have worked on it."""
    path.write_text("mine")
    with pytest.raises(ConfigurationBroken, match="is there already"):
        write(path, WISHES)
    assert path.read_text() == "mine"


def test_nothing_is_left_of_wishes_that_cannot_be(tmp_path: Path) -> None:
    """The word is about the wish, not about a file that nobody has."""
    for wishes, told in (
        (Wishes("K", ("x",), "kk", "", "", "", 1, ""), r"^code: must be"),
        (Wishes("kk", ("x",), "", "", "", "", 1, ""), r"^languages: "),
        (Wishes("kk", ("",), "kk", "", "", "", 1, ""), r"^names\.kk: "),
        (Wishes("kk", ("a\x00b",), "kk", "", "", "", 1, ""), r"^names\.kk: "),
    ):
        with pytest.raises(ConfigurationBroken, match=told):
            write(tmp_path / NAME, wishes)
    assert not list(tmp_path.iterdir())
