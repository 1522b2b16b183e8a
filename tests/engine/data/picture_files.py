"""Folders of pictures, made and read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from engine.data import load_dataset
from engine.errors import DataError
from engine.parts import Data


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels)).save(path, **options)
    return path


def flat(value, height=12, width=12):
    return np.full((height, width), value, np.uint8)


def load(folder, **settings):
    values = {"scaling": "none", "validation": 0.0, "test": 0.0, "image_size": 8, **settings}
    return load_dataset(Data(name="image_folder", dir=str(folder), **values))


def complaint(folder, **settings):
    with pytest.raises(DataError) as caught:
        load(folder, **settings)
    return str(caught.value)
