"""What is cut around an alert, and that nothing is without one."""

from lapel.core.clips import LONGEST_S, Cut, Cutter, Still, Told

FPS = 5.0


def still(at_s: float, width_px: int = 64) -> Still:
    return Still(at_s, width_px, 48, bytes(100))


def told(at_s: float, record: str = "a", entry: str = "crate") -> Told:
    return Told(record, entry, at_s)


def shown(cutter: Cutter, from_s: float, to_s: float, fps: float = 25.0) -> list[Cut]:
    """Show frames at a camera's rate; the clips that end meanwhile."""
    cuts: list[Cut] = []
    for number in range(round(from_s * fps), round(to_s * fps)):
        if cutter.wants(number / fps):
            cuts += cutter.see(still(number / fps))
    return cuts


def times(cut: Cut) -> tuple[float, float]:
    return cut.stills[0].at_s, cut.stills[-1].at_s


def test_without_an_alert_nothing_is_ever_cut() -> None:
    cutter = Cutter(10, 5, FPS)
    assert shown(cutter, 0, 60) == []
    assert cutter.finish() == ()


def test_a_clip_reaches_from_before_the_alert_to_after_it() -> None:
    cutter = Cutter(10, 5, FPS)
    shown(cutter, 0, 20)
    cutter.alerted(told(20))
    (cut,) = shown(cutter, 20, 30)
    assert times(cut) == (10.0, 25.0)
    assert cut.alerts == (told(20),)


def test_stills_are_taken_at_the_asked_rate_and_not_at_the_cameras() -> None:
    cutter = Cutter(10, 5, FPS)
    shown(cutter, 0, 20)
    cutter.alerted(told(20))
    (cut,) = shown(cutter, 20, 30)
    assert len(cut.stills) == 15 * FPS + 1


def test_the_ring_is_bounded_however_long_the_watch_is() -> None:
    cutter = Cutter(10, 5, FPS)
    shown(cutter, 0, 500)
    cutter.alerted(told(1))  # so long ago that all that is held is of its clip
    (cut,) = cutter.finish()
    assert 10 * FPS <= len(cut.stills) <= 10 * FPS + 2


def test_an_alert_at_the_end_of_the_source_still_gets_its_clip() -> None:
    cutter = Cutter(10, 5, FPS)
    shown(cutter, 0, 3)
    cutter.alerted(told(2.8))
    (cut,) = cutter.finish()
    assert times(cut) == (0.0, 2.8)


def test_alerts_that_lie_close_share_a_clip_named_by_the_first() -> None:
    cutter = Cutter(10, 5, FPS)
    shown(cutter, 0, 20)
    cutter.alerted(told(20, "a"))
    shown(cutter, 20, 23)
    cutter.alerted(told(23, "b"))
    (cut,) = shown(cutter, 23, 40)
    assert [each.record for each in cut.alerts] == ["a", "b"]
    assert times(cut) == (10.0, 28.0)


def test_alerts_without_end_do_not_make_a_clip_without_end() -> None:
    cutter = Cutter(10, 5, FPS)
    cuts: list[Cut] = []
    for second in range(300):
        cuts += shown(cutter, second, second + 1)
        cutter.alerted(told(second + 0.9, str(second)))
    cuts += cutter.finish()
    assert max(cut.stills[-1].at_s - cut.stills[0].at_s for cut in cuts) <= LONGEST_S + 1 / FPS
    assert sorted(int(each.record) for cut in cuts for each in cut.alerts) == list(range(300))


def test_a_source_that_begins_again_ends_the_clip() -> None:
    cutter = Cutter(10, 5, FPS)
    shown(cutter, 0, 20)
    cutter.alerted(told(20))
    (cut,) = shown(cutter, 0, 1)
    assert times(cut) == (10.0, 19.8)


def test_pictures_of_another_size_end_the_clip_since_a_film_has_one_size() -> None:
    cutter = Cutter(10, 5, FPS)
    shown(cutter, 0, 20)
    cutter.alerted(told(20))
    (cut,) = cutter.see(still(20.2, width_px=32))
    assert {each.width_px for each in cut.stills} == {64}


def test_a_clip_of_nothing_before_begins_with_the_alerts_own_still() -> None:
    cutter = Cutter(0, 5, FPS)
    shown(cutter, 0, 20.1)
    cutter.alerted(told(20.04))
    (cut,) = shown(cutter, 20.1, 30)
    assert times(cut) == (20.0, 25.2)
