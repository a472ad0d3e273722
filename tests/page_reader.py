"""Reads a page as a browser would, as far as tests ask: its elements, its pictures, and what it would fetch."""

import base64
import re
from html.parser import HTMLParser

_FETCHING = {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href", "formaction"}


class PageReader(HTMLParser):
    """A page's tags and text, its pictures as bytes, and every address in it that a browser would follow."""

    VOID = frozenset({"meta", "img", "br", "link", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.pictures: list[bytes] = []
        self.unnamed = 0
        self.fetched: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == [], f"left open: {self._open}"
        self.fetched += re.findall(r"url\([^)]*\)|@import[^;]*", page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self._open.append(tag)
        named = dict(attrs)
        self.fetched += [value or "" for name, value in attrs if name in _FETCHING and not _is_inside(value or "")]
        if tag == "img":
            self.unnamed += not named.get("alt")
            self.pictures.append(base64.b64decode((named["src"] or "").partition("base64,")[2], validate=True))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self._open):
            self.text += data


def _is_inside(address: str) -> bool:
    return address.startswith(("data:image/jpeg;base64,", "#"))
