"""The centre of the Shanghai Cooperation Organisation: its languages and its ten members."""

from bri_node.profile import Profile

PROFILE = Profile(
    code="sco",
    names={
        "zh": "上海合作组织环境信息共享平台",
        "en": "SCO Environmental Information Sharing Platform",
        "ru": "Платформа обмена экологической информацией ШОС",
    },
    languages=("zh", "en", "ru"),
    edition_languages=("zh", "en", "ru"),
    countries=tuple("CN RU KZ KG TJ UZ IN PK IR BY".split()),
    default_port=8001,
    accent="#1d5a9e",
)
