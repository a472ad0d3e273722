"""The chunks of a list that is being proposed, and how long they are together."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.updates import LARGEST_LIST_BYTES
from lapel.store.published import PublishedFolder


@dataclass(frozen=True, slots=True)
class Length:
    """Bytes of all that devices take of a list but its manifest, and of what of it is not published yet."""

    all_bytes: int
    new_bytes: int

    @property
    def is_too_long(self) -> bool:
        """Whether every device would refuse it."""
        return self.all_bytes > LARGEST_LIST_BYTES


class DraftedChunks:
    """What is not published yet goes to a draft, while the list fits a device; beyond that it is only counted."""

    def __init__(self, public: PublishedFolder, draft: PublishedFolder) -> None:
        self._public, self._draft = public, draft
        self.names: list[str] = []
        self.length = Length(0, 0)

    def put(self, name: str, data: bytes) -> None:
        """Take one. Raises: StoreError."""
        self.names.append(name)
        is_new = not self._public.has_chunk(name)
        self.length = Length(self.length.all_bytes + len(data), self.length.new_bytes + is_new * len(data))
        if is_new and not self.length.is_too_long:
            self._draft.put_chunk_in_draft(name, data)
