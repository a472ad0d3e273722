"""The committed models: which files there are, and that each is the file that was committed."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from lapel.core.gallery import made_by
from lapel.errors import ConfigError, Tampered, UsageError
from lapel.infer.tflite import Model, OpenFile, Runtime

_BESIDE_THE_CHECKOUT = Path(__file__).parents[3] / "models"
_INSIDE_THE_WHEEL = Path(__file__).parents[1] / "models"


def models_folder() -> Path:
    """Where the committed models lie: inside the wheel, or in the checkout that is being worked on."""
    return _INSIDE_THE_WHEEL if (_INSIDE_THE_WHEEL / "manifest.toml").is_file() else _BESIDE_THE_CHECKOUT


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One table of manifest.toml, as far as the device needs it."""

    name: str
    file: str
    sha256: str
    labels: tuple[str, ...]
    signs_file: str = ""
    signs_sha256: str = ""
    golden: tuple[tuple[float, ...], ...] = ()
    """What each output answers to the drawn picture; see ``infer.golden``."""

    def classes_of(self, names: Iterable[str]) -> tuple[int, ...]:
        """Which classes bear these labels, in lower case. Raises: ValueError for one that it does not know."""
        labels = [label.lower() for label in self.labels]
        return tuple(labels.index(name) for name in names)


class ModelStore:
    """Opens committed models by name, and refuses a file that differs from its entry in the manifest.

    Raises: UsageError where the folder has no manifest, ConfigError where it is malformed, Tampered.
    """

    def __init__(
        self,
        folder: Path | None = None,
        runtime: Runtime = Runtime.LITERT,
        delegate: str | None = None,
        threads: int = 1,
    ) -> None:
        self.folder = folder or models_folder()
        self._settings = (runtime, delegate, threads)
        self.cards = _read(self.folder / "manifest.toml")
        self._opened: WeakValueDictionary[str, Model] = WeakValueDictionary()

    def card(self, name: str) -> ModelCard:
        """What the manifest says of a model."""
        if name not in self.cards:
            raise ConfigError(f"{self.folder / 'manifest.toml'}: no model {name!r}; there are {', '.join(self.cards)}")
        return self.cards[name]

    @property
    def descriptor_sha256(self) -> str:
        """Names what makes descriptors: the network and the map that reduces what it gives."""
        return made_by(self.card("descriptor").sha256, self.card("reduction").sha256)

    @property
    def describing_sha256(self) -> str:
        """Names all that describes a picture; a watchlist is refused where another name made it."""
        return made_by(self.descriptor_sha256, self.card("local").sha256)

    def content(self, name: str) -> bytes:
        """The bytes of a model's file, checked against its sha256."""
        card = self.card(name)
        return self._checked(card.file, card.sha256)

    def signs(self, name: str) -> str:
        """The characters of a reader of text, in the order of its outputs from 1 on."""
        card = self.card(name)
        lines = self._checked(card.signs_file, card.signs_sha256).decode("ascii")
        return "".join(line[:1] for line in lines.splitlines())

    def _checked(self, file: str, sha256: str) -> bytes:
        with self._open(file) as opened:
            content = opened.read()
        self._check(file, sha256, hashlib.sha256(content).hexdigest())
        return content

    def _mapped(self, card: ModelCard) -> OpenFile:
        """The file, to be mapped: its weights stay the kernel's to drop, since runtimes keep a copy of their own."""
        with self._open(card.file) as opened:
            self._check(card.file, card.sha256, hashlib.file_digest(opened, "sha256").hexdigest())
            return OpenFile(os.dup(opened.fileno()))

    def _open(self, file: str) -> BufferedReader:
        path = self.folder / file
        try:
            return path.open("rb")
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror}; restore it, or run tools/build-models") from error

    def _check(self, file: str, sha256: str, found: str) -> None:
        if found != sha256:
            raise Tampered(
                f"{self.folder / file}: sha256 is {found[:12]}…, the manifest says {sha256[:12]}…; "
                "restore the committed file, or run tools/build-models"
            )

    @property
    def can_resize(self) -> bool:
        """Whether a model's input may be given another size: tflite-runtime and compiled models refuse."""
        runtime, delegate, _ = self._settings
        return runtime is Runtime.LITERT and delegate is None

    def open(self, name: str) -> Model:
        """A model for this store's runtime, loaded once while anybody has it.

        Raises: Tampered, ConfigError, DelegateError.
        """
        runtime, delegate, threads = self._settings
        card = self.card(name)
        model = self._opened.get(name)
        if model is None:
            model = self._opened[name] = Model(self._mapped(card), card.sha256, runtime, delegate, threads)
        return model


def _read(path: Path) -> dict[str, ModelCard]:
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; models belong in this folder, see README") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    try:
        return {
            name: ModelCard(
                name,
                str(table["file"]),
                str(table["sha256"]),
                tuple(table.get("labels", ())),
                str(table.get("labels_file", "")),
                str(table.get("labels_sha256", "")),
                tuple(tuple(output["golden"]) for output in table.get("outputs", ()) if "golden" in output),
            )
            for name, table in tables.items()
            if isinstance(table, dict)
        }
    except KeyError as error:
        raise ConfigError(f"{path}: a model without {error}") from error
