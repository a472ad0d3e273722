"""The page of an evaluation: what was found in figures, a curve, and the worst errors with their pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf

from lapel.alert.picture import jpeg
from lapel.alert.words import Row
from lapel_tools.evaluate.bench import Bench
from lapel_tools.evaluate.det import MOST_CURVES, Curve, det_chart
from lapel_tools.evaluate.instances import PART, InstancesRun
from lapel_tools.evaluate.kit import Credit, Instances
from lapel_tools.evaluate.mistakes import Mistake, false_alarms, misses
from lapel_tools.evaluate.results import Candidate
from lapel_tools.evaluate.summary import truth_of
from lapel_tools.evaluate.trade import scores_of, source_of
from lapel_tools.report import document as page
from lapel_tools.report.document import Picture

MOST_ALARMS, MOST_MISSES = 12, 24
_SHOWN_PX, _SHOWN_BYTES = 480, 40 * 1024
_DECIDED_AT = 1.0
_TABLED = (0.01, 0.02, 0.05, 0.1)
_FEWEST_MATED = 5
_UNSTATED = Credit("source not stated in the kit's index", "licence not stated")


def instances_page(bench: Bench, run: InstancesRun, instances: Instances, summary: tuple[str, ...]) -> str:
    """The whole page. Its pictures are read again, and redacted as the device would."""
    truth = truth_of(instances)
    labels = {thing.id: thing.label for thing in instances.listed}
    credits = {part: bench.kit.credits(part) for part in (PART, "detection")}
    album = _Album(bench, run, labels, credits)
    alarms, missed = false_alarms(run.results, truth), misses(run.results, truth)
    lead = page.paragraph(
        "How often listed things are found in other pictures of them, and what is taken for them by error. "
        "In brackets: the 95% interval of the share (Wilson). Pictures of one thing are no independent cases, so that "
        "the truth may lie farther off."
    )
    body = _section("What was found", f'<article><div class="text">\n{page.listing(summary)}</div></article>\n')
    body += _section("Misses against false alarms", _curves(run, instances, truth))
    body += _section(f"False alarms, and what came nearest to one ({_of(MOST_ALARMS, alarms)})", album.alarms(alarms))
    body += _section(f"Misses ({_of(MOST_MISSES, missed)})", album.misses(missed))
    return page.document("How well things are found", lead, body)


def _section(heading: str, content: str) -> str:
    return f'<section class="part">\n<h2>{page.text(heading)}</h2>\n{content}</section>\n'


def _of(most: int, mistakes: Sequence[Mistake]) -> str:
    return f"the worst {most} of {len(mistakes)}" if len(mistakes) > most else f"all {len(mistakes)}"


def _curves(run: InstancesRun, instances: Instances, truth: dict[str, str]) -> str:
    sources = sorted({source_of(query, truth) for query in truth})
    groups = [Curve(source, scores_of(run.results, truth, source)) for source in sources]
    curves = [
        Curve("all", scores_of(run.results, truth)),
        *(group for group in groups if len(group.scores.mated) >= _FEWEST_MATED),
    ][:MOST_CURVES]
    scores = curves[0].scores
    thresholds = [("as the product decides", _DECIDED_AT)] + [
        (f"at most {most:.0%} false", scores.held_to(most)) for most in _TABLED
    ]
    rows = tuple(
        (
            name,
            f"{threshold:.2f}" if threshold < inf else "none",
            scores.false(threshold).in_full(),
            scores.missed(threshold).in_full(),
        )
        for name, threshold in thresholds
    )
    about = page.paragraph(
        "Each curve is one group of listed things against all pictures without one, over every threshold on the "
        "evidence. The circle is the threshold that the product decides by; its bars are 95% intervals."
    )
    table = page.table("All groups together", ("Threshold", "Evidence", "False alarms", "Misses"), rows)
    return f'<article><div class="text">\n{about}{det_chart(curves, _DECIDED_AT)}{table}</div></article>\n'


@dataclass(frozen=True, slots=True)
class _Album:
    """Shows mistakes: what was seen beside what it was, or should have been, taken for."""

    bench: Bench
    run: InstancesRun
    labels: dict[str, str]
    credits: dict[str, dict[str, Credit]] = field(repr=False)

    def alarms(self, mistakes: Sequence[Mistake]) -> str:
        """A card each."""
        cards = []
        for number, mistake in enumerate(mistakes[:MOST_ALARMS]):
            assert mistake.taken_for is not None
            verdict = page.tag("False alarm", "bad") if mistake.is_false_alarm else page.tag("Below the threshold")
            shown = page.pictures(self._seen(mistake), self._listed(mistake.taken_for))
            cards.append(
                self._card(
                    f"alarm-{number}", f"Taken for {self._label(mistake.taken_for.entry)}", verdict, shown, mistake
                )
            )
        return "".join(cards) or _nothing("Nothing came first for an entry that it does not show.")

    def misses(self, mistakes: Sequence[Mistake]) -> str:
        """A card each."""
        cards = []
        for number, mistake in enumerate(mistakes[:MOST_MISSES]):
            shown = page.pictures(self._seen(mistake), self._listed(mistake.own or self._first(mistake.truth)))
            title = f"Missed: {self._label(mistake.truth)}"
            cards.append(self._card(f"miss-{number}", title, page.tag("Miss"), shown, mistake))
        return "".join(cards) or _nothing("Every picture of a listed thing hit it.")

    def _card(self, name: str, title: str, verdict: str, shown: str, mistake: Mistake) -> str:
        rows = page.facts(
            (
                Row("Picture", mistake.query),
                Row("It shows", self._label(mistake.truth) if mistake.truth else "no listed thing"),
                Row("Its own evidence", _evidence(mistake.own) if mistake.truth else ""),
                Row("Taken for", self._taken(mistake.taken_for)),
            )
        )
        return (
            f'<article aria-labelledby="{name}">\n<div class="top">\n{verdict}<h3 id="{name}">{page.text(title)}</h3>\n'
            f"</div>\n{shown}{rows}</article>\n"
        )

    def _seen(self, mistake: Mistake) -> Picture:
        scene = mistake.query.removeprefix("detection/")
        part, file = (PART, scene) if scene == mistake.query else ("detection", scene)
        pixels = self.bench.frame(part, file).pixels
        return Picture(
            jpeg(pixels, _SHOWN_PX, _SHOWN_BYTES),
            f"The picture {mistake.query}",
            "Seen",
            "faces destroyed",
            self._credit(part, file),
        )

    def _listed(self, candidate: Candidate | None) -> Picture:
        if candidate is None or candidate.reference < 0:
            return Picture(b"", "", "Listed", "no reference picture was taken")
        reference = self.run.enrolled.gallery.references[candidate.reference]
        label = self._label(candidate.entry)
        credit = self._credit(PART, self.run.enrolled.files[candidate.reference])
        return Picture(reference.picture, f"Reference picture of {label}", "Listed", label, credit)

    def _first(self, entry: str) -> Candidate | None:
        """An entry's first reference, for a miss whose entry is not among the candidates."""
        references = self.run.enrolled.gallery.references
        place = next((n for n, reference in enumerate(references) if reference.entry_id == entry), -1)
        return Candidate(entry, 0.0, False, place)

    def _label(self, entry: str) -> str:
        return self.labels.get(entry, entry)

    def _taken(self, candidate: Candidate | None) -> str:
        return f"{self._label(candidate.entry)}, evidence {_evidence(candidate)}" if candidate else "nothing"

    def _credit(self, part: str, file: str) -> str:
        credit = self.credits[part].get(file, _UNSTATED)
        return f"{credit.source} · {credit.licence}"


def _evidence(candidate: Candidate | None) -> str:
    if candidate is None:
        return "not among the first candidates"
    return f"{candidate.score:.2f} (1 is a hit)"


def _nothing(words: str) -> str:
    return f'<article><p class="empty">{page.text(words)}</p></article>\n'
