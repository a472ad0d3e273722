"""What the publisher says is the newest: names of metadata files, and the hash under which each stands.

It is the one message that changes; everything else is named by its own hash, so that two publications never mix. It is
not believed: whoever follows it verifies the metadata that it leads to, of which the worst news can only withhold some.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lapel.errors import Refused

_MOST_FILES = 300
"""Every root there ever was, and five."""
_NAME = re.compile(r"(?:\d{1,9}\.)?[a-z]{1,20}\.json")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORMAT = 1


class MalformedNews(Refused):
    """A message at the news topic is no news."""


@dataclass(frozen=True, slots=True)
class News:
    """``files`` are names of metadata and their SHA-256 in hexadecimal, by name."""

    files: tuple[tuple[str, str], ...]

    def encoded(self) -> bytes:
        """As JSON."""
        return json.dumps({"format": _FORMAT, "files": dict(self.files)}, separators=(",", ":")).encode()


def news_of(files: Mapping[str, str]) -> News:
    """News of these files."""
    return News(tuple(sorted(files.items())))


def decode_news(data: bytes) -> News:
    """News from JSON. Raises: MalformedNews."""
    try:
        values = json.loads(data)
        if values["format"] != _FORMAT or len(values["files"]) > _MOST_FILES:
            raise ValueError("another format")
        files = {str(name): str(sha256) for name, sha256 in values["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedNews("what is published is announced in no form that this Lapel reads; push it again") from error
    if not all(_NAME.fullmatch(name) and _SHA256.fullmatch(sha256) for name, sha256 in files.items()):
        raise MalformedNews("what is published is announced with a name or a hash that is none; push it again")
    return news_of(files)
