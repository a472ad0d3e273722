"""A fleet's status for people, as lines and as a page, and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from lapel.alert.words import Row
from lapel_tools.report import document as page
from lapel_tools.station.fleet import NOT_TOLD, UNKNOWN, DeviceStatus


def fleet_facts(fleet: tuple[DeviceStatus, ...]) -> dict[str, object]:
    """All of it, for JSON; null for what is unknown."""
    return {"devices": [asdict(each) | dict.fromkeys(NOT_TOLD) for each in fleet]}


def fleet_lines(fleet: tuple[DeviceStatus, ...]) -> Iterator[str]:
    """A line for each device, and one for each finding."""
    for each in fleet:
        facts = "; ".join(f"{row.name.lower()} {row.text}" for row in _rows(each) if row.text)
        yield f"{each.device}: {facts}"
        yield from (f"  ! {finding}" for finding in each.findings)
    wrong = sum(bool(each.findings) for each in fleet)
    yield f"{_devices(fleet)}, {wrong} to look after; {', '.join(NOT_TOLD)}: {UNKNOWN}, no device tells it its station"


def fleet_page(fleet: tuple[DeviceStatus, ...], made_at: str) -> str:
    """The whole page: devices to look after first."""
    return page.document("Fleet", fleet_lead(fleet, made_at), fleet_cards(fleet))


def fleet_lead(fleet: tuple[DeviceStatus, ...], made_at: str) -> str:
    """How many devices there are, and when that was so, as markup."""
    wrong = sum(bool(each.findings) for each in fleet)
    return page.paragraph(f"{_devices(fleet)}, {wrong} to look after. As the station knew them at {made_at}.")


def fleet_cards(fleet: tuple[DeviceStatus, ...]) -> str:
    """A card for each device, as markup."""
    cards = "".join(_card(each) for each in sorted(fleet, key=lambda each: (not each.findings, each.device)))
    return cards or page.paragraph("No device was heard yet.")


def _card(each: DeviceStatus) -> str:
    tag = page.tag("Look after", "bad") if each.findings else page.tag("Fine", "good")
    found = f'<div class="check"><strong>To do</strong>\n{page.listing(each.findings)}</div>\n' if each.findings else ""
    unknown = tuple(Row(name.capitalize(), UNKNOWN) for name in NOT_TOLD)
    return (
        f'<article>\n<div class="top">\n{tag}<h2>{page.text(each.device)}</h2>\n</div>\n'
        f"{found}{page.facts((*_rows(each), *unknown))}</article>\n"
    )


def _rows(each: DeviceStatus) -> tuple[Row, ...]:
    held, offered, waiting = each.held, each.offered, each.waiting
    last = f"{offered.outcome} at {short_time(offered.at)}" if offered.outcome else "none was offered"
    return (
        Row("Group", each.group),
        Row("Heard", short_time(each.heard_at) or "never"),
        Row("List", f"{held.list_id} version {held.version}" if held.list_id else "none"),
        Row("Last update", last),
        Row("Withdrawn", each.withdrawn),
        Row("Wipe", each.wipe),
        Row("Heat", each.heat or ""),
        Row("Records", f"{each.records}, {each.witnessed} witnessed"),
        Row("Waiting", f"{waiting.records:,} as of {short_time(waiting.at)}" if waiting else UNKNOWN),
    )


def short_time(at: str) -> str:
    """A record's time to the minute; empty where there is none."""
    return f"{at[:10]} {at[11:16]} UTC" if at else ""


def _devices(fleet: tuple[DeviceStatus, ...]) -> str:
    return f"{len(fleet)} device{'' if len(fleet) == 1 else 's'}"
