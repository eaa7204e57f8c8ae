"""The China-ASEAN centre: its languages, ASEAN's eleven members and China."""

from bri_node.profile import Profile

PROFILE = Profile(
    code="asean",
    names={
        "zh": "中国—东盟环境信息共享平台",
        "en": "China-ASEAN Environmental Information Sharing Platform",
        "ru": "Платформа обмена экологической информацией Китай — АСЕАН",
    },
    languages=("zh", "en"),
    edition_languages=("zh", "en", "vi", "th", "id", "ms", "km", "lo", "my", "tl"),
    countries=tuple("BN KH ID LA MY MM PH SG TH VN TL CN".split()),
    default_port=8002,
    accent="#a0431c",
)
