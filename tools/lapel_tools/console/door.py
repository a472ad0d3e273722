"""The console's door: who is let in, for how long, and how often somebody may try."""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock

from lapel.errors import Refused
from lapel_tools.console.accounts import Accounts

IDLE_S, LONGEST_S = 15 * 60.0, 8 * 3600.0
_MOST_SESSIONS = 100
SPAN_S, MOST_OF_A_PEER, MOST_OF_A_NAME = 15 * 60.0, 10, 30
"""How often a login may fail within the span, from one address and for one name."""
_MOST_REMEMBERED = 10_000
_TOKEN_BYTES = 32


class TooManyTries(Refused):
    """Nobody is let in from there, or under that name, for the time being."""


@dataclass(slots=True)
class Session:
    """Somebody who is in. ``proof`` is the account as it was; ``token`` has to come with whatever changes something;
    ``seen_s`` alone changes."""

    name: str
    proof: str
    token: str
    began_s: float
    seen_s: float


class Tries:
    """Counts what failed, by whatever it is held against. ``now`` counts seconds."""

    def __init__(self, most: int, now: Callable[[], float]) -> None:
        self._most, self._now = most, now
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def may(self, key: str) -> bool:
        """Whether there may be another try."""
        recent = self._failed.get(key, deque())
        while recent and self._now() - recent[0] > SPAN_S:
            recent.popleft()
        return len(recent) < self._most

    def fail(self, key: str) -> None:
        """Remember that one failed."""
        self._failed.setdefault(key, deque(maxlen=self._most)).append(self._now())
        self._failed.move_to_end(key)
        while len(self._failed) > _MOST_REMEMBERED:
            self._failed.popitem(last=False)


class Door:
    """Lets in whoever has an account. Sessions are in memory: a restart ends them all."""

    def __init__(self, accounts: Accounts, now: Callable[[], float]) -> None:
        self._accounts, self._now = accounts, now
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._peers, self._names = Tries(MOST_OF_A_PEER, now), Tries(MOST_OF_A_NAME, now)
        # One password at a time: each takes 64 MiB.
        self._turn = Lock()

    def enter(self, name: str, password: str, peer: str) -> str | None:
        """Let somebody in: what the browser is to show from now on; None for a wrong name or password.

        Raises: TooManyTries, ConfigError.
        """
        with self._turn:
            if not (self._peers.may(peer) and self._names.may(name)):
                raise TooManyTries(f"too many wrong passwords; try again in {SPAN_S / 60:.0f} minutes")
            proof = self._accounts.proof(name, password)
            if proof is None:
                self._peers.fail(peer)
                self._names.fail(name)
                return None
            shown, now = secrets.token_urlsafe(_TOKEN_BYTES), self._now()
            self._sessions[_key(shown)] = Session(name, proof, secrets.token_urlsafe(_TOKEN_BYTES), now, now)
            while len(self._sessions) > _MOST_SESSIONS:
                self._sessions.popitem(last=False)
            return shown

    def session(self, shown: str) -> Session | None:
        """Whose session it is, if it still is one. Raises: ConfigError."""
        key, now = _key(shown), self._now()
        found = self._sessions.get(key)
        if found is None:
            return None
        is_over = now - found.seen_s > IDLE_S or now - found.began_s > LONGEST_S
        if is_over or self._accounts.all().get(found.name) != found.proof:
            self._sessions.pop(key, None)
            return None
        # In it, and not put back: who left meanwhile, in another thread, stays out.
        found.seen_s = now
        return found

    def leave(self, shown: str) -> None:
        """End a session."""
        self._sessions.pop(_key(shown), None)


def is_same(shown: str, wanted: str) -> bool:
    """Whether two secrets are the same, in a time that tells nothing."""
    return hmac.compare_digest(shown.encode(), wanted.encode())


def _key(shown: str) -> bytes:
    # Not the secret itself: neither a dump of memory nor the time of a look-up gives one away.
    return sha256(shown.encode()).digest()
