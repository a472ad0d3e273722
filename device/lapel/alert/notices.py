"""Shows what happens to the appliance itself where alerts are shown elsewhere."""

from __future__ import annotations

from typing import TextIO

from lapel.alert.console import ConsoleAlerter
from lapel.core.records import Record
from lapel.core.things import Hit


class NoticesOnly:
    """Writes notices as the console does, and no alert: a lost camera must be heard of even without a console."""

    def __init__(self, stream: TextIO) -> None:
        self._console = ConsoleAlerter(stream)

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Nothing: whoever put this here shows alerts elsewhere."""

    def notice(self, text: str) -> None:
        """Show a line about the appliance itself."""
        self._console.notice(text)
