"""Records to write: small ones, in one language or two, each with a mark in every title."""

import random
from typing import Any

from bri_kit import vocabulary

WORDS = {
    "en": "river basin monitoring forest restoration methane recycling district heating wetland "
    "emission permit compost turbine glacier irrigation landfill biodiversity corridor desert "
    "afforestation transboundary sewage sludge photovoltaic reservoir particulate haze mangrove",
    "zh": "流域监测 森林恢复 甲烷回收 集中供热 湿地保护 排放许可 堆肥处理 风力发电 冰川融水 "
    "节水灌溉 垃圾填埋 生物多样性 生态廊道 荒漠治理 跨境河流 污水处理 光伏电站 水库管理",
    "vi": "lưu vực sông quan trắc phục hồi rừng khí mê tan tái chế đất ngập nước phát thải "
    "giấy phép phân hữu cơ tua bin sông băng tưới tiêu bãi chôn lấp sinh học sa mạc",
    "ru": "бассейн реки мониторинг лесов восстановление метан переработка отходов отопление болото "
    "выбросы разрешение компост турбина ледник орошение свалка биоразнообразие коридор пустыня",
}
LANGUAGES = {"sco": ("en", "ru", "zh"), "asean": ("en", "vi", "zh")}
"""The languages that each centre publishes in, and that we write."""

KINDS = ("news", "case", "cooperation", "technology")
COUNTRIES = ("CN", "RU", "KZ", "KG", "TJ", "UZ", "IN", "PK", "LA", "VN")
_WORDS = {language: text.split() for language, text in WORDS.items()}


def document(chance: random.Random, mark: str, centre: str) -> dict[str, Any]:
    """A record as an editor at a centre sends it."""
    languages = chance.sample(LANGUAGES[centre], chance.choice((1, 1, 2)))
    return {
        "kind": chance.choice(KINDS),
        "original_language": languages[0],
        "editions": {
            language: {
                "title": f"{_some(chance, language, 4)} {mark}",
                "body": f"<p>{_some(chance, language, 40)}</p>",
                "origin": "original" if language == languages[0] else "human",
            }
            for language in languages
        },
        "countries": chance.sample(COUNTRIES, 2),
        "topics": chance.sample(list(vocabulary.topics()), 2),
        "dates": {"original": f"{chance.randint(2005, 2026)}-{chance.randint(1, 12):02}-15"},
    }


def _some(chance: random.Random, language: str, count: int) -> str:
    return " ".join(chance.choices(_WORDS[language], k=count))
