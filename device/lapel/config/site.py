"""A site: what is looked for, whom it is told to, and where this device keeps its things."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from lapel.config.loader import choice, load, number
from lapel.core.clips import LONGEST_S
from lapel.core.lease import LONGEST_LEASE_HOURS
from lapel.errors import ConfigError

LONGEST_QUIET_S = 86_400
FILE, PHONE = "file", "phone"
_TOPIC_SIGNS = frozenset("/+#$ \t\n")


@dataclass(frozen=True, slots=True)
class Device:
    """Who this device is, as the station sees it: ``site`` and ``name`` are parts of its MQTT topics."""

    site: str
    name: str


@dataclass(frozen=True, slots=True)
class State:
    """``folder`` holds journal.db, link.db and device.key. ``unlock``: "phone" where what opens it is not on the
    device, but a passphrase that is given on the officer's page at each start."""

    folder: Path = Path("/var/lib/lapel")
    unlock: str = choice(FILE, PHONE)


@dataclass(frozen=True, slots=True)
class ListFile:
    """The sealed watchlist, and the file that opens it: a key (mode 0600) or a passphrase, not both. It falls silent
    ``lease_hours`` after the last contact with the station; 0: never."""

    file: Path | None = None
    key_file: Path | None = None
    passphrase_file: Path | None = None
    lease_hours: float = number(0.0, 0.0, LONGEST_LEASE_HOURS)


@dataclass(frozen=True, slots=True)
class Broker:
    """The MQTT broker that leads to the station, and this device's certificate. Empty ``host``: no broker."""

    host: str = ""
    port: int = number(8883, 1, 65535)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Alerts:
    """Whom a possible match is shown to. An entry stays quiet ``quiet_s`` after it was alerted. ``silent``: a buzzer
    on the pins of the profile says nothing, a motor does."""

    console: bool = True
    lines_file: Path | None = None
    report_folder: Path | None = None
    quiet_s: float = number(30.0, 0.0, LONGEST_QUIET_S)
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Clips:
    """What is kept around an alert: ``before_s`` to ``after_s``, both 0 for no clips; a clip goes after ``keep_days``,
    and the oldest go where all of them exceed ``quota_mib``."""

    before_s: float = number(10.0, 0.0, LONGEST_S / 2)
    after_s: float = number(5.0, 0.0, LONGEST_S / 2)
    keep_days: float = number(30.0, 0.01, 3650.0)
    quota_mib: int = number(512, 1, 1_048_576)

    @property
    def are_wanted(self) -> bool:
        """Whether any clip is kept."""
        return self.before_s > 0 or self.after_s > 0


@dataclass(frozen=True, slots=True)
class Privacy:
    """How coarsely it is kept where a thing was seen: positions are rounded to a grid of ``position_grid_m`` metres."""

    position_grid_m: float = number(100.0, 1.0, 100_000.0)


@dataclass(frozen=True, slots=True)
class Gps:
    """Where the last fix of a receiver comes from: ``socket`` is the relay's, None: there is none. It hears gpsd at
    ``port`` of this device. A fix older than ``longest_age_s`` is not kept with a hit."""

    socket: Path | None = None
    port: int = number(2947, 1, 65535)
    longest_age_s: float = number(600.0, 1.0, 86_400.0)


@dataclass(frozen=True, slots=True)
class Notice:
    """What the public notice says of whoever answers for the device: who that is, and whom to ask."""

    operator: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Companion:
    """The officer's page: ``address`` is the one that the phone reaches, of the device's own access point or USB, and
    nothing else is bound; empty: no page. The lookout hands alerts out at ``socket``; ``folder`` is the page's own."""

    address: str = ""
    port: int = number(8443, 1, 65535)
    socket: Path = Path("/run/lapel/officer.sock")
    folder: Path = Path("/var/lib/lapel-companion")


@dataclass(frozen=True, slots=True)
class Site:
    """A site file, one field a table of it."""

    device: Device
    state: State = field(default_factory=State)
    watchlist: ListFile = field(default_factory=ListFile)
    broker: Broker = field(default_factory=Broker)
    alerts: Alerts = field(default_factory=Alerts)
    clips: Clips = field(default_factory=Clips)
    privacy: Privacy = field(default_factory=Privacy)
    gps: Gps = field(default_factory=Gps)
    notice: Notice = field(default_factory=Notice)
    companion: Companion = field(default_factory=Companion)


def load_site(path: Path | str) -> Site:
    """A site file. Raises: ConfigError."""
    given = Path(path)
    site = load(given, Site)
    for key, value in (("site", site.device.site), ("name", site.device.name)):
        if _TOPIC_SIGNS & set(value):
            raise ConfigError(f"{given}: device.{key}: {value!r}: goes into topics; write it without / + # $ or spaces")
    if site.watchlist.key_file is not None and site.watchlist.passphrase_file is not None:
        raise ConfigError(f"{given}: watchlist.passphrase_file: a key_file is given as well; keep one of the two")
    if site.broker.host:
        for key in ("ca_file", "certificate_file", "key_file"):
            if getattr(site.broker, key) is None:
                raise ConfigError(f"{given}: broker.{key}: missing; a broker is reached with mutual TLS only")
    if site.companion.address:
        _check_address(given, site.companion.address)
    if site.state.unlock == PHONE:
        _check_unlock(given, site)
    return site


def _check_unlock(path: Path, site: Site) -> None:
    """What the phone unlocks must have a page to be unlocked on, and no key beside it."""
    if not site.companion.address:
        raise ConfigError(
            f'{path}: state.unlock: "phone": there is no page to unlock it on; give companion.address as well'
        )
    for key in ("key_file", "passphrase_file"):
        if getattr(site.watchlist, key) is not None:
            raise ConfigError(
                f'{path}: watchlist.{key}: lies on the card that state.unlock = "phone" is to keep closed; seal the '
                "list by the device's passphrase, and leave it out"
            )


def _check_address(path: Path, address: str) -> None:
    """One address of this device, by number: a page that everybody reaches is nobody's."""
    try:
        found = ip_address(address)
    except ValueError as error:
        raise ConfigError(f"{path}: companion.address: {address!r}: is no address; give it as 192.168.50.1") from error
    if found.is_unspecified or found.is_multicast or found.is_global:
        raise ConfigError(
            f"{path}: companion.address: {address}: is not one address of a network of this device's own; give that of "
            "its access point or USB, as 192.168.50.1"
        )
