"""Draws the README's picture of the officer's page: by day, by night, its log, out of reach, muted.

PYTHONPATH=device:tools:tests python tests/companion/pictures.py tools/assets/companion.png
"""

import signal
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from browser import Tab, opened
from lapel.core.feedback import Answer, answer_event
from lapel.core.things import Expected, Hit
from lapel_tools.synth.alert_picture import rendered_hit
from officer_rig import Companion, Watch, companion, watching

SHOWN = "[...document.images].every((each) => each.complete && each.naturalWidth > 0)"
GAP_PX, WIDE_PX = 20, 264


def hit() -> Hit:
    return replace(rendered_hit(), expected=Expected(0.1, 0.02, 0.3, 214))


def main(target: Path) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        with watching(folder) as watch, companion(folder) as page, opened(folder / "chromium") as browser:
            tab = browser.phone()
            pair(tab, page)
            parts = [folder / f"{part}.png" for part in ("day", "night", "log", "lost", "muted")]
            draw(tab, watch, page, parts)
            pictures = [cv2.imread(str(part)) for part in parts]
    height = max(int(p.shape[0] * WIDE_PX / p.shape[1]) for p in pictures if p is not None)
    strip = np.full((height, len(pictures) * (WIDE_PX + GAP_PX) - GAP_PX, 3), 255, np.uint8)
    for number, picture in enumerate(pictures):
        assert picture is not None
        small = cv2.resize(picture, (WIDE_PX, height), interpolation=cv2.INTER_AREA)
        left = number * (WIDE_PX + GAP_PX)
        strip[:, left : left + WIDE_PX] = small
    cv2.imwrite(str(target), strip, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def pair(tab: Tab, page: Companion) -> None:
    tab.open(page.origin + "/")
    tab.type("#code", page.code())
    tab.type("#name", "Officer 7")
    tab.tap("form button")
    tab.until("!document.querySelector('#whole').hidden")


def draw(tab: Tab, watch: Watch, page: Companion, parts: list[Path]) -> None:
    day, night, log, lost, muted = parts
    for label, answer in (("Bicycle, dark red", Answer.IS_NOT), ("Painting: harbour at dusk", Answer.UNSURE)):
        seen = hit()
        entry = replace(seen.entry, id=label, label=label)
        alert = watch.alerts(replace(seen, match=replace(seen.match, entry=entry)))
        watch.journal.append(answer_event(alert, answer, "Officer 7"))
    watch.alerts(hit())
    tab.until("!document.querySelector('#alert').hidden")
    tab.until(SHOWN)
    tab.picture(day)
    tab.by_night()
    tab.picture(night)
    tab.by_night(False)
    tab.tap("#mute")
    tab.until("document.querySelector('#log').innerText.includes('muted')")
    tab.value("document.querySelector('#log-title').scrollIntoView()")
    tab.picture(muted)
    tab.tap('[aria-label^="Hear again"]')
    tab.until("!document.querySelector('#alert').hidden")
    tab.tap('[data-answer="it is"]')
    tab.until("!document.querySelector('#none').hidden")
    tab.picture(log)
    watch.alerts(hit())
    tab.until("!document.querySelector('#alert').hidden")
    tab.until(SHOWN)
    page.process.send_signal(signal.SIGSTOP)
    tab.until("!document.querySelector('#lost').hidden")
    tab.value("window.scrollTo(0, 0)")
    tab.picture(lost)
    page.process.send_signal(signal.SIGCONT)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
