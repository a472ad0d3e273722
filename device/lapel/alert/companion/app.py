"""The officer's page over HTTP: who may see it, what it is sent, what may be done from it."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from microdot import Microdot, Request, Response
from microdot.sse import SSE, with_sse

from lapel.alert.companion.door import Door
from lapel.alert.companion.page import POLICY, SCRIPT, STYLE, main_page, pairing_page
from lapel.alert.companion.pairing import PAIRED_S, NotPaired, Pairings, Phone, form_secret
from lapel.alert.words import plain
from lapel.core.feedback import Answer, Mute, Pairing, answer_event, mute_event, pairing_event
from lapel.core.records import Event
from lapel.errors import StoreError

COOKIE = "__Host-lapel"
LOOK_EVERY_S = 0.25
_BEAT_EVERY_S = 2.0
_BEAT = b"1"  # an event without data is none
_NO_LOOKOUT = b'{"version":-1}'
_LONGEST_BODY = 4096
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

Reply = Response | tuple[str | bytes, int] | tuple[str | bytes, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What became of something that was said to the device: an empty ``trouble`` where it is on record."""

    trouble: str = ""


NOTHING_KNOWN = Said("the phone said nothing that the device knows")


class Device(Protocol):
    """The lookout, as the companion reaches it. Its calls may block, and are made in threads."""

    def view(self, since: int) -> bytes | None:
        """What is to be shown, as JSON; empty where nothing changed since that version; None without a lookout."""
        ...

    def picture(self, alert: str, which: str) -> bytes:
        """A JPEG; empty where there is none."""
        ...

    def say(self, event: Event) -> Said:
        """Have it recorded."""
        ...

    def unlock(self, sealed: dict[str, str], by: str) -> Said:
        """Have it unlocked by a passphrase that its page has sealed for the lookout: nobody in between can read it."""
        ...

    def lock(self, by: str) -> Said:
        """Have it locked."""
        ...


class Page:
    """The app. ``origin`` is the one address at which it is served, as https://192.168.50.1:8443."""

    def __init__(self, origin: str, device: Device, pairings: Pairings) -> None:
        self._origin, self._device, self._pairings = origin, device, pairings
        self.is_ending = False
        self.app = Microdot()
        self.door = Door(self.app.handle_request)
        Request.max_content_length = Request.max_body_length = _LONGEST_BODY
        self.app.before_request(self._at_home)
        self.app.after_request(_armoured)
        for path, method, answer in (
            ("/", "GET", self._main),
            ("/page.css", "GET", _style),
            ("/page.js", "GET", _script),
            ("/pair", "POST", self._pair),
            ("/leave", "POST", self._paired(self._leave)),
            ("/events", "GET", self._paired(with_sse(self._events))),
            ("/picture/<which>/<alert>", "GET", self._paired(self._picture)),
            ("/answer", "POST", self._paired(self._answer)),
            ("/mute", "POST", self._paired(self._mute)),
            ("/unlock", "POST", self._paired(self._unlock)),
            ("/lock", "POST", self._paired(self._lock)),
        ):
            self.app.route(path, methods=[method])(answer)

    def _at_home(self, request: Request) -> Reply | None:
        """Refuse what was meant for another name (DNS rebinding), and what another page sends (CSRF)."""
        self.door.said(request.sock[1])
        if f"https://{request.headers.get('Host', '')}" != self._origin:
            return "This page is at another address.", 421
        if request.method == "POST" and request.headers.get("Origin", "") != self._origin:
            return "This was sent by another page.", 403
        return None

    def _phone(self, request: Request) -> Phone | None:
        return self._pairings.phone(request.cookies.get(COOKIE, ""))

    def _paired(self, answer: Callable[..., object]) -> Callable[..., object]:
        """The answer for the paired phone alone; of what it does, only what its page does."""

        async def guarded(request: Request, **parts: str) -> object:
            if self._phone(request) is None:
                return "This phone is not paired.", 401
            shown = request.headers.get("X-Lapel-Page", "")
            wanted = form_secret(request.cookies.get(COOKIE, ""))
            if request.method == "POST" and not hmac.compare_digest(shown, wanted):
                return "This was sent by another page.", 403
            return await answer(request, **parts)  # type: ignore[misc]

        return guarded

    async def _main(self, request: Request) -> Reply:
        secret, phone = request.cookies.get(COOKIE, ""), self._phone(request)
        return _html(pairing_page("") if phone is None else main_page(form_secret(secret), phone.by))

    async def _pair(self, request: Request) -> Reply:
        form = request.form or {}
        by, was_shut = str(form.get("name", "")), self._pairings.is_shut
        try:
            secret = self._pairings.pair(str(form.get("code", "")), by)
        except NotPaired as error:
            if self._pairings.is_shut and not was_shut:
                await self._told(pairing_event(Pairing.SHUT, plain(by) or "nobody"))
            return _html(pairing_page(str(error)), 403)
        except StoreError as error:
            said = f"not paired, as the device cannot keep it: {error}; until it is too old, the same code counts then"
            return _html(pairing_page(said), 502)
        done = await self._told(pairing_event(Pairing.PAIRED, " ".join(by.split())))
        if done.trouble:  # nobody gets in of whom no record tells
            unended = self._unended()  # even then: whose secret nobody was given opens nothing
            said = f"not paired, as it cannot be recorded: {done.trouble}; have the device show a new code then"
            return _html(pairing_page(f"{said}; {unended}" if unended else said), 502)
        response = Response("", 303, {"Location": "/"})
        # By hand: the framework knows no SameSite.
        cookie = f"{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={PAIRED_S:.0f}"
        response.headers["Set-Cookie"] = [cookie]
        return response

    async def _leave(self, request: Request) -> Reply:
        phone = self._phone(request)
        if unended := self._unended():
            return _json(Said(f"the pairing stands, as the device cannot forget it: {unended}"))
        return _json(await self._told(pairing_event(Pairing.ENDED, phone.by if phone else "nobody")))

    def _unended(self) -> str:
        """Let the phone go; why it cannot be, empty where it was."""
        try:
            self._pairings.end()
        except StoreError as error:
            return str(error)
        return ""

    async def _events(self, request: Request, sse: SSE) -> None:
        """What is to be shown, whole, whenever it changes: a phone that comes back has missed nothing."""
        await sse.send(_BEAT, event="beat", retry=1)
        async for name, data in self._changes(request):
            await sse.send(data, event=name)

    async def _changes(self, request: Request) -> AsyncIterator[tuple[str, bytes]]:
        since, silent_s = 0, 0.0
        while self._phone(request) is not None:
            if self.is_ending or request.sock[1].is_closing():
                return  # the phone asks again until the companion is back, or has gone itself
            view = await asyncio.to_thread(self._device.view, since)
            data = _NO_LOOKOUT if view is None else view
            version = json.loads(data)["version"] if data else since
            silent_s += LOOK_EVERY_S
            if version != since:
                since, silent_s = version, 0.0
                yield "view", data
            elif silent_s >= _BEAT_EVERY_S:
                silent_s = 0.0
                yield "beat", _BEAT
            await asyncio.sleep(LOOK_EVERY_S)
        yield "gone", _BEAT

    async def _picture(self, request: Request, which: str, alert: str) -> Reply:
        picture = await asyncio.to_thread(self._device.picture, alert, which)
        return (picture, 200, {"Content-Type": "image/jpeg"}) if picture else ("There is no picture.", 404)

    async def _answer(self, request: Request) -> Reply:
        return await self._says(request, lambda said, by: answer_event(said["alert"], Answer(said["answer"]), by))

    async def _mute(self, request: Request) -> Reply:
        return await self._says(request, lambda said, by: mute_event(said["alert"], Mute(said["outcome"]), by))

    async def _unlock(self, request: Request) -> Reply:
        try:
            said = json.loads(request.body or b"")
            sealed = {name: str(said[name]) for name in ("point", "box")}
        except (KeyError, TypeError, ValueError):
            return _json(NOTHING_KNOWN, 400)
        return _json(await asyncio.to_thread(self._device.unlock, sealed, self._by(request)))

    async def _lock(self, request: Request) -> Reply:
        return _json(await asyncio.to_thread(self._device.lock, self._by(request)))

    def _by(self, request: Request) -> str:
        phone = self._phone(request)
        assert phone is not None
        return phone.by

    async def _says(self, request: Request, event_of: Callable[[dict[str, str], str], Event]) -> Reply:
        try:
            event = event_of(json.loads(request.body or b""), self._by(request))
        except (KeyError, TypeError, ValueError):
            return _json(NOTHING_KNOWN, 400)
        return _json(await self._told(event))

    async def _told(self, event: Event) -> Said:
        return await asyncio.to_thread(self._device.say, event)


async def _style(request: Request) -> Reply:
    return STYLE, 200, {"Content-Type": "text/css"}


async def _script(request: Request) -> Reply:
    return SCRIPT, 200, {"Content-Type": "text/javascript"}


def _armoured(request: Request, response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _html(text: str, status: int = 200) -> Reply:
    return text, status, {"Content-Type": "text/html; charset=UTF-8"}


def _json(said: Said, failure: int = 502) -> Reply:
    status = failure if said.trouble else 200
    return json.dumps({"trouble": said.trouble}), status, {"Content-Type": "application/json"}
