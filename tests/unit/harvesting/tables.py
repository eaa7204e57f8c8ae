"""Tables of cases, their mapping, and what is read of them."""

from typing import Any

from bri_harvesting.source import Fault, Item, Limits, Source
from bri_harvesting.tables import items_of, read_mapping

MAPPING = """
[fields]
identity = "№"
title = "Название"
body = "Описание"
date = "Дата"
countries = "Страна"
[constants]
kind = "case"
language = "ru"
"""
HEADER = ["№", "Название", "Описание", "Дата", "Страна"]
ROW = ["1", "Раздельный сбор отходов в Астане", "Первый абзац.\n\nВторой.", "08.01.2019", "KZ"]


def read(data: bytes, mapping: str = MAPPING, **more: Any) -> tuple[list[Item], list[Fault]]:
    source = Source("table", "https://example.org/cases", ("zh", "en", "ru"), **more)
    found = list(items_of(data, read_mapping(mapping), source, Limits()))
    items = [each for each in found if isinstance(each, Item)]
    return items, [each for each in found if isinstance(each, Fault)]


def csv_of(*rows: list[str], separator: str = ";", encoding: str = "utf-8") -> bytes:
    lines = (
        separator.join(f'"{cell}"' if "\n" in cell or separator in cell else cell for cell in row)
        for row in rows
    )
    return "\r\n".join(lines).encode(encoding)
