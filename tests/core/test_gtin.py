"""GTIN and ISBN in the forms in which they are printed."""

import pytest

from lapel.core.gtin import canonical, is_valid, why_wrong


@pytest.mark.parametrize("digits", ["96385074", "036000291452", "4006381333931", "10012345678902"])
def test_published_gtins_have_their_check_digit(digits: str) -> None:
    assert is_valid(digits)


@pytest.mark.parametrize("digits", ["96385075", "４００６３８１３３３９３１", "400638133393", "", "40063813339ab"])
def test_other_strings_have_no_gtin_check_digit(digits: str) -> None:
    assert not is_valid(digits)


@pytest.mark.parametrize(
    ("printed", "compared"),
    [
        ("036000291452", "0036000291452"),
        ("0 36000 29145 2", "0036000291452"),
        ("0036000291452", "0036000291452"),
        ("4 006381 333931", "4006381333931"),
        ("04006381333931", "4006381333931"),
        ("10012345678902", "10012345678902"),
        ("9638 5074", "96385074"),
        ("978-3-16-148410-0", "9783161484100"),
        ("978–3–16–148410–0", "9783161484100"),  # what word processors make of dashes
        ("ISBN 978-3-16-148410-0", "9783161484100"),
        ("ISBN-10: 3-16-148410-X", "9783161484100"),
        ("ISBN 10 0306406152", "9780306406157"),
        ("ISBN10: 0306406152", "9780306406157"),
        ("ISBN13 9780306406157", "9780306406157"),
        ("316148410x", "9783161484100"),
        ("0-8044-2957-X", "9780804429573"),
    ],
)
def test_printed_forms_of_a_number_are_alike(printed: str, compared: str) -> None:
    assert canonical(printed) == compared
    assert canonical(compared) == compared
    assert why_wrong(printed) is None


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("04252614", "0042100005264"),  # the second of two examples of GS1's, by each of the four rules one
        ("01234531", "0012300000451"),
        ("01234543", "0012340000053"),
        ("01234565", "0012345000065"),
    ],
)
def test_eight_digits_that_are_a_upc_e_are_what_it_stands_for(short: str, long: str) -> None:
    assert is_valid(long)
    assert canonical(short) == long


@pytest.mark.parametrize(
    "text",
    ["WTU 123456", "8841-C-2019-77", "33/1203", "1234567890", "555-010-1234", "", "4006381", "00412345", "88412019"],
)
def test_what_is_not_built_like_a_number_is_none_and_not_a_wrong_one(text: str) -> None:
    assert canonical(text) is None
    assert why_wrong(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("4006381333932", "a GTIN whose check digit should be 1"),
        ("4 006381 333932", "a GTIN whose check digit should be 1"),
        ("036000291453", "a GTIN whose check digit should be 2"),
        ("978-3-16-148410-1", "an ISBN whose check digit should be 0"),
        ("3-16-148410-0", "an ISBN whose check digit should be X"),
        ("ISBN 3161484100", "an ISBN whose check digit should be X"),
        ("ISBN 978-3-16", "an ISBN of neither 10 nor 13 digits"),
    ],
)
def test_a_number_with_a_wrong_check_digit_says_the_right_one(text: str, why: str) -> None:
    assert canonical(text) is None
    assert why_wrong(text) == why
