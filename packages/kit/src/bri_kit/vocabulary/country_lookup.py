"""From a country's name, as tables and catalogues write it, to its code.

Rules:
- names are CLDR's in the languages of the region, ISO 3166's short, official and common ones, the
  codes of two and three letters, and ALIASES;
- names are compared without case, accents of Latin letters, punctuation and articles;
- a name that means two countries means none.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from unicodedata import combining, normalize

from bri_kit.vocabulary.names import countries, country_codes, country_name

_LANGUAGES = (
    "en ru zh zh_Hant kk ky uz tg tk mn az hy ka be uk tr fa ps ur hi bn ne vi th id ms lo km my"
    " fil ko ja ar fr es pt de it".split()
)
_INVERTED = (" of", "rep.", "republic", "rb", "p.r.")
_AMBIGUOUS = frozenset(("Congo", "Конго", "刚果"))

ALIASES: Mapping[str, str] = {
    "AE": "UAE, U.A.E., Emirates, ОАЭ, Эмираты, 阿联酋, 阿聯酋",
    "AM": "Республика Армения",
    "AZ": "Азербайджанская Республика",
    "BA": "Bosnia, Босния, 波黑",
    "BN": "Brunei, 文莱",
    "BO": "Bolivia",
    "BY": "Белоруссия, Byelorussia, Республика Беларусь",
    "CD": "DR Congo, DRC, Congo-Kinshasa, ДРК, ДР Конго, 刚果金",
    "CF": "CAR, ЦАР, 中非",
    "CG": "Congo-Brazzaville, Republic of the Congo, 刚果布",
    "CI": "Cote d'Ivoire, Ivory Coast, Берег Слоновой Кости, 科特迪瓦",
    "CN": "PRC, P.R. China, PR China, P.R.C., Mainland China, КНР, Китайская Народная Республика,"
    " 中华人民共和国, 中華人民共和國, 中国大陆, 中国内地, 我国",
    "CV": "Cape Verde",
    "CZ": "Czech Republic, Чешская Республика, 捷克共和国",
    "FM": "Micronesia",
    "GB": "UK, U.K., Great Britain, Britain, England, Великобритания, Соединённое Королевство,"
    " Соединенное Королевство, Англия, 英国, 英國, 大不列颠",
    "GE": "Грузия",
    "HK": "Hong Kong SAR, Hong Kong SAR China, Hong Kong China, 中国香港, 中國香港, 香港",
    "IR": "Islamic Republic of Iran, Исламская Республика Иран, ИРИ, 伊朗伊斯兰共和国",
    "KG": "Киргизия, Кыргызстан, Киргизстан, Кыргызская Республика, Киргизская Республика,"
    " Kyrgyz Republic, Kyrgyz Rep., Kirghizia, 吉尔吉斯, 吉尔吉斯共和国",
    "KP": "DPRK, North Korea, КНДР, Северная Корея, 朝鲜民主主义人民共和国, 朝鲜",
    "KR": "Korea, Rep Korea, Rep of Korea, ROK, South Korea, Republic of Korea, Южная Корея,"
    " Республика Корея, Корея, 韩国, 大韩民国, 南韩",
    "KZ": "Республика Казахстан, РК, Қазақстан Республикасы, 哈萨克, 哈萨克斯坦共和国",
    "LA": "Laos, Lao, Lao PDR, Lao People's Democratic Republic, ЛНДР, Лаос, 老挝,"
    " 老挝人民民主共和国",
    "LY": "Libya, Libyan Arab Jamahiriya",
    "MD": "Moldova, Молдавия, Молдова, 摩尔多瓦",
    "MK": "Macedonia, FYROM, FYR Macedonia, Македония, 马其顿",
    "MM": "Myanmar, Burma, Бирма, Мьянма, 缅甸",
    "MN": "Монгол Улс, Монгольская Народная Республика, 蒙古国",
    "MO": "Macau, Macao SAR, Macao China, 中国澳门, 中國澳門, 澳门",
    "NL": "Holland, Голландия, 荷兰",
    "PS": "Palestine, State of Palestine, Палестина, 巴勒斯坦",
    "RU": "Russia, Russian Federation, Российская Федерация, РФ, 俄联邦, 俄罗斯联邦",
    "SA": "KSA, Королевство Саудовская Аравия, 沙特",
    "SY": "Syria, Syrian Arab Republic, Сирия, 叙利亚",
    "SZ": "Swaziland",
    "TH": "ประเทศไทย, Королевство Таиланд, Тайланд, 泰国",
    "TJ": "Республика Таджикистан, 塔吉克",
    "TL": "East Timor, Timor Leste, Восточный Тимор, 东帝汶",
    "TM": "Туркмения, Туркменистан, 土库曼",
    "TR": "Turkey, Türkiye, Turkiye, Турция, Турецкая Республика, 土耳其",
    "TW": "Taiwan, Taiwan China, Chinese Taipei, Тайвань, 中国台湾, 中國台灣, 台湾省, 中华台北",
    "TZ": "Tanzania",
    "UA": "Украина",
    "US": "USA, U.S.A., U.S., United States, United States of America, America, США,"
    " Соединённые Штаты, Соединенные Штаты, Соединённые Штаты Америки, Америка, 美国, 美國,"
    " 美利坚合众国",
    "UZ": "Республика Узбекистан, O'zbekiston, 乌兹别克",
    "VA": "Vatican, Holy See, Ватикан, 梵蒂冈",
    "VE": "Venezuela, RB Venezuela",
    "VN": "Vietnam, Viet Nam, Việt Nam, Вьетнам, СРВ, Социалистическая Республика Вьетнам, 越南",
}
"""Other names in use, by code, in a list with commas."""


def country_code(name: str) -> str:
    """The ISO 3166-1 code of the country that `name` means; empty for none."""
    code = name.strip().upper()
    return code if code in country_codes() else _codes().get(_folded(name), "")


@cache
def _codes() -> Mapping[str, str]:
    meanings: dict[str, set[str]] = {}
    for name, code in _names():
        if name in _AMBIGUOUS:
            continue
        meanings.setdefault(_folded(name), set()).add(code)
    found = {name: codes.pop() for name, codes in meanings.items() if len(codes) == 1}
    # What people mean by a name goes before what two lists make of it.
    return found | {_folded(name): code for name, code in _aliases()}


def _names() -> Iterator[tuple[str, str]]:
    import pycountry

    for language in _LANGUAGES:
        for code in countries():
            yield country_name(code, language), code
    for country in pycountry.countries:
        for kind in ("alpha_3", "name", "official_name", "common_name"):
            if name := getattr(country, kind, ""):
                yield name, country.alpha_2


def _aliases() -> Iterator[tuple[str, str]]:
    for code, names in ALIASES.items():
        for name in names.split(", "):
            yield name, code


def _folded(name: str) -> str:
    """A name to compare: letters and figures only, an inverted name turned back."""
    first, _, rest = name.replace("(", ",").partition(",")
    rest = rest.strip(" )")
    turned = f"{rest} {first}" if rest.lower().endswith(_INVERTED) else name
    letters = normalize("NFKD", turned.casefold())
    # Of letters that are no Latin ones a mark makes another letter: й, ї.
    kept = normalize("NFC", "".join(_unmarked(letters)))
    words = "".join(letter if letter.isalnum() else " " for letter in kept).split()
    return "".join(word for word in words if word != "the")


def _unmarked(letters: str) -> Iterator[str]:
    last = ""
    for letter in letters:
        if not combining(letter) or last > "\u024f":
            yield letter
        if not combining(letter):
            last = letter
