"""Which phone is the officer's: paired by a code that the device shows, one at a time, for a shift.

Of the code and of the phone's secret only hashes are held. Times of codes are seconds of the machine's own clock, so
that a clock that is set changes nothing; a pairing outlives a restart, and ends by the wall clock.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from lapel.errors import Refused

CODE_DIGITS = 8
CODE_LIVES_S = 300.0
MOST_WRONG = 10
"""Of a hundred million codes: one guess in ten million gets in."""
PAIRED_S = 12 * 3600.0
LONGEST_NAME = 60


class NotPaired(Refused):
    """A phone may not be the officer's: the code is wrong, too old, or shut."""


@dataclass(frozen=True, slots=True)
class Phone:
    """The phone that is paired, and who holds it. ``secret`` is the hash of what it shows; ``until_s`` wall clock."""

    secret: str
    by: str
    since_s: float
    until_s: float


@dataclass(slots=True)
class _Code:
    digits: str
    until_s: float
    wrong: int = 0


class Pairings:
    """Codes and the paired phone. ``remember`` keeps a phone over a restart, or forgets it; ``phone`` is what was kept.
    ``wall_s`` and ``monotonic_s`` are the clocks."""

    def __init__(
        self,
        remember: Callable[[Phone | None], None],
        phone: Phone | None,
        wall_s: Callable[[], float],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._remember, self._phone, self._wall_s, self._monotonic_s = remember, phone, wall_s, monotonic_s
        self._code: _Code | None = None

    def new_code(self) -> str:
        """A code that pairs one phone, within five minutes; the one before counts no more."""
        digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        self._code = _Code(_hashed(digits), self._monotonic_s() + CODE_LIVES_S)
        return digits

    def pair(self, digits: str, by: str) -> str:
        """The secret of the phone that shows a code, for its holder ``by``; the phone before is let go.

        Raises: NotPaired; StoreError, and then the code counts still, and so does the phone before.
        """
        code, name = self._code, " ".join(by.split())
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise NotPaired(f"a name is needed, of at most {LONGEST_NAME} letters: it stands with each answer")
        if code is None or self._monotonic_s() > code.until_s:
            raise NotPaired("there is no code now, or it is too old; have the device show a new one")
        if code.wrong >= MOST_WRONG:
            raise NotPaired(f"{MOST_WRONG} wrong codes: this one counts no more; have the device show a new one")
        if not hmac.compare_digest(code.digits, _hashed("".join(digits.split()))):
            code.wrong += 1
            raise NotPaired(f"the code is wrong; {MOST_WRONG - code.wrong} tries are left")
        secret, now_s = secrets.token_urlsafe(32), self._wall_s()
        phone = Phone(_hashed(secret), name, now_s, now_s + PAIRED_S)
        self._remember(phone)
        self._code, self._phone = None, phone
        return secret

    @property
    def is_shut(self) -> bool:
        """Whether too many wrong codes were tried."""
        return self._code is not None and self._code.wrong >= MOST_WRONG

    def phone(self, secret: str) -> Phone | None:
        """The phone that shows this secret, if it is the paired one."""
        phone = self._phone
        if phone is None or not phone.since_s <= self._wall_s() < phone.until_s:
            return None
        return phone if hmac.compare_digest(phone.secret, _hashed(secret)) else None

    def end(self) -> None:
        """Let the phone go. Raises: StoreError, and then it stays: a restart would bring it back."""
        self._remember(None)
        self._phone = None


def form_secret(secret: str) -> str:
    """What a page of the phone shows with each thing that it does, so that no other page can do it (CSRF)."""
    return hmac.new(secret.encode(errors="replace"), b"lapel page", sha256).hexdigest()


def _hashed(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()
