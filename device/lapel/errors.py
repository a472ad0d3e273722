"""What can go wrong, grouped by who must act.

Each class also inherits the natural builtin, so that a caller who knows only Python catches it too.
Messages name the thing, the value and the remedy. ``exit_code`` is what a command exits with.
"""


class LapelError(Exception):
    """Anything that Lapel itself raises."""

    exit_code = 1


class UsageError(LapelError, ValueError):
    """The person at the command line must act: a wrong argument, a file that is not what it should be."""

    exit_code = 2


class MediaError(UsageError):
    """A picture or video is missing, empty, truncated, of no known format, or of an absurd size."""


class ConfigError(LapelError, ValueError):
    """The administrator must act: a profile or site file says something it must not."""

    exit_code = 3


class HardwareError(LapelError, OSError):
    """The machine must be looked after: camera, disk, accelerator, network."""

    exit_code = 4


class CameraLost(HardwareError):
    """A camera was unplugged or a stream was cut."""


class DelegateError(HardwareError):
    """An accelerator's delegate could not be loaded."""


class StoreError(HardwareError):
    """The journal or a file could not be read or written."""


class StoreLocked(StoreError):
    """Another process holds the store."""


class StoreFull(StoreError):
    """The disk, or the store's quota, is full."""


class DeviceLocked(StoreError):
    """Nobody has given the device's passphrase since its lookout started."""


class BrokerUnreachable(HardwareError, ConnectionError):
    """The broker is absent or does not answer."""


class Refused(LapelError, PermissionError):
    """Lapel does not trust what it was given, and takes nothing from it."""

    exit_code = 5


class Tampered(Refused):
    """A sealed file, model or record is not what was written."""


class RowsTampered(Tampered):
    """Rows of a sealed list are not what was written; ``rows`` are their numbers, and others can be read."""

    def __init__(self, rows: tuple[int, ...], message: str) -> None:
        super().__init__(message)
        self.rows = rows


class WrongKey(Refused):
    """The key does not open the file."""


class ForeignModel(Refused):
    """Descriptors were made by another model than the one that is loaded."""


class UpdateRefused(Refused):
    """Something published by the authority is not trusted, or not for this device.

    ``why`` is one word for a machine, a value of core.updates.Why.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class EnrolmentRefused(Refused):
    """A picture or an entry must not, or cannot usefully, go on a watchlist."""


class BrokerRefused(Refused, ConnectionError):
    """The broker refuses this device, or is not the broker it should be."""


class NetworkForbidden(Refused):
    """Something in the lookout tried to reach the network."""


class CropTooSmall(LapelError, ValueError):
    """A picture has too few pixels for what is asked of it."""


class CannotRedact(LapelError, RuntimeError):
    """Faces could not be looked for in a picture; nothing of it may be used."""
