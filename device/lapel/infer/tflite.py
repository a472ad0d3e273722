"""The TFLite runtime behind one seam: the only module that imports it.

Two runtimes fit: ``ai-edge-litert`` (maintained, the default) and ``tflite-runtime`` 2.14 (Python 3.11 boards
with a Coral delegate). Nothing falls back in silence: what the profile names is what runs.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lapel.errors import ConfigError, DelegateError, Tampered

Tensor = NDArray[Any]


class Runtime(Enum):
    """A package that runs .tflite files; the value is its name on the package index."""

    LITERT = "ai-edge-litert"
    TFLITE = "tflite-runtime"


_MODULES = {Runtime.LITERT: "ai_edge_litert.interpreter", Runtime.TFLITE: "tflite_runtime.interpreter"}


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """What goes into or comes out of a model. ``real = (stored - zero_point) * scale``; scale 0 means unquantised."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scale: float
    zero_point: int

    def real(self, stored: Tensor) -> NDArray[np.float32]:
        """Stored values as real numbers."""
        if self.scale == 0:
            return stored.astype(np.float32, copy=False)
        return np.asarray((stored.astype(np.float32) - np.float32(self.zero_point)) * np.float32(self.scale))

    def stored(self, real: NDArray[np.float32]) -> Tensor:
        """Real numbers as the model stores them, saturated."""
        if self.scale == 0:
            return real.astype(self.dtype, copy=False)
        limits = np.iinfo(self.dtype)
        steps = np.clip(np.rint(real / self.scale) + self.zero_point, limits.min, limits.max)
        return np.asarray(steps, self.dtype)


_GREETING = b"INFO: Created TensorFlow Lite"


@contextmanager
def _without_greeting() -> Iterator[None]:
    """Keep the runtime's greeting off standard error, and nothing else: no setting of the runtime does it."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            said.seek(0)
            for line in said:
                if not line.startswith(_GREETING):
                    os.write(2, line)


def _interpreter_module(runtime: Runtime) -> Any:
    try:
        return importlib.import_module(_MODULES[runtime])
    except ImportError as error:
        raise ConfigError(
            f"models.runtime: {runtime.value} is not installed ({error}); set models.runtime to the one that is, or "
            f"install what tools/build-deb --runtime {runtime.value} makes: one environment cannot hold both"
        ) from error


def _delegates(module: Any, library: str | None) -> list[Any]:
    if library is None:
        return []
    try:
        ctypes.CDLL(library)  # first by ourselves: the runtime's half-made delegate complains on the terminal
        return [module.load_delegate(library)]
    except (OSError, ValueError, RuntimeError) as error:
        raise DelegateError(
            f"models.delegate: {library} could not be loaded ({str(error).strip() or 'no reason given'}); "
            "attach the accelerator and install its library, or use the CPU profile (pi-4.toml)"
        ) from error


class OpenFile:
    """An open file, whatever takes its name meanwhile: the runtime maps what was checked, and holds no copy of it."""

    def __init__(self, descriptor: int) -> None:
        self.path = Path(f"/proc/self/fd/{descriptor}")
        weakref.finalize(self, os.close, descriptor)


class Model:
    """A loaded network. Threads that run it wait for each other; ``answer`` is for one thread alone.

    ``content`` is the file's bytes, or a file that the runtime maps.
    Raises at construction: Tampered when the bytes are no model, ConfigError, DelegateError.
    """

    def __init__(
        self,
        content: bytes | OpenFile,
        sha256: str,
        runtime: Runtime = Runtime.LITERT,
        delegate: str | None = None,
        threads: int = 1,
        input_shape: tuple[int, ...] | None = None,
    ) -> None:
        self.sha256 = sha256
        self._content = content
        self._settings = (runtime, delegate, threads)
        self._one_at_a_time = threading.Lock()
        module = _interpreter_module(runtime)
        delegates = _delegates(module, delegate)
        given = {"model_path": str(content.path)} if isinstance(content, OpenFile) else {"model_content": content}
        try:
            with _without_greeting():
                self._interpreter = module.Interpreter(**given, num_threads=threads, experimental_delegates=delegates)
                if input_shape is not None:
                    index = self._interpreter.get_input_details()[0]["index"]
                    self._interpreter.resize_tensor_input(index, input_shape)
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise Tampered(f"model {sha256[:12]}: {runtime.value} cannot load it ({error})") from error
        self._input_index, self.input = _spec(self._interpreter.get_input_details()[0])
        specs = [_spec(detail) for detail in self._interpreter.get_output_details()]
        self._output_indices = [index for index, _ in specs]
        self.outputs = tuple(spec for _, spec in specs)

    def invoke(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """Run the network once on a tensor of the input's dtype and shape; outputs as stored, each a copy."""
        with self._one_at_a_time:
            self._interpreter.set_tensor(self._input_index, tensor)
            self._interpreter.invoke()
            return tuple(self._interpreter.get_tensor(index) for index in self._output_indices)

    def answer(self, tensor: Tensor) -> Tensor:
        """Run the network once; its only output where the runtime keeps it, to be let go of before the next run."""
        self._interpreter.set_tensor(self._input_index, tensor)
        self._interpreter.invoke()
        shown: Tensor = self._interpreter.tensor(self._output_indices[0])()
        return shown

    def resized(self, input_shape: tuple[int, ...]) -> Model | None:
        """The same network, fully convolutional, for pictures of another size; None where the runtime cannot.

        LiteRT's own kernels cannot, which it falls back to where XNNPACK does not know the processor.
        """
        runtime, delegate, threads = self._settings
        try:
            return Model(self._content, self.sha256, runtime, delegate, threads, input_shape)
        except Tampered:
            return None


def _spec(detail: dict[str, Any]) -> tuple[int, TensorSpec]:
    scale, zero_point = detail["quantization"]
    shape = tuple(int(side) for side in detail["shape"])
    return detail["index"], TensorSpec(detail["name"], shape, np.dtype(detail["dtype"]), float(scale), int(zero_point))
