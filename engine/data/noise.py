"""Inputs of which everything is known: independent normal numbers, with classes that have nothing to do with them.

What a network does to signal and gradient at its first weights can be worked out for them and compared with published figures; of
the classes nothing can be learned but by heart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.data.base import Loader, Progress, Source, already_numbers
from engine.data.chance import generator
from engine.parts import Data

CLASSES = 10


def noise(settings: Data, _progress: Progress) -> Source:
    """`samples` examples of `inputs` numbers from N(0, 1), which stay as they are; the classes by turns, so all equally often."""
    values = generator(settings.seed, "samples").standard_normal((settings.samples, settings.inputs), np.float32)
    return Source(
        task="classification",
        encode=already_numbers(values, tuple(f"x{number}" for number in range(1, settings.inputs + 1))),
        targets=np.arange(settings.samples) % CLASSES,
        classes=tuple(str(label) for label in range(CLASSES)),
        usual_scaling="none",
    )


LOADERS: Mapping[str, Loader] = {"noise": noise}
