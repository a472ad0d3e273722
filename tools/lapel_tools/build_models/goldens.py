"""Prints what each network answers to the drawn picture, as models/manifest.toml keeps it, for a model that changed.

python -m lapel_tools.build_models.goldens
"""

from __future__ import annotations

from lapel.infer.golden import figures
from lapel.infer.learned import LEARNED
from lapel.infer.manifest import ModelStore
from lapel.infer.tflite import Model


def goldens(model: Model) -> dict[str, str]:
    """The line of the manifest for each output of a network."""
    return {
        spec.name: f"golden = [{', '.join(f'{mean:.3g}' for mean in means)}]"
        for spec, means in zip(model.outputs, figures(model), strict=True)
    }


if __name__ == "__main__":
    models = ModelStore()
    for name in models.cards.keys() - LEARNED.keys():
        for output, line in goldens(models.open(name)).items():
            print(f"{name}.{output}: {line}")
