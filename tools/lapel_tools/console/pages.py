"""The console's pages, as text: HTML and CSS alone, without a script; nothing in a record is obeyed."""

from __future__ import annotations

from html import escape

from lapel.alert.words import HEADLINE, NOT_PROOF, Row
from lapel_tools.console.door import Session
from lapel_tools.console.seen import ALERTS_A_PAGE, Audited, SeenAlert
from lapel_tools.report import document as page
from lapel_tools.station.fleet import DeviceStatus
from lapel_tools.station.fleet_page import fleet_cards, fleet_lead, short_time
from lapel_tools.station.holdings import Row as Held
from lapel_tools.station.show import facts_of

FLEET, ALERTS, AUDIT, LOGIN, LOGOUT = "/", "/alerts", "/audit", "/login", "/logout"
_PLACES = ((FLEET, "Fleet"), (ALERTS, "Alerts"), (AUDIT, "Audit"))
_CURRENT = ' aria-current="page"'
_HIDDEN = frozenset({"label", "entry", "list_id", "list_version", "t_s", "frame", "x0", "y0", "x1", "y1", "similarity"})


def login(token: str, wrong: str = "") -> str:
    """The only page without a session: it asks who is there, and tells nothing."""
    said = f'<p class="check" role="alert">{page.text(wrong)}</p>\n' if wrong else ""
    form = (
        f'<form method="post" action="{LOGIN}">\n{_hidden(token)}'
        '<p><label for="name">Name</label>\n<input id="name" name="name" autocomplete="username" required></p>\n'
        '<p><label for="password">Password</label>\n<input id="password" name="password" type="password" '
        'autocomplete="current-password" required></p>\n<p><button>Log in</button></p>\n</form>\n'
    )
    return page.document("Log in", "", f"<article>\n{said}{form}</article>\n", has_forms=True)


def fleet(session: Session, found: tuple[DeviceStatus, ...], made_at: str) -> str:
    """Every device, those to look after first."""
    return _page(session, FLEET, fleet_lead(found, made_at), fleet_cards(found))


def alerts(session: Session, found: tuple[SeenAlert, ...], number: int) -> str:
    """A page of alerts, newest first; ``number`` counts from 0."""
    lead = page.paragraph(f"An alert is a likeness that a machine found, not a verdict. {NOT_PROOF}")
    shown = "".join(map(_alert, found)) or page.paragraph("No alerts here.")
    newer = f'<a href="{ALERTS}?page={number - 1}" rel="prev">Newer</a>' if number else ""
    older = f'<a href="{ALERTS}?page={number + 1}" rel="next">Older</a>' if len(found) == ALERTS_A_PAGE else ""
    turn = f'<nav aria-label="Pages"><p>{newer} {older}</p></nav>\n' if newer or older else ""
    return _page(session, ALERTS, lead, shown + turn)


def audit(session: Session, found: tuple[Audited, ...], acts: tuple[Held, ...]) -> str:
    """How every device's records stand, and what was exported, removed and refused last."""
    wrong = sum(each.needs_looking_after for each in found)
    lead = page.paragraph(f"{wrong} of {len(found)} to look after. What was witnessed, the station has signed as well.")
    worst_first = sorted(found, key=lambda each: (not each.needs_looking_after, not each.standing.early))
    cards = "".join(map(_audited, worst_first)) or page.paragraph("No device was heard yet.")
    lines = tuple(
        f"{short_time(each.received_at)}, {each.device}, record {each.sequence}: {each.kind}: {_told(each)}"
        for each in acts
    )
    if lines:
        heading = "<h3>Exported, removed, refused and silenced last</h3>"
        cards += f'<article>\n<div class="text">{heading}\n{page.listing(lines)}</div></article>\n'
    return _page(session, AUDIT, lead, cards)


def trouble(session: Session, words: str) -> str:
    """What could not be shown, and why."""
    return _page(session, "", page.paragraph(words), "")


def _page(session: Session, place: str, lead: str, body: str) -> str:
    title = dict(_PLACES).get(place, "Not shown")
    links = "".join(
        f'<li><a href="{path}"{_CURRENT if path == place else ""}>{name}</a></li>\n' for path, name in _PLACES
    )
    leave = (
        f'<form method="post" action="{LOGOUT}">\n{_hidden(session.token)}'
        f"<button>Log out {page.text(session.name)}</button>\n</form>\n"
    )
    nav = f'<nav class="bar" aria-label="Console">\n<ul>\n{links}</ul>\n{leave}</nav>\n'
    return page.document(title, lead, body, nav=nav, has_forms=True)


def _hidden(token: str) -> str:
    return f'<input type="hidden" name="token" value="{escape(token)}">\n'


def _alert(seen: SeenAlert) -> str:
    row, facts = seen.row, seen.facts
    title = str(facts.get("label") or facts.get("entry") or "what it says is not held here")
    listed = f"{facts.get('entry', '')} of {facts.get('list_id', '')} version {facts.get('list_version', '')}"
    more = "; ".join(
        f"{name} {value}" for name, value in facts.items() if name not in _HIDDEN and value not in ("", None)
    )
    said = tuple(f"{each.answer}, {each.by}, {short_time(each.at)}" for each in seen.said)
    answers = page.listing(said) if said else page.paragraph("Nobody has said yet whether it is this thing.", "quiet")
    picture = page.Picture(seen.picture, f"What the camera saw, possibly: {title}", "Seen", "faces destroyed")
    shown = page.pictures(picture) if seen.picture.startswith(b"\xff\xd8") else ""
    rows = (
        Row("Device", row.device),
        Row("Seen", short_time(row.at)),
        Row("Received", short_time(row.received_at)),
        Row("Entry", listed if facts else ""),
        Row("Says", more),
        Row("Record", f"no. {row.sequence}, {row.id}"),
        Row("Withheld", row.withheld),
    )
    return (
        f'<article>\n<div class="top">\n{page.tag(HEADLINE)}<h2>{page.text(title)}</h2>\n</div>\n{shown}'
        f'<div class="text"><h3>Officers</h3>\n{answers}</div>\n{page.facts(rows)}</article>\n'
    )


def _audited(each: Audited) -> str:
    standing = each.standing
    wrong = tuple(
        line
        for line in (
            f"of {standing.open_forks} there are two versions: a fork" if standing.open_forks else "",
            f"{standing.early} wait for others before them: a gap" if standing.early else "",
            *(f"alarm ({raised.alarm}, {raised.count} ×): {raised.detail}" for raised in each.alarms),
        )
        if line
    )
    found = f'<div class="check"><strong>Of its records</strong>\n{page.listing(wrong)}</div>\n' if wrong else ""
    settled = (
        f"{done.raised.alarm}, {done.raised.count} ×, last: {done.raised.detail} (by {done.who}, "
        f"{short_time(done.at)}: {done.why})"
        for done in each.settled
    )
    rows = (
        Row("Records", str(standing.head.size)),
        Row("Head", standing.head.root.hex()),
        Row("Witnessed", f"the first {standing.witnessed}" if standing.witnessed else "none"),
        Row("Heard", short_time(standing.heard_at) or "never"),
        Row("Refused", "; ".join(f"{r.count} × {r.reason}, last: {r.last_detail}" for r in each.refusals) or "nothing"),
        Row("Settled", "; ".join(settled)),
    )
    tag = (
        page.tag("Look after", "bad")
        if each.needs_looking_after
        else page.tag("A gap")
        if wrong
        else page.tag("Settled")
        if each.settled
        else page.tag("Whole", "good")
    )
    name = standing.device or "On no device's topic"
    return (
        f'<article>\n<div class="top">\n{tag}<h2>{page.text(name)}</h2>\n</div>\n{found}{page.facts(rows)}</article>\n'
    )


def _told(row: Held) -> str:
    return "; ".join(f"{name} {value}" for name, value in facts_of(row).items() if value not in ("", None))
