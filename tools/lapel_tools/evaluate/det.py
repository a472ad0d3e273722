"""Draws how misses fall as false alarms rise: a DET curve with both axes logarithmic, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from lapel_tools.evaluate.trade import Scores
from lapel_tools.report.document import text

_WIDTH, _HEIGHT = 900, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 90, 250, 20, 70
_DASHES = ("", "", "9 5", "3 4", "12 4 3 4")
MOST_CURVES = len(_DASHES)
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Curve:
    """The scores of one group of pictures."""

    name: str
    scores: Scores


@dataclass(frozen=True, slots=True)
class _Axis:
    """Maps rates from ``floor`` to 1 on pixels, logarithmically; 0 lies on the floor."""

    floor: float
    at_floor: float
    at_one: float

    def place(self, rate: float) -> float:
        share = log10(max(rate, self.floor) / self.floor) / log10(1 / self.floor)
        return self.at_floor + share * (self.at_one - self.at_floor)

    def ticks(self) -> tuple[float, ...]:
        decades = range(-ceil(-log10(self.floor)), 1)
        return tuple(s * 10.0**d for d in decades for s in _STEPS if self.floor < s * 10.0**d <= 1)


def det_chart(curves: Sequence[Curve], decided_at: float) -> str:
    """An SVG of at most ``MOST_CURVES`` curves, the first one strong; a circle is the threshold decided by.

    The bars at the circle are the Wilson 95% intervals of the first curve. Zero lies on the axes.
    """
    curves = curves[:MOST_CURVES]
    fewest = max((len(curve.scores.others) for curve in curves), default=0)
    x = _Axis(0.5 / max(2, fewest), _LEFT, _WIDTH - _RIGHT)
    y = _Axis(0.5 / max(2, *(len(c.scores.mated) for c in curves), 2), _HEIGHT - _BOTTOM, _TOP)
    drawn = "".join(_curve(curve, number, x, y) for number, curve in reversed(list(enumerate(curves))))
    here = _decision(curves[0].scores, decided_at, x, y) if curves else ""
    legend = "".join(_legend(curve, number) for number, curve in enumerate(curves))
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-labelledby="det-title det-words">\n'
        '<title id="det-title">Misses against false alarms</title>\n'
        '<desc id="det-words">The table below says the same in numbers.</desc>\n'
        f"{_grid(x, y)}{drawn}{here}{legend}</svg>\n"
    )


def _grid(x: _Axis, y: _Axis) -> str:
    down, across = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    lines = [
        f'<line class="grid" x1="{x.place(t):.1f}" y1="{_TOP}" x2="{x.place(t):.1f}" y2="{down}"/>'
        f'<text x="{x.place(t):.1f}" y="{down + 22}" text-anchor="middle">{_percent(t)}</text>\n'
        for t in x.ticks()
    ]
    lines += [
        f'<line class="grid" x1="{_LEFT}" y1="{y.place(t):.1f}" x2="{across}" y2="{y.place(t):.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{y.place(t) + 5:.1f}" text-anchor="end">{_percent(t)}</text>\n'
        for t in y.ticks()
    ]
    return "".join(lines) + (
        f'<path class="axis" d="M{_LEFT} {_TOP}V{down}H{across}"/>\n'
        f'<text x="{_LEFT}" y="{down + 22}" text-anchor="middle">0</text>'
        f'<text x="{_LEFT - 8}" y="{down + 5}" text-anchor="end">0</text>\n'
        f'<text x="{(_LEFT + across) / 2}" y="{_HEIGHT - 12}" text-anchor="middle">'
        "False alarms: share of pictures without a listed thing</text>\n"
        f'<text transform="translate(22 {(_TOP + down) / 2}) rotate(-90)" text-anchor="middle">'
        "Misses: share of pictures of a listed thing</text>\n"
    )


def _curve(curve: Curve, number: int, x: _Axis, y: _Axis) -> str:
    """Steps from few false alarms to many: between two thresholds nothing changes."""
    scores, path = curve.scores, ""
    for threshold in (float("inf"), *reversed(scores.thresholds())):
        across, down = x.place(scores.false(threshold).rate), y.place(scores.missed(threshold).rate)
        path += f"H{across:.1f}V{down:.1f}" if path else f"M{across:.1f} {down:.1f}"
    return f'<path class="curve curve-{number}"{_dash(number)} d="{path}"/>\n'


def _decision(scores: Scores, threshold: float, x: _Axis, y: _Axis) -> str:
    false, missed = scores.false(threshold), scores.missed(threshold)
    across, down = x.place(false.rate), y.place(missed.rate)
    return (
        f'<path class="axis" d="M{x.place(false.low):.1f} {down:.1f}H{x.place(false.high):.1f}'
        f'M{across:.1f} {y.place(missed.low):.1f}V{y.place(missed.high):.1f}"/>\n'
        f'<circle class="here" cx="{across:.1f}" cy="{down:.1f}" r="7"/>\n'
    )


def _legend(curve: Curve, number: int) -> str:
    left, down = _WIDTH - _RIGHT + 18, _TOP + 20 + 30 * number
    return (
        f'<line class="curve curve-{number}"{_dash(number)} x1="{left}" y1="{down}" x2="{left + 34}" y2="{down}"/>'
        f'<text x="{left + 42}" y="{down + 5}">{text(curve.name)} ({len(curve.scores.mated)})</text>\n'
    )


def _dash(number: int) -> str:
    return f' stroke-dasharray="{_DASHES[number]}"' if _DASHES[number] else ""


def _percent(rate: float) -> str:
    return f"{rate * 100:.0f}%" if rate >= 0.01 else f"{rate * 100:.1g}%"
