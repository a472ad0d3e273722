"""The detector and, some times a second, proposals of what it has no word for, in one scene."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

from lapel.core.things import Frame, Scene
from lapel.infer.detector import SsdDetector
from lapel.infer.proposals import Proposer
from lapel.ports import Health


class ProposingDetector:
    """What the detector finds in every frame, and proposals beside it at most every ``every_s`` (port Detector).

    A proposal is a place to look at, and there are few looks: to propose in every frame would cost 6 ms a frame, and
    gain nothing. ``health`` is told of the time as a stage of its own, although it is a part of the detector's.
    """

    def __init__(self, detector: SsdDetector, proposer: Proposer, every_s: float, health: Health) -> None:
        self._detector = detector
        self._proposer = proposer
        self._every_s = every_s
        self._health = health
        self._proposed_s = float("-inf")

    def detect(self, frame: Frame) -> Scene:
        """The detector's scene, in some frames with things of ``Origin.PROPOSAL`` behind its own."""
        study = self._detector.study(frame)
        scene = study.scene
        if 0 <= frame.at_s - self._proposed_s < self._every_s - 1e-6:
            return scene
        self._proposed_s = frame.at_s
        started = perf_counter()
        taken = tuple(thing.box for thing in scene.things)
        proposed = self._proposer.propose(scene.canvas, study.forbidden, self._detector.unsure(study), taken)
        self._health.spent("propose", perf_counter() - started)
        return replace(scene, things=(*scene.things, *proposed))
