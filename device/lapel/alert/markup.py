"""The report page as text: HTML and CSS alone, so that it opens on any machine, offline, without a script."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lapel.alert.words import HEADLINE, NOT_PROOF, NOT_RECORDED, Row, plain

LIMITS = (
    "This page shows the chain working: a listed thing was seen, compared, recorded and shown. "
    "It does not show how often listed things are found, missed or confused."
)
STRAIGHT = "grey: not in view"

# Contrast of text on its ground is at least 7:1 in both schemes, of the accents 4.5:1 (WCAG 2.2, 1.4.3 and 1.4.6).
PALETTE = """
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #ffffff; --ink: #14181f; --quiet: #454c59;
  --line: #d3d7de; --mark: #8a3b00; --mark-ground: #fff1df; --alarm: #9b0f0f; --alarm-ground: #fdecec; }
@media (prefers-color-scheme: dark) { :root { --ground: #11141a; --card: #1b2028; --ink: #f1f3f6; --quiet: #bcc4d0;
  --line: #38404d; --mark: #ffc078; --mark-ground: #33261a; --alarm: #ffb3b3; --alarm-ground: #3a1d1f; } }
"""
STYLE = (
    PALETTE
    + """* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1.125rem/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
main, header, footer { max-width: 64rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.25rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
h2 { font-size: 1.75rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
.small { font-size: 1.25rem; }
p { margin: .35rem 0; max-width: 46rem; }
.quiet { color: var(--quiet); }
.skip { position: absolute; left: -100rem; }
.skip:focus { position: static; }
a { color: inherit; }
a:focus-visible { outline: 3px solid var(--mark); outline-offset: 3px; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 14px; margin: 1.75rem 0;
  overflow: hidden; }
.top { padding: 1.1rem 1.4rem 1rem; }
.tag { display: inline-block; margin: 0 0 .6rem; padding: .15rem .7rem; border-radius: 6px; font-weight: 650;
  color: var(--mark); background: var(--mark-ground); }
.pictures { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; padding: 0 1.4rem; }
.three { grid-template-columns: 1fr 1fr 1fr; }
.three a { flex: none; }
figure { margin: 0; display: flex; flex-direction: column; }
figure a, figure .none { display: flex; align-items: center; justify-content: center; flex: 1; min-height: 14rem;
  background: var(--ground); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
img { width: 100%; height: 19rem; object-fit: contain; display: block; }
figcaption { padding: .45rem .1rem 0; font-weight: 600; }
figcaption span { font-weight: 400; color: var(--quiet); }
.check { margin: 1.1rem 1.4rem 0; padding: .7rem 1rem; border-left: 6px solid var(--mark); border-radius: 4px;
  background: var(--mark-ground); font-size: 1.25rem; overflow-wrap: anywhere; }
.check strong { color: var(--mark); }
.alarm { color: var(--alarm); background: var(--alarm-ground); padding: .1rem .5rem; border-radius: 4px;
  font-weight: 700; }
dl { display: grid; grid-template-columns: 9.5rem 1fr; gap: .4rem 1rem; margin: 1.1rem 1.4rem 1.4rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.empty { padding: 2.5rem 1.4rem; font-size: 1.25rem; }
ul { padding-left: 1.2rem; overflow-wrap: anywhere; }
footer { padding-top: .5rem; padding-bottom: 3rem; }
@media (max-width: 42rem) { .pictures { grid-template-columns: 1fr; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .6rem; } img { height: auto; max-height: 19rem; } figure a { min-height: 0; } }
@media print { body { background: #fff; } article { break-inside: avoid; } }
"""
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# Nothing is fetched, run or sent, whatever an entry's label might contain.
_POLICY = f"default-src 'none'; img-src 'self' file:; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'"


@dataclass(frozen=True, slots=True)
class Card:
    """One alert as it stands on the page. ``reference``, ``straight`` and ``crop`` are paths beside the page, or
    empty; without ``straight`` two pictures are shown."""

    number: int
    title: str
    check: str
    rows: tuple[Row, ...]
    reference: str
    straight: str
    crop: str


def page(cards: Sequence[Card], notices: Sequence[str], forgotten: int) -> str:
    """The whole page; ``cards`` newest first, ``forgotten`` how many older ones it no longer shows."""
    shown = "".join(_article(card) for card in cards)
    nothing = '<article><p class="empty">Nothing has been alerted.</p></article>\n'
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_heading(len(cards))} · Lapel</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<header>\n<p><a class="skip" href="#alerts">Skip to the alerts</a></p>\n'
        f"<h1>{_heading(len(cards))}</h1>\n"
        f"<p>An alert is a likeness that a machine found, not a verdict. {escape(NOT_PROOF)}</p>\n"
        f'<p class="quiet">{escape(LIMITS)}</p>\n</header>\n'
        f'<main id="alerts">\n{shown or nothing}</main>\n'
        f'<footer class="quiet">\n{_notices(notices)}{_forgotten(forgotten)}'
        "<p>Lapel looks for things, never for people: faces are destroyed before anything else sees a picture. "
        "Newest alert first. Times of records are UTC.</p>\n</footer>\n</body>\n</html>\n"
    )


def _heading(count: int) -> str:
    if count == 0:
        return "No possible matches"
    return "1 possible match to check" if count == 1 else f"{count} possible matches to check"


def _article(card: Card) -> str:
    name = escape(card.title)
    check = f'<p class="check"><strong>Check:</strong> {escape(card.check)}</p>\n' if card.check else ""
    line = "; line: the listed picture's border" if card.straight else ""
    facts = "".join(f"<dt>{escape(row.name)}</dt><dd>{_value(row)}</dd>\n" for row in card.rows)
    return (
        f'<article aria-labelledby="alert-{card.number}">\n<div class="top">\n<p class="tag">{HEADLINE}</p>\n'
        f'<h2 id="alert-{card.number}">{name}</h2>\n</div>\n'
        f'<div class="pictures{" three" if card.straight else ""}">\n'
        + _figure(card.reference, f"Reference picture of the listed thing: {name}", "Listed", "reference picture")
        + (
            _figure(card.straight, f"The same, laid straight on it: {name}", "Seen, laid on it", STRAIGHT)
            if line
            else ""
        )
        + _figure(card.crop, f"What the camera saw, possibly: {name}", "Seen", f"possibly this; faces destroyed{line}")
        + f"</div>\n{check}<dl>\n{facts}</dl>\n</article>\n"
    )


def _figure(path: str, alternative: str, name: str, remark: str) -> str:
    caption = f"<figcaption>{name} <span>· {remark}</span></figcaption>"
    if not path:
        return f'<figure><div class="none">No picture</div>{caption}</figure>\n'
    source = escape(path)
    return f'<figure><a href="{source}"><img src="{source}" alt="{alternative}"></a>{caption}</figure>\n'


def _value(row: Row) -> str:
    text = escape(row.text)
    return f'<strong class="alarm">{text}</strong>' if row.text == NOT_RECORDED else text


def _notices(notices: Sequence[str]) -> str:
    if not notices:
        return ""
    lines = "".join(f"<li>{escape(plain(text))}</li>\n" for text in notices)
    return f'<h2 class="small">About the appliance</h2>\n<ul>\n{lines}</ul>\n'


def _forgotten(count: int) -> str:
    if not count:
        return ""
    older = "1 older alert is" if count == 1 else f"{count} older alerts are"
    return f"<p>{older} no longer shown here; the journal keeps every one.</p>\n"
