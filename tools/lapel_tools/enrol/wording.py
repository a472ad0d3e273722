"""What enrolment says of a thing, in words that the terminal and the page share."""

from __future__ import annotations

from lapel_tools.enrol.appraisal import Appraisal, PictureAppraisal
from lapel_tools.enrol.verdict import PhotoVerdict

_NOTED = 0.01
ESTIMATE_LIMITS = (
    "Tried with the pictures themselves under simulated changes, by the rule that a watch decides by. It tells kinds "
    "of things apart; between products in like packages it told nothing on the test kit, and it is rather too low. "
    "That drawn things do not hit it says nothing of real ones that look like it."
)


def destroyed(verdict: PhotoVerdict) -> str:
    """How much of a picture was destroyed; empty where that is next to nothing."""
    if verdict.destroyed < _NOTED:
        return ""
    return f"{verdict.destroyed:.0%} of it was taken for a face and destroyed; if that was the thing, outline the rest"


def found(appraisal: Appraisal) -> str:
    """How often it would be found."""
    estimate = appraisal.found
    if estimate.is_held_out:
        return f"in about {estimate.rate:.0%} of clear looks"
    return f"at best in {estimate.rate:.0%} of clear looks: one picture, tried with itself alone"


def falsely(appraisal: Appraisal) -> str:
    """How often it would be hit by something else."""
    share = appraisal.false.share
    return (
        f"by {share.count} of {share.total} drawn things, 95% interval {share.low:.0%} to {share.high:.0%}; "
        f"the nearest has {max(0.0, appraisal.false.nearest):.2f} of the evidence of a hit"
    )


def seen(picture: PictureAppraisal) -> str:
    """What geometry sees."""
    points = len(picture.reference.features.points)
    confirmed = int(picture.confirmed.sum())
    return f"{points} details on {picture.spread:.0%} of the picture, {confirmed} confirmed by other pictures"


def kept(picture: PictureAppraisal) -> str:
    """Under how many changes it is found, and under which it is lost."""
    lost = [trial.change for trial in picture.trials if not trial.is_found]
    count = len(picture.trials) - len(lost)
    return f"{count} of {len(picture.trials)} tries" + (f"; not {', '.join(lost)}" if lost and count else "")
