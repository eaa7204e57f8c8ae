"""Records that tell the same, and records that nearly do: real facts in our own words.

`TOLD` has one fact a row, told in Chinese, English and Russian by different centres. `APART` has
pairs that look alike and are not the same; most share a template, a series or a subject.
"""

from typing import NamedTuple

from bri_retrieval.stories.member import Law, Member, Text


class Telling(NamedTuple):
    """One record: a centre's telling of something in one language."""

    language: str
    title: str
    body: str
    kind: str = "news"
    countries: tuple[str, ...] = ()
    date: str = ""
    event: str = ""
    number: str = ""
    amends: tuple[str, ...] = ()

    def member(self, place: int, centre: str = "") -> Member:
        """The record as an engine keeps it; `place` makes its identifier."""
        return Member(
            id=f"{centre or 'c-' + self.language}:{place:026d}",
            number=place,
            kind=self.kind,
            date=self.date,
            event=self.event,
            original=self.language,
            source="",
            countries=list(self.countries),
            topics=[],
            law=Law(number=self.number, amends=list(self.amends)),
            joined=[],
            parted=[],
            editions={self.language: Text(self.title, "", self.body)},
        )


def _policy(language: str, number: str, title: str, body: str, *amends: str) -> Telling:
    return Telling(language, title, body, "policy", number=number, amends=amends)


TOLD: tuple[tuple[Telling, ...], ...] = (
    (
        _policy(
            "zh",
            "GB 18485-2014",
            "生活垃圾焚烧污染控制标准",
            "本标准规定了生活垃圾焚烧厂的选址、技术、入炉废物、运行、排放控制和监测要求，自2014年7月1日起实施。"
            "焚烧炉膛内温度不得低于850摄氏度，二噁英类排放限值为每立方米0.1纳克毒性当量。",
        ),
        _policy(
            "en",
            "GB 18485–2014",
            "Standard for pollution control on the municipal solid waste incineration",
            "The standard sets requirements for siting, technology, the waste taken in, operation, "
            "emission control and monitoring of incineration plants. It applies from 1 July 2014. "
            "The furnace must reach at least 850 °C, and dioxins are limited to 0.1 ng TEQ/m3.",
        ),
        _policy(
            "ru",
            "GB 18485-2014",
            "Стандарт контроля загрязнения при сжигании твёрдых бытовых отходов",
            "Стандарт устанавливает требования к размещению, технологии, принимаемым отходам, "
            "эксплуатации, контролю выбросов и мониторингу мусоросжигательных заводов и действует "
            "с 1 июля 2014 года. Температура в топке — не ниже 850 °C, предел для диоксинов — "
            "0,1 нг ТЭ/м3.",
        ),
    ),
    (
        Telling(
            "zh",
            "联合国宣布2025年为国际冰川保护年",
            "联合国大会决定将2025年定为国际冰川保护年，并把每年3月21日定为世界冰川日。这一倡议由塔吉克斯坦提出。",
            countries=("TJ",),
        ),
        Telling(
            "en",
            "2025 is the International Year of Glaciers' Preservation",
            "The United Nations General Assembly declared 2025 the International Year of Glaciers' "
            "Preservation and 21 March the World Day for Glaciers, on the initiative of "
            "Tajikistan.",
            countries=("TJ",),
        ),
        Telling(
            "ru",
            "2025 год объявлен Международным годом сохранения ледников",
            "Генеральная Ассамблея ООН по инициативе Таджикистана объявила 2025 год Международным "
            "годом сохранения ледников, а 21 марта — Всемирным днём ледников.",
            countries=("TJ",),
        ),
    ),
    (
        Telling(
            "zh",
            "哈萨克斯坦科卡拉尔大坝让北咸海重新充盈",
            "2005年建成的科卡拉尔大坝长约13公里，把北咸海与南咸海隔开。水位上升，盐度下降，鱼类重新出现，渔业得以恢复。",
            "case",
            ("KZ",),
        ),
        Telling(
            "en",
            "Kok-Aral dam brings back the northern Aral Sea",
            "The dam, 13 km long and finished in 2005, separates the northern Aral Sea from the "
            "southern one. The water rose, its salinity fell, and fish and fishery came back.",
            "case",
            ("KZ",),
        ),
        Telling(
            "ru",
            "Кокаральская плотина возвращает Северный Арал",
            "Плотина длиной 13 км, построенная в 2005 году, отделила Северное Аральское море от "
            "Южного. Уровень воды поднялся, солёность снизилась, вернулись рыба и рыболовство.",
            "case",
            ("KZ",),
        ),
    ),
)

APART: dict[str, tuple[Telling, Telling]] = {
    "two standards of one series": (
        _policy(
            "zh",
            "GB 18485-2014",
            "生活垃圾焚烧污染控制标准",
            "本标准规定了生活垃圾焚烧厂的选址、技术、运行、排放控制和监测要求，2014年7月1日起实施。",
        ),
        _policy(
            "en",
            "GB 18484-2020",
            "Standard for pollution control on hazardous waste incineration",
            "The standard sets requirements for siting, technology, operation, emission control "
            "and monitoring of incineration plants. It applies from 1 July 2021.",
        ),
    ),
    "two standards whose numbers only the titles have": (
        Telling("zh", "GB 18485-2014 焚烧污染控制标准", "规定焚烧厂的要求。", "policy"),
        Telling("en", "GB 18484-2020: incineration", "Requirements for incineration.", "policy"),
    ),
    "the annual reports of two years": (
        Telling(
            "zh",
            "2022年中国生态环境状况公报",
            "公报显示，2022年全国339个地级及以上城市平均空气质量优良天数比例为86.5%。",
            countries=("CN",),
        ),
        Telling(
            "en",
            "Report on the State of the Ecology and Environment in China 2023",
            "In 2023 the 339 cities at and above prefecture level had good air on 85.5 % of days.",
            countries=("CN",),
        ),
    ),
    "one template with other figures": (
        Telling(
            "ru",
            "Еженедельный бюллетень о качестве воздуха в Алматы",
            "На прошлой неделе средняя концентрация PM2,5 составила 41 мкг/м3, максимум — 87.",
            countries=("KZ",),
        ),
        Telling(
            "en",
            "Weekly bulletin on air quality in Almaty",
            "Last week the mean concentration of PM2.5 was 63 µg/m3, the maximum 128.",
            countries=("KZ",),
        ),
    ),
    "one template in two weeks": (
        Telling(
            "zh",
            "阿拉木图空气质量周报",
            "上周空气质量一般。",
            countries=("KZ",),
            event="2024-01-15",
        ),
        Telling(
            "ru",
            "Бюллетень о качестве воздуха в Алматы",
            "На прошлой неделе качество воздуха было средним.",
            countries=("KZ",),
            event="2024-01-22",
        ),
    ),
    "one template for two countries": (
        Telling("zh", "环境合作备忘录签署", "双方签署了环境合作谅解备忘录。", countries=("LA",)),
        Telling(
            "en",
            "Memorandum on environmental cooperation signed",
            "The two sides signed a memorandum of understanding on environmental cooperation.",
            countries=("KH",),
        ),
    ),
    "a law and the law that amends it": (
        _policy(
            "ru",
            "89-ФЗ",
            "Федеральный закон «Об отходах производства и потребления»",
            "Закон определяет правовые основы обращения с отходами.",
        ),
        _policy(
            "en",
            "458-FZ",
            "Federal law amending the law on production and consumption waste",
            "The law sets out the legal basis of waste management anew.",
            "89-FZ",
        ),
    ),
    "a regulation and the decision that revises it, without numbers": (
        Telling("zh", "关于修改《危险废物经营许可证管理办法》的决定", "国务院决定。", "policy"),
        Telling(
            "en",
            "Measures for the administration of permits for hazardous waste",
            "The State Council's measures.",
            "policy",
        ),
    ),
    "decrees of one ministry with different numbers": (
        Telling("zh", "生态环境部公告2018年第31号", "发布技术导则。", "policy"),
        Telling("en", "Announcement No. 32 of 2018", "Technical guidelines issued.", "policy"),
    ),
    "a law and the news about it": (
        _policy("zh", "", "固体废物污染环境防治法", "该法规定固体废物的管理。"),
        Telling("en", "Law on solid waste passed", "The law regulates solid waste."),
    ),
}
