"""Where a device writes and reads on the broker, and which names may stand in a topic.

A device writes ``lapel/<site>/<device>/events``, reads ``lapel/<site>/<device>/ack`` and what is published for all,
``lapel/<site>/lists/#``, nothing else; the station reads events and writes acks, and the publisher alone writes lists.
Each name is also the common name of a certificate, so that the broker's access list can hold it to its own topics.
"""

from __future__ import annotations

import re

from lapel.errors import ConfigError

STATION = "station"
PUBLISHER = "publisher"
ADMINISTRATOR = "administrator"
BROKER = "broker"
_TAKEN = {
    STATION: "the station's own name",
    PUBLISHER: "the publisher's own name",
    ADMINISTRATOR: "the name of whoever ends sessions",
    BROKER: "the broker's own name",
    "lists": "where lists stand",
    "ca": "the file name of the authority",
    "crl": "the file name of what is revoked",
}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_EVENTS = re.compile(r"lapel/([^/]+)/([^/]+)/events")


def checked_name(what: str, name: str) -> str:
    """The name, if it may stand in a topic and in a certificate. Raises: ConfigError."""
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{what}: {name!r}: use 1 to 63 letters, digits, '.', '_', '-', first a letter or digit")
    return name


def checked_device(name: str) -> str:
    """A device's name. Raises: ConfigError, also for a name that is another program's, or a part of other topics."""
    if name in _TAKEN:
        raise ConfigError(f"device: {name!r}: is {_TAKEN[name]}; give the device another")
    return checked_name("device", name)


def events_topic(site: str, device: str) -> str:
    """Where a device writes its records."""
    return f"lapel/{checked_name('site', site)}/{checked_device(device)}/events"


def ack_topic(site: str, device: str) -> str:
    """Where the station tells a device what it holds."""
    return f"lapel/{checked_name('site', site)}/{checked_device(device)}/ack"


def every_events_topic(site: str) -> str:
    """What a site's station subscribes to."""
    return f"lapel/{checked_name('site', site)}/+/events"


def shared_events_topic(site: str) -> str:
    """What each of several workers of a site's station subscribes to: the broker gives each message to one of them."""
    return f"$share/{STATION}/{every_events_topic(site)}"


def news_topic(site: str) -> str:
    """Where the publisher says which metadata is the newest; retained."""
    return f"lapel/{checked_name('site', site)}/lists/news"


def piece_topic(site: str, sha256: str) -> str:
    """Where a published file of that hash stands, retained: metadata, a manifest or a chunk."""
    return f"{_pieces(site)}{sha256}"


def piece_of(site: str, topic: str) -> str | None:
    """The hash of the file that stands at a topic; None where that is another's."""
    return topic.removeprefix(_pieces(site)) if topic.startswith(_pieces(site)) else None


def mark_topic(site: str) -> str:
    """Where the publisher keeps, retained, up to where the broker holds what it was sent."""
    return f"lapel/{checked_name('site', site)}/lists/mark"


def _pieces(site: str) -> str:
    return f"lapel/{checked_name('site', site)}/lists/pieces/"


def writer(site: str, topic: str) -> str | None:
    """Which device of the site wrote to a topic; None where it is no device's events topic."""
    found = _EVENTS.fullmatch(topic)
    if found is None or found[1] != site or found[2] in _TAKEN or not _NAME.fullmatch(found[2]):
        return None
    return found[2]
