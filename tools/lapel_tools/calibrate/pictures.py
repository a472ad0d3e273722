"""Pictures of what is on nobody's list, out of pinned packages: distractors that look like the world.

No person is in any of them. They are fetched by whoever calibrates, and are not part of this repository.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from lapel.store.atomic import write_whole
from lapel_tools.build_models.pins import SCIKIT_IMAGE, SCIKIT_LEARN, SourceFile
from lapel_tools.build_models.sources import read

PICTURES = tuple(
    SourceFile(package, path, sha256)
    for package, path, sha256 in (
        (SCIKIT_IMAGE, "skimage/data/brick.png", "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf"),
        (SCIKIT_IMAGE, "skimage/data/chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
        (
            SCIKIT_IMAGE,
            "skimage/data/clock_motion.png",
            "f029226b28b642e80113d86622e9b215ee067a0966feaf5e60604a1e05733955",
        ),
        (SCIKIT_IMAGE, "skimage/data/coffee.png", "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7"),
        (SCIKIT_IMAGE, "skimage/data/coins.png", "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba"),
        (SCIKIT_IMAGE, "skimage/data/grass.png", "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89"),
        (SCIKIT_IMAGE, "skimage/data/gravel.png", "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12"),
        (SCIKIT_IMAGE, "skimage/data/horse.png", "c7fb60789fe394c485f842291ea3b21e50d140f39d6dcb5fb9917cc178225455"),
        (SCIKIT_IMAGE, "skimage/data/moon.png", "78739619d11f7eb9c165bb5d2efd4772cee557812ec847532dbb1d92ef71f577"),
        (
            SCIKIT_IMAGE,
            "skimage/data/motorcycle_left.png",
            "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
        ),
        (SCIKIT_IMAGE, "skimage/data/page.png", "341a6f0a61557662b02734a9b6e56ec33a915b2c41886b97509dedf2a43b47a3"),
        (SCIKIT_IMAGE, "skimage/data/rocket.jpg", "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c"),
        (SCIKIT_IMAGE, "skimage/data/text.png", "bd84aa3a6e3c9887850d45d606c96b2e59433fbef50338570b63c319e668e6d1"),
        (
            SCIKIT_LEARN,
            "sklearn/datasets/images/china.jpg",
            "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        ),
        (
            SCIKIT_LEARN,
            "sklearn/datasets/images/flower.jpg",
            "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        ),
    )
)


def fetch_pictures(folder: Path, cache: Path) -> tuple[Path, ...]:
    """Write the pictures into a folder; their packages are fetched into ``cache``. Raises: SourceError, StoreError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for source in PICTURES:
        path = folder / PurePosixPath(source.path).name
        write_whole(path, [read(source, cache)])
        written.append(path)
    return tuple(written)
