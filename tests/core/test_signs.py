"""The codes of signs of dangerous goods."""

import pytest

from lapel.core.codes import EveryCode, ListedCodes, has_signs, parse_barcode, why_unlistable, written_kinds
from lapel.core.signs import SYMBOLS, code_of, is_valid


@pytest.mark.parametrize("symbol", sorted(SYMBOLS))
def test_every_symbol_has_a_code_that_may_be_listed(symbol: str) -> None:
    assert is_valid(code_of(symbol))
    assert why_unlistable(code_of(symbol)) is None


def test_a_sign_that_there_is_not_cannot_be_listed() -> None:
    assert "flame-over-circle" in str(why_unlistable("sign:unicorn"))
    with pytest.raises(ValueError, match="unicorn"):
        code_of("unicorn")


def test_a_barcode_that_holds_a_sign_s_code_is_none() -> None:
    assert parse_barcode("sign:flame", is_retail=False, listed=ListedCodes(["sign:flame"])) is None
    assert parse_barcode("sign:flame", is_retail=False, listed=EveryCode()) is None


def test_signs_ask_for_a_reader_of_signs_and_for_none_of_text() -> None:
    assert has_signs(["WTU123456", "sign:flame"])
    assert not has_signs(["WTU123456", "33/1203"])
    assert written_kinds(["sign:flame"]) == frozenset()
