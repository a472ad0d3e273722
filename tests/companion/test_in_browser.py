"""The officer's page in a real browser: an alert is told at once, answered by a tap, and lost by nothing."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from browser import Browser, Tab, axe, needs_browser, opened
from lapel.core.geometry import Box
from lapel.core.records import RecordKind
from lapel.core.things import Kind
from lapel.fakes.hit import ENTRY, made_up_hit
from officer_rig import VITALS, Companion, Watch, companion, drawn, watching

pytestmark = needs_browser

SHOWS_ALERT = "!document.querySelector('#alert').hidden && !document.querySelector('#whole').hidden"
SHOWS_NONE = "!document.querySelector('#none').hidden && !document.querySelector('#whole').hidden"
HAZARD = replace(
    ENTRY,
    id="hazard-un-1203",
    label="UN 1203 MOTOR SPIRIT",
    kind=Kind.PLACARD,
    check="Keep 50 m away on all sides; no flames. 33: highly flammable liquid (ADR 5.3.2.3.2).",
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with opened(tmp_path_factory.mktemp("chromium")) as begun:
        yield begun


@pytest.fixture
def phone(browser: Browser, page: Companion, watch: Watch) -> Tab:
    """A paired phone that shows that nothing waits."""
    watch.vitals = VITALS
    return paired(browser, page)


def paired(browser: Browser, page: Companion, name: str = "Officer 7") -> Tab:
    tab = browser.phone()
    tab.open(page.origin + "/")
    tab.type("#code", page.code())
    tab.type("#name", name)
    tab.tap("form button")
    tab.until("!document.querySelector('#whole').hidden")
    tab.taps = 0
    return tab


def title(tab: Tab) -> str:
    return str(tab.value("document.querySelector('#title').textContent"))


def test_an_alert_is_on_the_page_at_once_and_a_tap_answers_it(
    phone: Tab, watch: Watch, record_property: Callable[[str, object], None]
) -> None:
    phone.until(SHOWS_NONE)
    began_s = time.monotonic()
    alert = watch.alerts()
    phone.until(SHOWS_ALERT)
    shown_ms = round((time.monotonic() - began_s) * 1000)
    record_property("alert_on_the_page_ms", shown_ms)
    print(f"\nfrom the record to the page: {shown_ms} ms")  # the goal is 1,000; pytest -s shows it
    phone.tap('[data-answer="it is not"]')
    phone.until(SHOWS_NONE)
    assert phone.taps <= 3
    assert watch.kept(RecordKind.ANSWER)[-1] == {"alert": alert, "answer": "it is not", "by": "Officer 7"}


def test_it_says_what_to_check_why_it_is_listed_until_when_and_how_often_it_is_wrong(phone: Tab, watch: Watch) -> None:
    watch.alerts()
    phone.until(SHOWS_ALERT)
    said = phone.text()
    for words in (
        "Number 8841-C",
        "Stolen, to be returned",
        "2026-12-31",
        "False alerts",
        "Not proof",
        "Possible match",
    ):
        assert words in said
    phone.until("[...document.images].every((each) => each.complete && each.naturalWidth > 0)")
    assert phone.value("document.images.length") == 2


def test_a_placard_says_what_to_do_first(phone: Tab, watch: Watch) -> None:
    watch.alerts(made_up_hit(HAZARD, code="33/1203", reference_picture=drawn()))
    phone.until(SHOWS_ALERT)
    assert "Keep 50 m away" in phone.value("document.querySelector('#check').innerText")


def test_an_alert_that_comes_stays_behind_the_one_under_the_finger(phone: Tab, watch: Watch) -> None:
    first = watch.alerts()
    phone.until(SHOWS_ALERT)
    watch.alerts(made_up_hit(replace(ENTRY, id="bag-2", label="Blue bag"), track=2))
    phone.until("document.querySelector('#when').textContent.includes('1 more to check')")
    assert title(phone) == "Green tool crate"
    phone.tap('[data-answer="it is"]')
    phone.until("document.querySelector('#title').textContent === 'Blue bag'")
    assert watch.journal.answers.said_of(first) is not None


def test_a_wrong_tap_can_be_taken_back(phone: Tab, watch: Watch) -> None:
    watch.alerts()
    phone.until(SHOWS_ALERT)
    for answer in ("it is", "it is not"):
        phone.tap(f'[data-answer="{answer}"]')
        phone.until(SHOWS_NONE)
        if answer == "it is":
            phone.tap("#change")
    assert [each["answer"] for each in watch.kept(RecordKind.ANSWER)[-2:]] == ["it is", "it is not"]


def test_a_thing_can_be_muted_and_heard_again(phone: Tab, watch: Watch) -> None:
    watch.alerts(made_up_hit(replace(ENTRY, id="cup-3", label="Cup")))
    phone.until(SHOWS_ALERT)
    phone.tap("#mute")
    phone.until(SHOWS_NONE)
    phone.until("document.querySelector('#log').innerText.includes('muted')")
    phone.tap('[aria-label="Hear again: Cup"]')
    phone.until(SHOWS_ALERT)
    assert [each["outcome"] for each in watch.kept(RecordKind.MUTE)[-2:]] == ["muted", "lifted"]


def test_a_phone_that_was_out_of_reach_says_so_and_has_missed_nothing(
    phone: Tab, page: Companion, watch: Watch
) -> None:
    first = watch.alerts()
    phone.until(SHOWS_ALERT)
    page.process.send_signal(signal.SIGSTOP)  # what is under way hangs, as without a network
    phone.out_of_reach()
    phone.until("!document.querySelector('#lost').hidden")
    phone.tap('[data-answer="it is"]')
    phone.until("document.querySelector('#failed').textContent.includes('NOT RECORDED')")
    assert watch.journal.answers.said_of(first) is None
    watch.alerts(made_up_hit(replace(ENTRY, id="bag-4", label="Red bag"), track=4))
    phone.out_of_reach(False)
    page.process.send_signal(signal.SIGCONT)
    phone.until("document.querySelector('#lost').hidden")
    phone.until("document.querySelector('#when').textContent.includes('1 more to check')")
    phone.tap('[data-answer="it is"]')
    phone.until("document.querySelector('#title').textContent === 'Red bag'")
    assert watch.journal.answers.said_of(first) is not None


def test_an_alert_that_a_lost_phone_left_waits_on_the_next_and_the_first_is_let_go(
    phone: Tab, browser: Browser, page: Companion, watch: Watch
) -> None:
    watch.alerts()
    phone.until(SHOWS_ALERT)
    second = paired(browser, page, "Officer 8")
    second.until(SHOWS_ALERT)
    phone.until("document.body.innerText.includes('Pair this phone')")
    second.tap('[data-answer="not sure"]')
    second.until(SHOWS_NONE)
    assert watch.kept(RecordKind.ANSWER)[-1]["by"] == "Officer 8"


def test_it_is_used_by_keys_alone_and_read_aloud(phone: Tab, watch: Watch) -> None:
    watch.alerts()
    phone.until("document.querySelector('#live').textContent.startsWith('Possible match to check: Green tool crate')")
    assert phone.value("document.querySelector('#live').ariaLive") == "assertive"
    for _ in range(30):
        phone.press("Tab", 9)
        if phone.value("document.activeElement.dataset.answer") == "not sure":
            break
    phone.press("Enter", 13)
    phone.until(SHOWS_NONE)
    assert phone.value("document.activeElement.id") == "none-title"
    assert watch.kept(RecordKind.ANSWER)[-1]["answer"] == "not sure"


def test_what_an_entry_is_called_is_text_and_never_markup(phone: Tab, watch: Watch) -> None:
    label = "<img src=x onerror=document.title='taken'>"
    watch.alerts(made_up_hit(replace(ENTRY, label=label, check=label)))
    phone.until(SHOWS_ALERT)
    assert title(phone) == label
    assert phone.value("document.title") == "Lapel"


def test_the_state_of_the_device_is_told_and_what_is_not_known_is_unknown(phone: Tab, watch: Watch) -> None:
    said = phone.value("document.querySelector('#state').innerText")
    assert all(words in said for words in ("82%", "51 °C", "8.9 GiB free", "2 days ago", "3 records"))
    watch.vitals = replace(VITALS, battery_percent=7, heat_c=None, contact_s=float("inf"))
    watch.phone.notice("camera lost")
    phone.until("document.querySelector('#bad').textContent === 'Battery: 7%; Station heard: never'")
    assert "unknown" in phone.value("document.querySelector('#state').innerText")
    assert "camera lost" in phone.text()


def test_buttons_are_large_enough_for_gloves(phone: Tab, watch: Watch) -> None:
    watch.alerts()
    phone.until(SHOWS_ALERT)
    script = "[...document.querySelectorAll('button')].map((e) => e.getBoundingClientRect()).filter((b) => b.width)"
    assert phone.value(f"Math.min(...{script}.map((b) => b.height))") >= 56
    assert phone.value("document.documentElement.scrollWidth") <= 412


def test_no_serious_finding_of_axe_by_day_or_night(phone: Tab, watch: Watch, browser: Browser, page: Companion) -> None:
    program = axe()
    watch.alerts(made_up_hit(box=Box(20, 10, 60, 50), reference_picture=drawn()))
    phone.until(SHOWS_ALERT)
    stranger = browser.phone()
    stranger.open(page.origin + "/")
    for tab in (phone, stranger):
        tab.value(program + ";0")
        for is_night in (False, True):
            tab.by_night(is_night)
            found = tab.value(
                "axe.run().then((r) => r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.html).join()]))"
            )
            assert [each for each in found if each[0] in ("serious", "critical", "moderate")] == []


def test_a_lookout_that_ended_is_said_and_its_return_is_seen(browser: Browser, tmp_path: Path) -> None:
    with companion(tmp_path) as served:
        with watching(tmp_path) as first:
            alone = paired(browser, served)
            first.alerts()
            alone.until(SHOWS_ALERT)
        alone.until("document.body.innerText.includes('THE LOOKOUT IS NOT RUNNING')")
        with watching(tmp_path):
            alone.until(SHOWS_ALERT)
            assert "why it is listed is held no more" in alone.text()
            alone.tap('[data-answer="it is"]')
            alone.until(SHOWS_NONE)


def test_an_alert_without_a_record_is_put_away_and_hides_none_of_the_next_watch(
    browser: Browser, tmp_path: Path
) -> None:
    with companion(tmp_path) as served:
        with watching(tmp_path) as first:
            alone = paired(browser, served)
            first.phone.alert(made_up_hit(), None)
            alone.until(SHOWS_ALERT)
            first.phone.alert(made_up_hit(replace(ENTRY, id="bag-2", label="Blue bag")), None)
            alone.until("document.querySelector('#when').textContent.includes('1 more to check')")
            offered = "[...document.querySelectorAll('#alert button')].filter((e) => !e.hidden).map((e) => e.id)"
            assert alone.value(offered) == ["later", "seen"]
            alone.tap("#seen")
            alone.until("document.querySelector('#title').textContent === 'Blue bag'")
            alone.tap("#seen")
            alone.until(SHOWS_NONE)
        alone.until("!document.querySelector('#down').hidden")
        with watching(tmp_path) as second:
            second.phone.alert(made_up_hit(), None)
            alone.until(SHOWS_ALERT)
            assert title(alone) == "Green tool crate"
