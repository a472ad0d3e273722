"""What becomes of one list in another: its terms, and every entry that comes, goes or changes."""

from __future__ import annotations

from dataclasses import dataclass

from lapel.core.gallery import Gallery
from lapel_tools.authority.changes import Difference, EntryChange, EntryChanges, entry_changes
from lapel_tools.authority.review_page import changed_cards
from lapel_tools.report import document as page
from lapel_tools.watchlist.show import entry_facts


@dataclass(frozen=True, slots=True, eq=False)
class ListDiff:
    """Two lists, by the names they were given by."""

    names: tuple[str, str]
    terms: tuple[Difference, ...]
    entries: EntryChanges

    @property
    def is_none(self) -> bool:
        """Whether both lists look for the same on the same terms."""
        return not self.terms and not self.entries.count

    @property
    def counted(self) -> str:
        """How much changes, in a line."""
        changes = self.entries
        return f"{len(changes.added)} added, {len(changes.removed)} removed, {len(changes.changed)} changed"


def diff_of(names: tuple[str, str], before: Gallery, after: Gallery) -> ListDiff:
    """What changes from one list to another. A version that is another alone is no change."""
    found = []
    for name in ("list_id", "expires"):
        was, now = str(getattr(before.terms, name)), str(getattr(after.terms, name))
        if was != now:
            found.append(Difference(name, was, now))
    if before.model_sha256 != after.model_sha256:
        found.append(Difference("models", before.model_sha256[:16], after.model_sha256[:16]))
    for name in ("calibration", "decoys"):
        if getattr(before, name) != getattr(after, name):
            found.append(Difference(name, "what it was", "another one"))
    return ListDiff(names, tuple(found), entry_changes(before, after))


def diff_facts(diff: ListDiff) -> dict[str, object]:
    """All of it, for JSON."""
    return {
        "before": diff.names[0],
        "after": diff.names[1],
        "terms": {each.name: [each.before, each.after] for each in diff.terms},
        "added": [_whole(each) for each in diff.entries.added],
        "removed": [_whole(each) for each in diff.entries.removed],
        "changed": [
            {"id": each.entry.id} | {d.name: [d.before, d.after] for d in each.differences}
            for each in diff.entries.changed
        ],
    }


def diff_page(diff: ListDiff) -> str:
    """The whole page."""
    before, after = diff.names
    lead = page.paragraph(f"What becomes of {before} in {after}.")
    rows = tuple((each.name, each.before, each.after) for each in diff.terms)
    terms = page.table("The list", ("term", "before", "after"), rows) if rows else ""
    body = f'<section class="part">\n<h2>{page.text(diff.counted)}</h2>\n'
    body += f'<div class="text">{terms}</div>\n' if terms else ""
    return page.document("Two watchlists", lead, f"{body}{changed_cards(diff.entries)}</section>\n")


def _whole(change: EntryChange) -> dict[str, object]:
    return entry_facts(change.entry) | {"pictures": len(change.pictures)}
