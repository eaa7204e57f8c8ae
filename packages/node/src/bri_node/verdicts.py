"""What became of entries, in words that an editor understands."""

from typing import Any


def entry(number: int, record: str, mended: bool) -> dict[str, Any]:
    """An entry that the hub held otherwise than we do."""
    done = "The hub took our signed bytes in place of its own."
    left = "The hub's chain of entries does not prove our bytes, so nothing was changed."
    return {
        "what": "entry",
        "number": number,
        "record": record,
        "repaired": mended,
        "done": done if mended else left,
    }


def record(record_id: str, remade: bool) -> dict[str, Any]:
    """A record that the hub showed otherwise than its newest accepted entry says."""
    done = "The hub made the record again from its newest entry."
    left = "The hub finds that it shows the record as its newest entry says."
    return {
        "what": "record",
        "number": None,
        "record": record_id,
        "repaired": remade,
        "done": done if remade else left,
    }


def summary(report: dict[str, Any]) -> str:
    """A reconciliation in one sentence."""
    parts = [f"You hold {report['written']}, the hub holds {report['held']}"]
    if report["rejected_count"]:
        reasons = "; ".join(_reason(each) for each in report["rejected"][:3])
        more = report["rejected_count"] - len(report["rejected"][:3])
        rest = f"; and {more} more" if more > 0 else ""
        parts.append(f"{report['rejected_count']} rejected ({reasons}{rest})")
    if report["waiting"]:
        parts.append(f"{report['waiting']} waiting for the hub's answer")
    if report["resent"]:
        parts.append(f"{sum(_size(each) for each in report['resent'])} sent again")
    if report["differed"]:
        repaired = sum(each["repaired"] for each in report["differed"])
        parts.append(f"{len(report['differed'])} differed, of which {repaired} were repaired")
    else:
        parts.append("what both hold is the same")
    return "; ".join(parts) + "."


def _reason(rejection: dict[str, Any]) -> str:
    return f"entry {rejection['number']}: {rejection['detail'] or rejection['reason']}"


def _size(span: dict[str, Any]) -> int:
    size: int = span["last"] - span["first"] + 1
    return size


def delivered(state: str, change: str, at: str, detail: str) -> str:
    """How one entry stands, in one sentence."""
    what = "The withdrawal" if change == "retracted" else "The publication"
    match state:
        case "accepted":
            return f"{what} was applied at the hub at {at}."
        case "rejected":
            return f"The hub did not apply this: {detail}"
        case "refused":
            return f"The hub could not prove that this is ours, so it waits: {detail}"
        case "held":
            return f"The hub holds this back until its administrator decides: {detail}"
        case "sent":
            return f"{what} was sent; the hub has not answered yet."
        case _:
            return f"{what} waits to be sent."
