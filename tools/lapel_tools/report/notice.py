"""The public notice of a site: one page for whoever walks past a device. Everything on it comes from the site file."""

from __future__ import annotations

from lapel.alert.words import Row
from lapel.config.site import Clips, Site
from lapel.core.gallery import LONGEST_LISTING_DAYS
from lapel.core.located import MOST_LOCATED
from lapel.errors import ConfigError
from lapel_tools.report.document import document, facts, listing, paragraph, text

_LOOKS_FOR = (
    "This camera looks out for listed things: stolen, missing or dangerous ones, each listed with a purpose, an "
    f"authority and a last day, at most {LONGEST_LISTING_DAYS} days ahead. What it shows its officer is a possible "
    "match to check, never a verdict."
)
_NEVER = (
    "It does not look for people. Nothing in it describes, compares or follows a person.",
    "Faces that it finds are destroyed before anything else sees the picture. It can miss small ones, and those turned "
    "away.",
    "Number plates and documents about people are not read.",
    "It does not record continuously, and it has no microphone.",
    "It keeps no picture unless there is a possible match, and sends no other.",
    "Of people it keeps how many there were: the most in any one picture of each minute.",
)


def notice_page(site: Site, name: str) -> str:
    """The page. ``name`` is the site file's, for messages. Raises: ConfigError where nobody answers for the device."""
    for key, value in (("operator", site.notice.operator), ("contact", site.notice.contact)):
        if not value.strip():
            raise ConfigError(f"{name}: notice.{key}: missing; a public notice has to say it")
    lead = paragraph(f"{site.device.site}, device {site.device.name}", "quiet")
    parts = (
        ("What it looks for", paragraph(_LOOKS_FOR)),
        ("What it never does", listing(_NEVER)),
        ("How long things are kept", facts(_kept(site))),
        (
            "Whom to ask",
            facts((Row("Operator", site.notice.operator), Row("Questions and objections", site.notice.contact))),
        ),
    )
    body = "".join(
        f'<section class="part">\n<h2 class="small">{text(title)}</h2>\n{markup}</section>\n' for title, markup in parts
    )
    return document("A camera that looks for things, not for people", lead, body)


def _kept(site: Site) -> tuple[Row, ...]:
    return (
        Row("Pictures in which nothing listed is seen", "not at all"),
        Row(
            "Records of alerts",
            f"in an audit trail, from which nothing can be removed unseen; where and when one thing was seen at most "
            f"{MOST_LOCATED} times a day, unless somebody has said whether it is that thing; {_position(site)}",
        ),
        Row("Clips around an alert", _clips(site.clips)),
        Row("Number of people", "as long as the audit trail"),
    )


def _position(site: Site) -> str:
    if site.gps.socket is None:
        return "no position, since no receiver is read"
    return f"its position, by a receiver, as the middle of a square of about {site.privacy.position_grid_m:g} metres"


def _clips(clips: Clips) -> str:
    if not clips.are_wanted:
        return "none are made"
    return (
        f"from {clips.before_s:g} s before to {clips.after_s:g} s after it, with people masked: {clips.keep_days:g} "
        "days, then deleted, and that is recorded"
    )
