"""The companion process: the officer's page, and the lookout behind a local socket. It holds no key of the device.

Of two ways to come by alerts, the journal opened for reading or the lookout asked, the second leaves nothing here that
opens a sealed file: a phone, or whoever gets into this process by the network, finds the alerts of this shift, and
nothing else.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import ssl
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from lapel.alert.companion.app import Page, Said
from lapel.alert.companion.certificate import fingerprint, made_for
from lapel.alert.companion.door import HANDSHAKE_S
from lapel.alert.companion.pairing import CODE_LIVES_S, Pairings, Phone
from lapel.core.records import Event
from lapel.errors import ConfigError, HardwareError, StoreError
from lapel.store.atomic import disk_error, write_whole
from lapel.store.lock import WriterLock
from lapel.wiring.local import LocalServer, asked

SOCKET = "companion.sock"
_CERTIFICATE, _KEY, _PHONE = "page.pem", "page.key", "phone.json"
_LONGEST_BYTES = 256 * 1024
_ENDING_S = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the page is served, where the lookout is asked, and the folder of what is the page's own."""

    address: str
    port: int
    lookout: Path
    folder: Path

    @property
    def origin(self) -> str:
        """The page's address, as a browser writes it: without the port that is the usual one."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"https://{host}" if self.port == 443 else f"https://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody needs to pair a phone: a code for some minutes, where to, and whose certificate is there."""

    code: str
    origin: str
    fingerprint: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Lookout:
    """The lookout behind its socket (port Device of the page)."""

    socket: Path

    def view(self, since: int) -> bytes | None:
        """What is to be shown; empty where nothing changed, None where no lookout answers."""
        answer = self._asked({"ask": "view", "since": since})
        return None if answer is None else b"" if answer == b"{}" else answer

    def picture(self, alert: str, which: str) -> bytes:
        """A JPEG; empty where there is none."""
        answer = self._asked({"ask": "picture", "alert": alert, "which": which})
        return answer if answer is not None and answer.startswith(b"\xff\xd8") else b""

    def say(self, event: Event) -> Said:
        """Have it recorded."""
        return self._said({"say": {"kind": event.kind.value, "facts": dict(event.facts)}})

    def unlock(self, sealed: dict[str, str], by: str) -> Said:
        """Have it unlocked."""
        return self._said({"unlock": {"point": sealed["point"], "box": sealed["box"], "by": by}})

    def lock(self, by: str) -> Said:
        """Have it locked."""
        return self._said({"lock": {"by": by}})

    def _said(self, what: dict[str, object]) -> Said:
        answer = self._asked(what)
        if answer is None:
            return Said("the lookout is not running; say it again once it is")
        said = json.loads(answer)
        return Said(str(said.get("refused") or said.get("failed") or ""))

    def _asked(self, question: dict[str, object]) -> bytes | None:
        try:
            return asked(self.socket, json.dumps(question).encode(), _LONGEST_BYTES)
        except OSError:
            return None


def serve(plan: Plan, ready: Callable[[], None]) -> None:
    """Serve the page until SIGTERM or SIGINT, alone. Raises: StoreLocked, StoreError, ConfigError, HardwareError."""
    certificate, key = _certificate(plan)
    lock = WriterLock(plan.folder / SOCKET, "stop that companion first (systemctl stop lapel-companion)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    phone_file = plan.folder / _PHONE
    pairings = Pairings(lambda phone: _remember(phone_file, phone), _remembered(phone_file), time.time, time.monotonic)
    page = Page(plan.origin, Lookout(plan.lookout), pairings)
    shown = fingerprint(certificate.read_bytes())

    def invited(message: bytes, uid: int) -> bytes:
        if uid not in (0, os.geteuid()):
            return b"{}"
        return json.dumps(asdict(Invitation(pairings.new_code(), plan.origin, shown, CODE_LIVES_S))).encode()

    with lock, closing(LocalServer(plan.folder / SOCKET, invited, len(_INVITE))):
        asyncio.run(_served(page, plan, context, ready))


_INVITE = b"invite"


def invitation(folder: Path) -> Invitation:
    """A code of the companion that runs. Raises: HardwareError where none does, or it does not know this user."""
    try:
        answer = asked(folder / SOCKET, _INVITE, 4096)
    except OSError as error:
        raise HardwareError(f"{folder / SOCKET}: {error.strerror}; ask as root, or as the companion's user") from error
    if answer is None or answer == b"{}":
        raise HardwareError(f"{folder / SOCKET}: no companion answers; start lapel-companion, and ask as root")
    return Invitation(**json.loads(answer))


async def _served(page: Page, plan: Plan, context: ssl.SSLContext, ready: Callable[[], None]) -> None:
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # a phone that goes away in the middle is no event
    try:
        server = await asyncio.start_server(
            page.door,
            plan.address,
            plan.port,
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_S,
            ssl_shutdown_timeout=HANDSHAKE_S,
            start_serving=False,
        )
    except OSError as error:
        raise HardwareError(
            f"{plan.address} port {plan.port}: cannot be bound ({error.strerror}); is the access point up, and "
            "companion.address of the site file its address?"
        ) from error
    await server.start_serving()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ready()
    await stop.wait()
    page.is_ending = True
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=_ENDING_S)


def _certificate(plan: Plan) -> tuple[Path, Path]:
    """The page's certificate and key, made where they are not there, or are another address's."""
    certificate, key, address = plan.folder / _CERTIFICATE, plan.folder / _KEY, plan.folder / "page.address"
    try:
        plan.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if address.read_text(encoding="utf-8") == plan.address and certificate.is_file() and key.is_file():
                return certificate, key
    except OSError as error:
        raise disk_error(certificate, error) from error
    # In a process of its own: what makes certificates takes 10 MiB, and is needed once.
    child = os.fork()
    if child == 0:
        os._exit(_made(plan.address, certificate, key, address))
    _, status = os.waitpid(child, 0)
    if status:
        raise StoreError(f"{certificate}: cannot be made; the line above says why")
    return certificate, key


def _made(address: str, certificate: Path, key: Path, address_file: Path) -> int:
    try:
        public, secret = made_for(address)
        for path, content in ((key, secret), (certificate, public), (address_file, address.encode())):
            write_whole(path, [content])
    except Exception as error:  # noqa: BLE001  the top of a process
        print(f"lapel: {error}", flush=True)
        return 1
    return 0


def _remember(path: Path, phone: Phone | None) -> None:
    if phone is not None:
        write_whole(path, [json.dumps(asdict(phone)).encode()])
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(path, error) from error


def _remembered(path: Path) -> Phone | None:
    """The phone that was paired before a restart; none where its file is none: then a code is needed again."""
    try:
        return Phone(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def plan_of(address: str, port: int, lookout: Path, folder: Path) -> Plan:
    """The plan. Raises: ConfigError without an address."""
    if not address:
        raise ConfigError(
            "companion.address: missing from the site file; give the one address of this device that the phone reaches"
        )
    return Plan(address, port, lookout, folder)
