"""A page as one file: its pictures are inside it, and nothing is fetched, run or sent."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape

from lapel.alert.markup import STYLE
from lapel.alert.words import Row, plain

# Contrast of every text on its ground stays at 7:1 in both schemes, as on the page of alerts; curves at 3:1 and more.
_MORE = """
:root { --good: #1f5c2e; --good-ground: #e6f4ea; --curve-1: #0b57a4; --curve-2: #9a4a00; --curve-3: #7a1fa2;
  --curve-4: #00695c; }
@media (prefers-color-scheme: dark) { :root { --good: #a5e0b3; --good-ground: #17301f; --curve-1: #8ec5ff;
  --curve-2: #ffb870; --curve-3: #e0a6f5; --curve-4: #7fd8c9; } }
.good { color: var(--good); background: var(--good-ground); }
.bad { color: var(--alarm); background: var(--alarm-ground); }
h3 { font-size: 1.25rem; margin: 0; overflow-wrap: anywhere; }
.part { margin: 2.5rem 0 0; }
.text { margin: 1.1rem 1.4rem; overflow-wrap: anywhere; overflow-x: auto; }
.text p { max-width: none; }
figcaption .credit { display: block; font-size: 1rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .4rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
td:last-child { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 3px solid var(--mark); }
.chart { width: 100%; height: auto; display: block; }
.chart text { fill: var(--ink); font-size: 15px; }
.grid { stroke: var(--line); stroke-width: 1; }
.axis { stroke: var(--quiet); stroke-width: 1.5; fill: none; }
.curve { fill: none; stroke-width: 2; stroke: var(--quiet); }
.curve-0 { stroke: var(--ink); stroke-width: 3.5; } .curve-1 { stroke: var(--curve-1); }
.curve-2 { stroke: var(--curve-2); } .curve-3 { stroke: var(--curve-3); } .curve-4 { stroke: var(--curve-4); }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center; }
nav ul { display: flex; gap: 1.5rem; margin: 0; padding: 0; list-style: none; }
nav a[aria-current] { font-weight: 700; text-decoration-thickness: 3px; }
.bar { justify-content: space-between; margin-bottom: 1.2rem; }
form p { margin: 1.1rem 1.4rem; }
label { display: block; font-weight: 600; }
input { font: inherit; width: 100%; max-width: 26rem; padding: .5rem .7rem; color: inherit; background: var(--ground);
  border: 1px solid var(--quiet); border-radius: 6px; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .4rem 1.1rem; color: inherit;
  background: var(--card); border: 2px solid var(--quiet); border-radius: 6px; cursor: pointer; }
button:focus-visible, input:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
.here { fill: var(--ground); stroke: var(--ink); stroke-width: 2.5; }
"""
_ALL = STYLE + _MORE
_HASH = base64.b64encode(hashlib.sha256(_ALL.encode()).digest()).decode()
_POLICY = f"default-src 'none'; img-src data:; style-src 'sha256-{_HASH}'; base-uri 'none'"

SELF, NOWHERE = "'self'", "'none'"


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG on a page: what it shows for those who cannot see it, its name, and a remark beside the name.

    ``credit`` is whose picture it is and under which licence; empty where it is the administrator's own.
    """

    jpeg: bytes
    alternative: str
    name: str
    remark: str = ""
    credit: str = ""


def document(title: str, lead: str, body: str, nav: str = "", has_forms: bool = False) -> str:
    """The whole page. ``title`` is plain text, ``lead``, ``body`` and ``nav`` are markup; ``has_forms``: it may send
    what is filled in to where it came from."""
    policy = f"{_POLICY}; form-action {SELF if has_forms else NOWHERE}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{text(title)} · Lapel</title>\n<style>{_ALL}</style>\n</head>\n<body>\n"
        f'<header>\n<p><a class="skip" href="#content">Skip to the content</a></p>\n{nav}'
        f'<h1>{text(title)}</h1>\n{lead}</header>\n<main id="content">\n{body}</main>\n'
        '<footer class="quiet">\n<p>Lapel looks for things, never for people: faces that are found are destroyed '
        "before anything else sees a picture.</p>\n</footer>\n</body>\n</html>\n"
    )


def text(words: str) -> str:
    """Words as markup that shows them and obeys nothing in them."""
    return escape(plain(words))


def paragraph(words: str, style: str = "") -> str:
    """One paragraph of plain words."""
    return f'<p class="{style}">{text(words)}</p>\n' if style else f"<p>{text(words)}</p>\n"


def tag(words: str, style: str = "") -> str:
    """A short verdict above a heading; ``style`` good, bad or none."""
    return f'<p class="tag{" " + style if style else ""}">{text(words)}</p>\n'


def listing(lines: tuple[str, ...]) -> str:
    """Plain lines as a list; nothing where there are none."""
    return "<ul>\n" + "".join(f"<li>{text(line)}</li>\n" for line in lines) + "</ul>\n" if lines else ""


def facts(rows: tuple[Row, ...]) -> str:
    """Names and values side by side; rows without a value are left out."""
    return "<dl>\n" + "".join(f"<dt>{text(r.name)}</dt><dd>{text(r.text)}</dd>\n" for r in rows if r.text) + "</dl>\n"


def figure(picture: Picture) -> str:
    """A picture with its name, and whose it is."""
    remark = f" <span>· {text(picture.remark)}</span>" if picture.remark else ""
    credit = f'<span class="credit">{text(picture.credit)}</span>' if picture.credit else ""
    caption = f"<figcaption>{text(picture.name)}{remark}{credit}</figcaption>"
    if not picture.jpeg:
        return f'<figure><div class="none">No picture</div>{caption}</figure>\n'
    source = "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode()
    return f'<figure><img src="{source}" alt="{text(picture.alternative)}">{caption}</figure>\n'


def pictures(*shown: Picture) -> str:
    """Pictures side by side."""
    return '<div class="pictures">\n' + "".join(figure(picture) for picture in shown) + "</div>\n"


def table(caption: str, heads: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    """A table whose first column names its rows; it can be reached without a mouse, since it may scroll."""
    head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{text(row[0])}</th>' + "".join(f"<td>{text(cell)}</td>" for cell in row[1:]) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{text(caption)}">\n'
        f"<table>\n<caption>{text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}</tbody>\n</table></div>\n"
    )
