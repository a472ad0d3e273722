"""The pins of a board. Knows gpiozero alone, and imports it only where pins are wanted, since that costs 62 ms."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from functools import partial
from tempfile import TemporaryDirectory
from time import sleep
from typing import TYPE_CHECKING

from lapel.alert.body import Body, Switch
from lapel.core.body import Button
from lapel.errors import ConfigError, HardwareError, Refused

if TYPE_CHECKING:
    from gpiozero.pins import Factory

_BOUNCE_S = 0.03


@dataclass(frozen=True, slots=True)
class Wires:
    """Which pin leads to what, by GPIO number; None where nothing is. Outputs are on when high; a button connects its
    pin to ground."""

    light: int
    motor: int | None = None
    buzzer: int | None = None
    yes: int | None = None
    no: int | None = None


@contextmanager
def worn(
    wires: Wires, now_s: Callable[[], float], factory: Factory | None = None, wait: Callable[[float], None] = sleep
) -> Iterator[Body]:
    """A body on the pins of this board, or on those of ``factory``, which are let go afterwards.

    Raises: ConfigError where gpiozero or lgpio is not installed, HardwareError where a pin cannot be had, or a button
    is pressed already; Refused where both are, which says that nothing is to be looked at.
    """
    with ExitStack() as devices:
        if factory is None:
            factory = _board()
            devices.callback(factory.close)
        pins = _Pins(devices, factory)
        light = pins.switch("light", wires.light)
        tellers = (("motor", wires.motor), ("buzzer", wires.buzzer))
        body = Body(light, [pins.switch(name, pin) for name, pin in tellers if pin is not None], now_s, wait)
        devices.callback(body.close)
        buttons = {Button.YES: wires.yes, Button.NO: wires.no}
        pressed = [each for each, pin in buttons.items() if pin is not None and pins.button(each, pin, body.changed)]
        if len(pressed) == len(buttons):  # somebody wants it off, and had not let go when it began to hear
            raise Refused(
                "pins: both buttons are pressed at the start: nothing is looked at; let go, then start it again"
            )
        for each in pressed:
            raise HardwareError(
                f"pins.{each.value}: GPIO {buttons[each]}: pressed at the start; let go, or see to its wire"
            )
        yield body


class _Pins:
    """Devices on pins; what is wrong with one names its part and its pin."""

    def __init__(self, devices: ExitStack, factory: Factory) -> None:
        self._devices, self._factory = devices, factory

    def switch(self, name: str, pin: int) -> Switch:
        """An output, off. Raises: HardwareError, then and whenever it is driven."""
        from gpiozero import DigitalOutputDevice

        with _named(name, pin):
            device = self._devices.enter_context(DigitalOutputDevice(pin, pin_factory=self._factory))

        def turn(is_on: bool) -> None:
            with _named(name, pin):
                device.value = is_on

        return turn

    def button(self, button: Button, pin: int, changed: Callable[[Button, bool], None]) -> bool:
        """An input that tells when it is pressed and let go. Returns whether it is pressed already."""
        from gpiozero import Button as PushButton

        with _named(button.value, pin):
            device = self._devices.enter_context(PushButton(pin, bounce_time=_BOUNCE_S, pin_factory=self._factory))
            device.when_pressed = partial(changed, button, True)
            device.when_released = partial(changed, button, False)
            return bool(device.is_pressed)


@contextmanager
def _named(name: str, pin: int) -> Iterator[None]:
    from gpiozero import GPIOZeroError

    lgpio = sys.modules.get("lgpio")
    passed_on: type[Exception] = lgpio.error if lgpio else GPIOZeroError  # gpiozero does not wrap what lgpio says
    try:
        yield
    except (GPIOZeroError, passed_on) as error:
        raise HardwareError(
            f"pins.{name}: GPIO {pin}: {error}; end what holds it, or name another pin in the profile"
        ) from error


def _board() -> Factory:
    """This board's own pins, by lgpio and by nothing else: gpiozero would try others, one of them over the network."""
    try:
        from gpiozero import GPIOZeroError

        # lgpio makes a pipe in the folder in which it is imported (github.com/gpiozero/gpiozero/issues/1106).
        with TemporaryDirectory() as folder, chdir(folder):
            import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError as error:
        raise ConfigError(f"pins: {error.name} is not installed; pip install 'lapel[gpio]', or name no pins") from error
    try:
        return LGPIOFactory()
    except (GPIOZeroError, lgpio.error) as error:
        raise HardwareError(
            f"pins: this board's cannot be had: {error}; see to /dev/gpiochip0, or name none"
        ) from error
