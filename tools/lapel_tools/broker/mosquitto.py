"""Runs mosquitto on this machine's loopback, with mutual TLS and an access list that holds devices to their topics."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lapel.errors import BrokerUnreachable, HardwareError
from lapel.link.endpoint import Endpoint
from lapel.link.topics import ADMINISTRATOR, BROKER, PUBLISHER, STATION, checked_device, checked_name
from lapel_tools.broker.certificates import Authority, Pair
from lapel_tools.broker.revoking import revoke

INSTALL = "apt install mosquitto"
ADDRESS = "127.0.0.1"
MOST_BYTES = 256 * 1024
"""Largest packet: a record with its picture of 64 KiB, with room to spare."""
_START_S = 10.0

_CONFIG = """\
# Written by lapel-admin broker, for trying and for tests: the certificates vouch for nothing.
per_listener_settings false
listener {port} {address}
cafile {folder}/certificates/ca.pem
certfile {folder}/certificates/broker.pem
keyfile {folder}/certificates/broker.key
# Read again at SIGHUP (systemctl reload); it keeps revoked certificates out, and ends no session that is open.
crlfile {folder}/certificates/crl.pem
tls_version tlsv1.3
require_certificate true
# A client is who its certificate says (common name), and may touch only what acl.conf gives that name.
use_identity_as_username true
allow_anonymous false
acl_file {folder}/acl.conf
# Ends sessions when the administrator says so. It knows no client of its own: acl_file alone decides on topics.
plugin {plugin}
plugin_opt_config_file {folder}/sessions.json
max_packet_size {most_bytes}
max_inflight_messages 1000
set_tcp_nodelay true
max_queued_messages 100000
# Not at every change: that stalls the broker. What it loses is sent again, since only the station's ack counts.
autosave_on_changes false
persistence true
persistence_location {folder}/
log_dest stderr
log_type error
log_type warning
log_type notice
user {user}
"""

_ACCESS = """\
# A device writes its own events and reads its own acks and what is published for all, nothing else.
pattern write lapel/{site}/%u/events
pattern read lapel/{site}/%u/ack
pattern read lapel/{site}/lists/#

user {station}
topic read lapel/{site}/+/events
topic write lapel/{site}/+/ack

# Lists are the publisher's alone to write; what devices believe of them is decided by signatures, not here.
user {publisher}
topic readwrite lapel/{site}/lists/#

# lapel-admin device revoke, with a certificate of a few minutes: ends the sessions of a stolen device.
user {administrator}
topic readwrite $CONTROL/dynamic-security/#
"""
_PLUGIN = "mosquitto_dynamic_security.so"


@dataclass(frozen=True, slots=True)
class BrokerFolder:
    """A folder made ready for mosquitto: certificates, access list and configuration."""

    folder: Path
    site: str
    port: int

    @property
    def authority(self) -> Authority:
        """Who issued every certificate of this broker."""
        return Authority(self.folder / "certificates")

    @property
    def config(self) -> Path:
        """What mosquitto is started with."""
        return self.folder / "mosquitto.conf"

    def endpoint(self, name: str) -> Endpoint:
        """This broker as a device or the station of that name connects to it."""
        pair = self.authority.issue(name)
        return Endpoint(ADDRESS, self.port, self.authority.certificate, pair.certificate, pair.key)

    def options(self, name: str, end: Endpoint | None = None) -> tuple[str, ...]:
        """How a command reaches this broker, by ``end`` where that is another way: --broker and what goes with it."""
        end = end or self.endpoint(name)
        files = ("--ca", end.ca_file, "--cert", end.certificate_file, "--key", end.key_file)
        return ("--broker", str(end), "--site-name", self.site, *map(str, files))


def prepare(
    folder: Path, site: str, devices: tuple[str, ...], port: int = 0, most_bytes: int = MOST_BYTES
) -> BrokerFolder:
    """Write what mosquitto needs; certificates that are there are kept. ``port`` 0 takes a free one."""
    folder = folder.resolve()
    authority = Authority.at(folder / "certificates")
    names = (BROKER, STATION, PUBLISHER, *(checked_device(device) for device in devices))
    _: tuple[Pair, ...] = tuple(authority.issue(name) for name in names)
    made = BrokerFolder(folder, checked_name("site", site), port or free_port())
    if not authority.crl.exists():
        revoke(authority)
    user, plugin = pwd.getpwuid(os.getuid()).pw_name, _plugin()
    made.config.write_text(
        _CONFIG.format(port=made.port, address=ADDRESS, folder=folder, most_bytes=most_bytes, user=user, plugin=plugin)
    )
    names_in_access = {"station": STATION, "publisher": PUBLISHER, "administrator": ADMINISTRATOR}
    _write_private(folder / "acl.conf", _ACCESS.format(site=made.site, **names_in_access))
    if not (folder / "sessions.json").exists():
        _write_private(folder / "sessions.json", "{}")
    return made


def _write_private(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def _plugin() -> Path:
    """Where mosquitto's plugin for ending sessions is: Debian puts it beside its libraries."""
    places = (
        place / _PLUGIN
        for root in ("/usr/lib", "/usr/local/lib")
        for place in (Path(root), *Path(root).glob("*-linux-*"))
    )
    return next((place for place in places if place.exists()), Path(_PLUGIN))


def program() -> str | None:
    """Where mosquitto is; None where it is not installed. Debian puts it outside an ordinary PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def start(broker: BrokerFolder, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Mosquitto as a child process that accepts connections. Raises: HardwareError where it is not installed."""
    found = program()
    if found is None:
        raise HardwareError(f"mosquitto: not installed on this machine; {INSTALL}")
    if _answers(broker.port):
        raise BrokerUnreachable(
            f"{ADDRESS}:{broker.port}: another program listens there; stop it, or give another --port"
        )
    with log.open("ab") if log is not None else open(os.devnull, "ab") as stream:
        child = subprocess.Popen([found, "-c", str(broker.config)], stderr=stream if log is not None else None)
    until = time.monotonic() + _START_S
    while time.monotonic() < until and child.poll() is None:
        if _answers(broker.port):
            return child
        time.sleep(0.02)
    child.kill()
    child.wait()
    raise BrokerUnreachable(f"{ADDRESS}:{broker.port}: mosquitto did not start; its own lines say why")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((ADDRESS, port)) == 0


def free_port() -> int:
    """A port of the loopback that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])
