"""The last head of the journal that the station signed, too: a signed note, for evidence packs and the next start.

One small file of the state folder. It is no secret, and who puts another in its place proves nothing: whoever reads it
verifies its signatures. The link writes it.
"""

from __future__ import annotations

from pathlib import Path

from lapel.store.atomic import write_whole

WITNESSED = "witnessed.txt"
"""Its name in a state folder."""
_LONGEST = 16 * 1024


def witnessed_note(state: Path) -> str:
    """The note; empty where there is none, or none that can be read."""
    try:
        with (state / WITNESSED).open("rb") as file:
            return file.read(_LONGEST).decode()
    except (OSError, UnicodeDecodeError):
        return ""


def keep_witnessed(state: Path, note: str) -> None:
    """Keep a note. Raises: StoreFull, StoreError."""
    write_whole(state / WITNESSED, [note.encode()])
