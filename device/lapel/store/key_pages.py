"""Pages of a manifest's keys: who may open the list, and the key sealed for each.

A page is one message; a device asks for the one page that its name stands in.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lapel.core.manifest import Manifest, Page
from lapel.core.updates import LARGEST_MESSAGE_BYTES, Why
from lapel.errors import UpdateRefused

DEVICE, ADMINISTRATOR = "device/", "administrator/"


@dataclass(frozen=True, slots=True)
class SealedKey:
    """``name`` with DEVICE or ADMINISTRATOR before it; ``to`` is the X25519 key it was sealed to, hexadecimal."""

    name: str
    to: str
    sealed: bytes


def encode_key_pages(keys: Iterable[SealedKey]) -> list[tuple[str, bytes]]:
    """The first name and the bytes of each page."""
    pages: list[tuple[str, bytes]] = []
    first, lines, length = "", list[str](), 2
    for key in sorted(keys, key=lambda key: key.name):
        sealed = base64.b64encode(key.sealed).decode()
        line = json.dumps([key.name, key.to, sealed], ensure_ascii=False, separators=(",", ":"))
        if lines and length + len(line.encode()) + 1 > LARGEST_MESSAGE_BYTES:
            pages.append((first, _page(lines)))
            lines, length = [], 2
        if not lines:
            first = key.name
        lines.append(line)
        length += len(line.encode()) + 1
    return [*pages, (first, _page(lines))]


def decode_key_page(data: bytes) -> tuple[SealedKey, ...]:
    """The keys of a page. Raises: UpdateRefused."""
    try:
        return tuple(_key(item) for item in json.loads(data))
    except (ValueError, TypeError, RecursionError) as error:
        raise UpdateRefused(Why.MALFORMED.value, "a page of the list's keys is none; propose the list again") from error


def page_of(manifest: Manifest, name: str) -> Page:
    """The page that a name stands in, if it stands in any."""
    before = [page for page in manifest.keys if page.first <= name]
    return before[-1] if before else manifest.keys[0]


def key_of(keys: Sequence[SealedKey], name: str) -> SealedKey:
    """The key that was sealed for a name. Raises: UpdateRefused."""
    found = next((key for key in keys if key.name == name), None)
    if found is None:
        raise UpdateRefused(Why.KEY.value, f"{name}: the list is not sealed for it; have it proposed again")
    return found


def _key(item: Any) -> SealedKey:
    name, to, sealed = item
    if not isinstance(name, str) or not isinstance(to, str) or not (name + to).isprintable():
        raise ValueError("no names")
    try:
        return SealedKey(name, to, base64.b64decode(sealed, validate=True))
    except binascii.Error as error:
        raise ValueError("no key") from error


def _page(lines: list[str]) -> bytes:
    return f"[{','.join(lines)}]".encode()
