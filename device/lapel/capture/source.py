"""What every source of pictures can do: files, folders, cameras and streams."""

from __future__ import annotations

from typing import Protocol

from lapel.capture.raw import RawFrame


class Source(Protocol):
    """Delivers raw frames, and can be opened again after it was lost."""

    @property
    def name(self) -> str:
        """How messages call it: a file's path, or the camera as it was asked for, never with a password."""
        ...

    @property
    def fps(self) -> float:
        """Frames a second as the source states them; an assumption where it states none."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether pictures go by whether or not anyone looks: then the newest counts, not every one."""
        ...

    @property
    def is_moving(self) -> bool:
        """Whether a picture shows what the one before it showed, a moment later: only then may finders take turns."""
        ...

    @property
    def ending(self) -> str:
        """After the end: a line saying how it ended when that is worth telling, else empty."""
        ...

    def open(self) -> None:
        """Start, or start again. Raises: MediaError (a file), CameraLost (anything live)."""
        ...

    def read(self) -> RawFrame | None:
        """The next frame, or None at the end. Numbers and times go on after a reopening. Raises: CameraLost."""
        ...

    def close(self) -> None:
        """Let go of the file or device; closing twice is allowed."""
        ...


def without_password(source: str) -> str:
    """A source as messages and records may show it: an address without login and query, where passwords stand.

    A password may hold ``@`` and ``/``: rather a part of the path is lost than a part of the password shown.
    """
    scheme, is_address, rest = source.partition("://")
    if not is_address:
        return source
    place, has_query, _ = rest.rpartition("@")[2].partition("?")
    return f"{scheme}://{place}{'?…' if has_query else ''}"
