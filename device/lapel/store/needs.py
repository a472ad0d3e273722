"""What a device needs of what is published to take its list: step by step, since each step says what the next needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lapel.store.choosing import Device, Offer, candidates, chosen, targets_for
from lapel.store.key_pages import DEVICE, page_of
from lapel.store.pieces import Pieces
from lapel.store.staging import held_list
from lapel.store.trust import Trust
from lapel.store.trusted import Published
from lapel.store.unpacking import LIST_KEY_BYTES, head_of, opened_key, rows_of


class Needs:
    """The pieces of one publication; ``sha256`` of all that were named so far, and whether there is a ``new_list``."""

    def __init__(self, files: Iterable[str]) -> None:
        """``files`` are the hashes of its metadata."""
        self.sha256 = {bytes.fromhex(name) for name in files}
        self.new_list = False

    def steps(
        self, device: Device, trust: Trust, published: Published, offer: Offer, pieces: Pieces, list_id: str | None
    ) -> Iterator[Iterable[str]]:
        """Hashes that must be there to go on; no more of them where the list is the one that is held.

        Raises: UpdateRefused, as taking the list would.
        """
        yield self._noted([target.hashes.get("sha256", "") for target in targets_for(trust, published, list_id)])
        others = candidates(device, trust, published, offer, list_id)
        yield self._noted([target.hashes.get("sha256", "") for target in others])
        manifest = chosen(device, trust, published, offer, list_id)
        if held_list(device, trust, manifest) is not None:
            return
        self.new_list = True
        name = f"{DEVICE}{trust.device}"
        yield self._noted([page_of(manifest, name).sha256])
        secret = opened_key(manifest, name, trust.opener, offer.chunk)
        yield self._noted([page.sha256 for page in manifest.pages])
        head = head_of(manifest, secret[:LIST_KEY_BYTES], offer.chunk)
        yield self._noted([row.name for row in head.rows])
        chunks, length = set[bytes](), 0
        for page in rows_of(manifest, head, offer.chunk):
            chunks.update(row.sha256 for row in page)
            length += sum(row.length for row in page)
        self.sha256 |= chunks
        pieces.make_room(self.sha256, length)
        # Sorted by hash, buckets come in no order: whoever listens learns nothing from it.
        yield (each.hex() for each in sorted(chunks))

    def _noted(self, names: list[str]) -> list[str]:
        self.sha256.update(map(bytes.fromhex, names))
        return names
