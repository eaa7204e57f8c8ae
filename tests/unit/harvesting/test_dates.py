"""Dates of publications and tables in the calendars and orders of the region: a day, or none."""

from datetime import UTC, datetime, timedelta

import pytest

from bri_harvesting import dates
from bri_harvesting.dates import NoDate

DAYS = """2024/6/5 | 2024.06.05 | 2024. 6. 5. | 2024-6-5 | 2024年6月5日 | 2024年06月05日07:30
二〇二四年六月五日 | 二零二四年六月五日 | ２０２４年６月５日 | 2024年6月5日 星期三 上午7时30分
令和6年6月5日 | 民国113年6月5日 | 2024년 6월 5일 | 2024 жылғы 5 маусым | 2024 ж. 5 маусымда
2024-жылдын 5-июну | 2024-yil 5-iyun | 5 июня 2024 г. | «5» июня 2024 года | 5 июн. 2024, 07:30 МСК
5 червня 2024 р. | 5 Haziran 2024 | ngày 5 tháng 6 năm 2024 | 2024 оны 6 сарын 5 | 05.06.24
5 มิถุนายน 2567 | 5 มิ.ย. 67 | 2567-06-05 | 05/06/2567 | June 5th, 2024 | 5th of June 2024
Jun. 5, 2024 at 7:30 am | 05-Jun-24 | 05-JUN-2024 | Wed Jun  5 07:00:00 CST 2024 | 20240605070000
Wed, 05 Jun 2024 07:00:00 +0800 | Wed, 05 Jun 24 07:00:00 EST | 2024-06-05T07:00:00+08:00
2024-06-05T00:30:00.123456789Z | 2024-06-05T24:00:00 | 2024-06-05Z | 2024-W23-3"""


@pytest.mark.parametrize("text", [each.strip() for each in DAYS.replace("\n", "|").split("|")])
def test_the_day_is_the_one_that_is_written(text: str) -> None:
    """In any order, script and calendar that the region uses, and in the writer's own time zone."""
    assert dates.to_iso(text) == "2024-06-05"


NONE = """1717542000 | 1717542000000 | Wed, 05 Jun 1717542000000 10:00:00 +0800 | 2024 | 2024年6月
June 2024 | 2024-06 | 5-6 June 2024 | 2024-06-05/2024-06-07 | 2015-2024 | © 2015-2024 | 05/06/24
24/06/05 | 1403-03-16 | ۱۶ خرداد ۱۴۰۳ | 1445-11-28 | 2024-02-30 | 2024-13-13 | 3 days ago | 12:30
вчера, 10:30 | 农历五月初五 | 2926-01-01 | Wed, 05 Jun 2024 07:00 +08000000000000 | 5 Jun 99999"""


@pytest.mark.parametrize("text", [each.strip() for each in NONE.replace("\n", "|").split("|")])
def test_what_does_not_name_one_day_is_no_date(text: str) -> None:
    """Nothing is filled in from today: no Unix time, part, range, ambiguous order, lunar or solar
    calendar of another kind; and nothing raises another error than NoDate."""
    with pytest.raises(NoDate):
        dates.to_iso(text)


def test_leap_days_of_the_buddhist_calendar_are_days() -> None:
    """2567 is no leap year as it stands, 2024 is; a table's own format meets the same year."""
    assert dates.to_iso("29/02/2567") == "2024-02-29"
    assert dates.to_iso("29.02.2567", ["%d.%m.%Y"]) == "2024-02-29"


def test_publications_are_not_ahead_and_events_not_far_ahead() -> None:
    """An event of next year is a date; a publication of next week is a mistake."""
    ahead = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    assert dates.to_iso(ahead) == ahead
    with pytest.raises(NoDate, match="future"):
        dates.published(ahead)
    with pytest.raises(NoDate, match="future"):
        dates.to_iso(f"{datetime.now(UTC).year + 60}-01-01")
