"""Keeps a revoked device off a broker, and ends the sessions that it has there.

A broker looks at its list of revoked certificates when somebody connects, and never again. So it is to read the new
list first (mosquitto: at SIGHUP), and then to end what is open (mosquitto 2: its dynamic security plugin). Both are
done with certificates made for it, good for minutes: one is revoked at birth, and shows whether the new list is read.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lapel.errors import BrokerRefused, BrokerUnreachable
from lapel.link.endpoint import Endpoint
from lapel.link.events import JSON, CloudEvent
from lapel.link.mqtt import Terms, open_line
from lapel.link.signals import FAILURE, Arrived, Lost, Published
from lapel.link.topics import ADMINISTRATOR
from lapel_tools.broker.certificates import Authority, read_certificate

CONTROL = "$CONTROL/dynamic-security/v1"
WITHIN_S = 10.0
_LISTEN_S = 0.5
_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class Probe:
    """What a broker has to refuse once it has read the new list, and what it has to take."""

    revoked: Endpoint
    good: Endpoint
    serial: int


@contextmanager
def probe(authority: Authority, host: str, port: int) -> Iterator[Probe]:
    """Two certificates of the administrator for some minutes; ``serial`` is the one to revoke."""
    with tempfile.TemporaryDirectory() as folder:
        ends = []
        for name in ("revoked", "good"):
            pair = authority.lend(ADMINISTRATOR, Path(folder) / name)
            ends.append(Endpoint(host, port, authority.certificate, pair.certificate, pair.key))
        yield Probe(ends[0], ends[1], read_certificate(ends[0].certificate_file).serial_number)


def wait_until_refused(revoked: Endpoint, within_s: float = WITHIN_S) -> None:
    """Return when a broker refuses this certificate. Raises: BrokerUnreachable, BrokerRefused where it goes on."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        try:
            open_line(revoked, _terms()).close()
        except BrokerRefused:
            return
        time.sleep(_PAUSE_S)
    raise BrokerRefused(
        f"{revoked}: the broker still takes a certificate that is revoked; have it read the new crlfile "
        "(systemctl reload mosquitto, or --reload COMMAND), then revoke again"
    )


def end_sessions(good: Endpoint, name: str, within_s: float = WITHIN_S) -> None:
    """End whatever sessions a certificate's name has. Raises: BrokerUnreachable, BrokerRefused."""
    # Neither error matters: a client that is there already from a try that was cut off, or is gone again.
    commands = [{"command": command, "username": name} for command in ("createClient", "disableClient", "deleteClient")]
    with open_line(good, _terms()) as line:
        line.publish(CONTROL, CloudEvent((), JSON, json.dumps({"commands": commands}).encode()))
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            for signal in line.wait(_LISTEN_S):
                if isinstance(signal, Arrived) and _is_disabled(signal.data):
                    return
                if isinstance(signal, Lost) or (isinstance(signal, Published) and signal.reason >= FAILURE):
                    raise _not_ended(good, name)
    raise _not_ended(good, name)


def _is_disabled(data: bytes) -> bool:
    responses = json.loads(data).get("responses", [])
    return any(each.get("command") == "disableClient" and "error" not in each for each in responses)


def _not_ended(where: Endpoint, name: str) -> BrokerUnreachable:
    return BrokerUnreachable(
        f"{where}: did not end the sessions of {name}; give mosquitto the dynamic security plugin and let "
        f"{ADMINISTRATOR} write to it (lapel-admin broker --prepare-only shows how), or restart the broker"
    )


def _terms() -> Terms:
    return Terms("", f"{CONTROL}/response", 10)
