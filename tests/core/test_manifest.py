"""A manifest says all it must, in one form, and nothing beyond measure."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from lapel.core.manifest import MOST_PAGES, Manifest, Page, decode_manifest
from lapel.core.updates import Bearer, check_manifest
from lapel.errors import UpdateRefused

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PAGE = Page("ab" * 32, 100)
MANIFEST = Manifest(
    list_id="harbour",
    version=3,
    purpose="stolen crates",
    authority="court",
    model_sha256="cd" * 32,
    created=DAY,
    not_before=DAY,
    expires=DAY + timedelta(days=90),
    groups=("patrol",),
    settled=0,
    entries=2,
    references=2,
    buckets=1,
    pages=(PAGE,),
    keys=(replace(PAGE, first="device/cam-1"),),
    lease_hours=24,
)
BEARER = Bearer("patrol", "cd" * 32, 2)


def changed(**values: object) -> bytes:
    return json.dumps(json.loads(MANIFEST.encoded()) | values).encode()


def why(manifest: Manifest, bearer: Bearer = BEARER, now: datetime = NOW) -> str:
    with pytest.raises(UpdateRefused) as caught:
        check_manifest(manifest, bearer, now)
    assert str(caught.value).startswith("list harbour version 3: ")
    return caught.value.why


def test_a_manifest_comes_back_as_it_was() -> None:
    assert decode_manifest(MANIFEST.encoded(), 100) == MANIFEST


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"[" * 50_000,
        b'{"format":1}',
        changed(format=2),
        changed(lease_hours=-1),
        changed(lease_hours=24 * 91),
        changed(lease_hours=1.5),
        changed(more=1),
        changed(version=-1),
        changed(version=True),
        changed(version=1e300),
        changed(entries=10**12),
        changed(purpose=""),
        changed(purpose="x" * 1001),
        changed(purpose="clear\x1b[2J"),
        changed(expires="never"),
        changed(expires="10000-01-01"),
        changed(groups="patrol"),
        changed(groups=[1]),
        changed(pages=[]),
        changed(pages=[{"sha256": "ab" * 32, "length": 101, "first": ""}]),
        changed(pages=[{"sha256": "../../etc/passwd", "length": 1, "first": ""}]),
        changed(pages=[{"sha256": "ab" * 32, "length": 1, "first": ""}] * (MOST_PAGES + 1)),
        changed(keys=None),
        b'{"format":1,"version":' + b"9" * 5000 + b"}",
    ],
)
def test_a_manifest_that_is_none_or_beyond_measure_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode_manifest(data, 100)


def test_a_list_for_this_device_now_is_taken() -> None:
    check_manifest(MANIFEST, BEARER, NOW)  # does not raise
    check_manifest(MANIFEST, replace(BEARER, version=3), NOW)
    assert why(MANIFEST, replace(BEARER, version=4)) == "rollback"


def test_an_older_version_is_refused() -> None:
    assert why(MANIFEST, replace(BEARER, version=4)) == "rollback"


def test_a_list_for_other_devices_is_refused() -> None:
    assert why(replace(MANIFEST, groups=("harbour", "rail"))) == "group"


def test_a_list_made_by_other_models_is_refused_unless_it_lists_codes_alone() -> None:
    other = replace(MANIFEST, model_sha256="ef" * 32)
    assert why(other) == "model"
    check_manifest(replace(other, references=0), BEARER, NOW)


def test_a_list_is_good_on_its_last_day_and_not_after() -> None:
    last = datetime(2026, 5, 30, 23, 59, tzinfo=UTC)
    check_manifest(MANIFEST, BEARER, last)
    assert why(MANIFEST, now=last + timedelta(minutes=1)) == "expired"


def test_a_list_is_not_good_before_its_first_day() -> None:
    later = replace(MANIFEST, not_before=date(2026, 3, 11))
    assert why(later) == "early"
    check_manifest(later, BEARER, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    "dates",
    [
        {"created": date(1, 1, 1)},
        {"created": date(2026, 3, 11), "not_before": date(2026, 3, 11)},
        {"expires": date(2026, 2, 1)},
        {"expires": DAY + timedelta(days=366)},
        {"expires": date(9999, 12, 31)},
        {"not_before": date(2026, 2, 1)},
        {"not_before": date(2027, 2, 1)},
    ],
    ids=str,
)
def test_absurd_dates_are_refused(dates: dict[str, date]) -> None:
    assert why(replace(MANIFEST, **dates)) == "dates"  # type: ignore[arg-type]
