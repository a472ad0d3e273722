"""The type of options that go on record as somebody wrote them: who does a thing, and what for."""

from __future__ import annotations

import argparse

LONGEST = 400


def few_words(text: str) -> str:
    """One line of a few words, blanks made single. Raises: ArgumentTypeError."""
    said = " ".join(text.split())
    if not said or len(said) > LONGEST or not said.isprintable():
        raise argparse.ArgumentTypeError(f"{text[:40]!r}: give a few words, at most {LONGEST} letters")
    return said
