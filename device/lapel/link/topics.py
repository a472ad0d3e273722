"""Where a device writes and reads on the broker, and which names may stand in a topic.

A device writes ``lapel/<site>/<device>/events`` and reads ``lapel/<site>/<device>/ack``, nothing else; the station
reads and writes them all. The device's name is also the common name of its certificate, so that the broker's
access list can hold it to its own topics.
"""

from __future__ import annotations

import re

from lapel.errors import ConfigError

STATION = "station"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_EVENTS = re.compile(r"lapel/([^/]+)/([^/]+)/events")


def checked_name(what: str, name: str) -> str:
    """The name, if it may stand in a topic and in a certificate. Raises: ConfigError."""
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{what}: {name!r}: use 1 to 63 letters, digits, '.', '_', '-', first a letter or digit")
    return name


def checked_device(name: str) -> str:
    """A device's name. Raises: ConfigError, also for the name that the station's own certificate bears."""
    if name == STATION:
        raise ConfigError(f"device: {name!r}: is the station's own name; give the device another")
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


def writer(site: str, topic: str) -> str | None:
    """Which device of the site wrote to a topic; None where it is no device's events topic."""
    found = _EVENTS.fullmatch(topic)
    if found is None or found[1] != site or found[2] == STATION or not _NAME.fullmatch(found[2]):
        return None
    return found[2]
