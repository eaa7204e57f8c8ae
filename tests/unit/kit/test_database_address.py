"""Where a database is: as a setting says, or a file."""

from pathlib import Path

import pytest

from bri_kit.database import AddressUnusable, address


def test_without_a_setting_it_is_a_file(tmp_path: Path) -> None:
    """No setting is a file in the data folder, which is made."""
    assert address("", tmp_path / "sco" / "node.db") == f"sqlite:///{tmp_path}/sco/node.db"
    assert (tmp_path / "sco").is_dir()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_by_its_one_driver(scheme: str) -> None:
    """All usual ways to write the address are understood, and its password is kept."""
    found = address(f"{scheme}://bri:s%40@db:5432/x?sslmode=require", Path("unused"))
    assert found == "postgresql+psycopg://bri:s%40@db:5432/x?sslmode=require"


def test_centres_can_share_a_setting() -> None:
    """`{centre}` in it is the centre's code as a database can be called."""
    assert address("postgresql://db/bri_{centre}", Path("unused"), "kz-igtic").endswith(
        "bri_kz_igtic"
    )


@pytest.mark.parametrize("setting", ["mysql://db/x", "db/x", "postgresql+asyncpg://db/x", "://"])
def test_what_is_no_such_database_is_refused(setting: str) -> None:
    """Another kind or no address at all is refused, and the address is not repeated in the words:
    it may hold a password."""
    with pytest.raises(AddressUnusable) as refused:
        address(setting, Path("unused"))
    assert "db/x" not in str(refused.value)
