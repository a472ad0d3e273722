"""The officer's page fits beside the watch on a small board."""

from lapel.wiring.bench_companion import measure_companion

MOST_MIB = 35


def test_the_companion_takes_at_most_35_mib() -> None:
    figures = measure_companion()
    assert 0 < figures.rss_mib <= figures.peak_rss_mib <= MOST_MIB
