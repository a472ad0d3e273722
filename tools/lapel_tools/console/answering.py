"""Answers the console's requests: who asks first, then what. Whoever is not in is shown the door, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from lapel.errors import LapelError
from lapel_tools.console import pages, seen
from lapel_tools.console.door import Door, Session, TooManyTries, is_same
from lapel_tools.station.fleet import Expectation, fleet_status
from lapel_tools.station.holdings import Holdings

_MOST_PAGES = 10_000
_SAFE = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "frame-ancestors 'none'"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Type", "text/html; charset=UTF-8"),
)
_OWN_SITE = frozenset({"", "same-origin"})
_ONLY_TLS = (("Strict-Transport-Security", "max-age=31536000"),)
_TO_LOGIN, _TO_FLEET = (("Location", pages.LOGIN),), (("Location", pages.FLEET),)
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as the console cares. ``peer`` is the address that it came from, ``site`` what the browser says
    of the page that sent it (Sec-Fetch-Site); empty where it says nothing."""

    method: str
    path: str
    host: str
    peer: str
    site: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: status, page and headers."""

    status: int
    body: str = ""
    headers: Headers = ()


class Console:
    """``hosts`` are the names under which it is reached: a page of another name that leads here is not served."""

    def __init__(
        self,
        door: Door,
        held: Callable[[], Holdings],
        expected: Callable[[], Expectation],
        hosts: frozenset[str],
        is_tls: bool,
    ) -> None:
        self._door, self._held, self._expected = door, held, expected
        self._hosts, self._is_tls = hosts, is_tls

    def answer(self, asked: Asked) -> Answered:
        """What is answered; a failure is a page as well."""
        made = self._made(asked)
        return Answered(made.status, made.body, (*_SAFE, *(_ONLY_TLS if self._is_tls else ()), *made.headers))

    def _made(self, asked: Asked) -> Answered:
        if asked.host not in self._hosts:
            return Answered(421)
        if asked.method == "POST" and asked.site not in _OWN_SITE:
            return Answered(403)
        try:
            if asked.path == pages.LOGIN:
                return self._login(asked)
            session = self._door.session(asked.cookies.get(self._name("session"), ""))
        except LapelError:
            return Answered(503)
        return Answered(303, headers=_TO_LOGIN) if session is None else self._inside(asked, session)

    def _login(self, asked: Asked) -> Answered:
        if asked.method != "POST":
            return self._asks("")
        shown, wanted = asked.form.get("token", ""), asked.cookies.get(self._name("login"), "")
        if not wanted or not is_same(shown, wanted):
            return self._asks("This page was too old, or came from elsewhere. Try again.", 403)
        try:
            entered = self._door.enter(asked.form.get("name", ""), asked.form.get("password", ""), asked.peer)
        except TooManyTries as error:
            return self._asks(f"{str(error)[0].upper()}{str(error)[1:]}.", 429)
        if entered is None:
            return self._asks("Wrong name or password.", 403)
        return Answered(303, headers=(*_TO_FLEET, self._cookie("session", entered)))

    def _asks(self, wrong: str, status: int = 200) -> Answered:
        token = secrets.token_urlsafe(32)
        return Answered(status, pages.login(token, wrong), (self._cookie("login", token),))

    def _inside(self, asked: Asked, session: Session) -> Answered:
        if asked.method == "POST":
            if not is_same(asked.form.get("token", ""), session.token):
                return Answered(403, pages.trouble(session, "This came from elsewhere, and was not done."))
            if asked.path == pages.LOGOUT:
                self._door.leave(asked.cookies[self._name("session")])
                return Answered(303, headers=_TO_LOGIN)
        if asked.method not in ("GET", "HEAD") or asked.path not in self._shown:
            return Answered(404, pages.trouble(session, "There is no such page."))
        try:
            with closing(self._held()) as held:
                return Answered(200, self._shown[asked.path](self, asked, session, held))
        except LapelError as error:
            return Answered(503, pages.trouble(session, str(error)))

    def _fleet(self, asked: Asked, session: Session, held: Holdings) -> str:
        expected = self._expected()
        return pages.fleet(session, fleet_status(held, expected), f"{expected.now:%Y-%m-%d %H:%M} UTC")

    def _alerts(self, asked: Asked, session: Session, held: Holdings) -> str:
        text = asked.query.get("page", "0")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
        number = min(number, _MOST_PAGES)
        return pages.alerts(session, seen.alerts(held, number), number)

    def _audit(self, asked: Asked, session: Session, held: Holdings) -> str:
        return pages.audit(session, seen.audited(held), seen.newest_acts(held))

    _shown = {pages.FLEET: _fleet, pages.ALERTS: _alerts, pages.AUDIT: _audit}  # noqa: RUF012  nobody changes it

    def _name(self, what: str) -> str:
        # The prefix has browsers take the cookie over TLS only, and from this very host.
        return f"__Host-lapel-{what}" if self._is_tls else f"lapel-{what}"

    def _cookie(self, what: str, value: str) -> tuple[str, str]:
        secure = "; Secure" if self._is_tls else ""
        return "Set-Cookie", f"{self._name(what)}={value}; Path=/; HttpOnly; SameSite=Strict{secure}"
