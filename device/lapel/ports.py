"""The edges of Lapel as Protocols: each has an adapter over a real part and a double, and both pass one suite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lapel.core.agreement import Agreement
from lapel.core.codes import Code
from lapel.core.geometry import Box
from lapel.core.records import Event, Head, Record
from lapel.core.things import Features, Frame, Geometry, Hit, Match, Pixels, Reference, Scene, Sighting


class Eye(Protocol):
    """Delivers redacted frames: faces are gone before a Frame exists."""

    def frames(self) -> Iterator[Frame]:
        """Frames until the source ends. Raises: MediaError, CameraLost."""
        ...


class Finder(Protocol):
    """Finds areas that must be destroyed. It is the only kind of model that sees raw pixels."""

    def find(self, pixels: Pixels) -> tuple[Box, ...]:
        """Areas of faces, heads or plates in RGB u8[h, w, 3], grown to what is to be destroyed, unclipped."""
        ...


class Detector(Protocol):
    """Finds things in a redacted frame, and counts people."""

    def detect(self, frame: Frame) -> Scene:
        """Things with boxes inside the frame; people as a number."""
        ...


class Embedder(Protocol):
    """Describes a picture of a thing by one vector."""

    @property
    def model_sha256(self) -> str:
        """The models that make the vectors, in hexadecimal: vectors of two models are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a descriptor."""
        ...

    def describe(self, pixels: Pixels) -> NDArray[np.float32]:
        """Descriptors f32[k, d] with unit rows, one a crop of RGB u8[h, w, 3] with h, w >= 16."""
        ...


class LocalFeatures(Protocol):
    """Describes a picture by many small, placed features, and compares two such descriptions."""

    @property
    def model_sha256(self) -> str:
        """What codes and aggregates the features, in hexadecimal: those of two models are never compared."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of an aggregate."""
        ...

    def extract(self, pixels: Pixels, outline: NDArray[np.bool_] | None = None) -> Features:
        """Features of RGB u8[h, w, 3], only those inside ``outline`` bool[h, w] when it is given."""
        ...

    def aggregate(self, features: Features) -> NDArray[np.float32]:
        """What the features look like together, f32[1, d], a unit row; f32[0, d] where they are too few."""
        ...

    def verify(self, sighting: Features, reference: Features) -> Geometry | None:
        """How the reference lies on the sighting; None where no motion explains enough of it."""
        ...

    def resemblance(self, sighting: Pixels, picture: bytes, reference: Features, geometry: Geometry) -> float:
        """How alike sighting RGB u8[h, w, 3] and reference, whose JPEG is ``picture``, are on each other, 0..1."""
        ...

    def agreeing(self, sighting: Features, reference: Features) -> NDArray[np.bool_]:
        """Which of the reference's features lie on the sighting in one motion, bool[n]."""
        ...


class Prints(Protocol):
    """Compares what is printed on two things, where local features lose it: small, blurred, at a slant."""

    def describe(self, pixels: Pixels) -> Features:
        """Corners of RGB u8[h, w, 3] and their descriptions, only ever compared with those of the same port."""
        ...

    def middle(self, pixels: Pixels) -> Features:
        """Corners of the middle, from near: their places are the whole's, width and height the middle's."""
        ...

    def agreement(self, sighting: Pixels, seen: Features, picture: bytes) -> Agreement | None:
        """What of a reference, JPEG ``picture``, lies on sighting RGB u8[h, w, 3] that ``seen`` describes; or None."""
        ...

    def closer(self, sighting: Pixels, reference: Reference, motion: NDArray[np.float64]) -> Agreement | None:
        """The same, the sighting laid straight: ``motion`` f64[3, 3] takes the reference, as one wide, to it."""
        ...

    def rest(self) -> None:
        """Give back the memory that only describing needs: nothing is to be described for a while."""
        ...


class SearchEngine(Protocol):
    """Exact search of a gallery of descriptors. Reading rows of a sealed one may raise RowsTampered, or StoreError."""

    def shortlist(self, queries: NDArray[np.float32], count: int) -> NDArray[np.intp]:
        """Rows of the gallery, best first: i[<= count], by the best cosine over queries f32[k, d] of unit length."""
        ...

    def similarities(self, queries: NDArray[np.float32], rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Best cosine over the queries, f32[len(rows)], rescored at the stored precision."""
        ...

    def leave_out(self, rows: NDArray[np.intp]) -> None:
        """Name these rows no more: what is kept of them cannot be trusted."""
        ...


class CodeReader(Protocol):
    """Reads codes in a frame, and discards where it read them whatever is no allowed code."""

    def read(self, frame: Frame) -> tuple[Code, ...]:
        """GTINs, ISBNs, listed serials, and numbers of containers and orange panels, each once."""
        ...


class Watchlist(Protocol):
    """What is looked for, how much a sighting looks like it, and how much is asked for."""

    def candidates(self, sighting: Sighting, count: int) -> tuple[Match, ...]:
        """What a sighting may be, best first, at most one row an entry; the evidence of its looks decides."""
        ...

    def threshold(self, entry_id: str) -> float:
        """What multiplies the evidence that is needed for an entry."""
        ...

    def hit(self, match: Match, sighting: Sighting) -> Hit:
        """The hit that a match becomes once it was decided on."""
        ...

    def read(self, frame: Frame, reader: CodeReader) -> tuple[Hit, ...]:
        """Hits of listed codes that can be read in a frame whose people are masked."""
        ...


class Journal(Protocol):
    """Keeps records durably, in order, tamper-evidently."""

    def append(self, event: Event) -> Record:
        """Keep an event; when this returns it survives a power cut. Raises: StoreError, Tampered."""
        ...

    def head(self) -> Head:
        """The head of the chain over everything kept."""
        ...

    def after(self, sequence: int, limit: int) -> Sequence[Record]:
        """Records with a sequence above ``sequence``, oldest first: the unsent tail."""
        ...


class Alerter(Protocol):
    """Tells the officer."""

    def alert(self, hit: Hit, record: Record | None) -> None:
        """Show a possible match. ``record`` is None when it could not be kept: say so. Must not raise."""
        ...

    def notice(self, text: str) -> None:
        """Show a line about the appliance itself (camera lost, store broken). Must not raise."""
        ...


class Clips(Protocol):
    """Keeps what was seen around an alert, and nothing where there was none."""

    def see(self, scene: Scene, at_s: float) -> None:
        """Hold a scene in memory for some seconds: its canvas, on which people are masked. Must not raise."""
        ...

    def alerted(self, hit: Hit, record: Record) -> None:
        """Keep what is held, and what comes within some seconds. Must neither raise nor take long."""
        ...


class KeyProvider(Protocol):
    """Holds the device's secret and gives keys made from it."""

    def derive(self, purpose: str, salt: bytes) -> bytes:
        """32 bytes for one purpose ('journal', 'watchlist', …) and salt. Raises: WrongKey, ConfigError."""
        ...


class Clock(Protocol):
    """Time, which the inside never asks the system for."""

    def wall_ns(self) -> int:
        """Nanoseconds since 1970, UTC; may jump."""
        ...

    def monotonic_ns(self) -> int:
        """Nanoseconds since the machine started; never goes back."""
        ...

    def boot_id(self) -> str:
        """Names the machine's current boot, so that monotonic times of two boots are never compared."""
        ...

    def today(self) -> date:
        """The UTC date."""
        ...


class Health(Protocol):
    """Hears that the loop is alive, and how long its stages take."""

    def beat(self, frame: Frame) -> None:
        """A frame was looked at completely. No beat, and the appliance is restarted."""
        ...

    def spent(self, stage: str, seconds: float) -> None:
        """A stage of the loop took that long."""
        ...

    def awaiting(self, is_lost: bool) -> None:
        """The loop is alive, and waits: for a lost camera, or for a frame that is not too late. No restart helps."""
        ...

    def raw_wiped(self, age_s: float) -> None:
        """An unblurred picture was overwritten so long after its source delivered it. Called from any thread."""
        ...
