"""What a broker's answer to a record means."""

import pytest

from lapel.errors import BrokerRefused, BrokerUnreachable, LapelError
from lapel.link.refusals import StationSilent, check_answer


@pytest.mark.parametrize(
    ("reason", "error", "said"),
    [
        (0x10, StationSilent, "no station listens on lapel/depot/cam-1/events; records wait"),
        (0x87, BrokerRefused, "is cam-1 the common name of its certificate?"),
        (0x97, BrokerUnreachable, "takes no more of this device for now"),
        (0x99, BrokerRefused, "0x99: it is not what it says it is; records wait"),
        (0x80, BrokerRefused, "0x80: see the broker's log"),
    ],
)
def test_an_answer_that_is_no_yes_says_what_to_do(reason: int, error: type[LapelError], said: str) -> None:
    with pytest.raises(error, match=said.replace("?", r"\?")):
        check_answer(reason, "lapel/depot/cam-1/events", "cam-1")


def test_a_yes_is_silent() -> None:
    check_answer(0, "lapel/depot/cam-1/events", "cam-1")
