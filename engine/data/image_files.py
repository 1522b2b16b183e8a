"""Pictures in files as arrays of one size."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

if TYPE_CHECKING:
    from PIL import Image

Colour = Literal["grey", "rgb"]

_NOT_READ = frozenset({"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"})
"""Formats that Pillow knows by name, but reads through other programs or not at all."""

_DRAFT = 2  # a JPEG file is decoded at the smallest of its sizes that is so many times the one wanted


@cache
def suffixes() -> frozenset[str]:
    """The endings of file names that announce a picture, such as `.png`."""
    from PIL import Image

    return frozenset(suffix for suffix, kind in Image.registered_extensions().items() if kind in _formats())


@cache
def _formats() -> tuple[str, ...]:
    from PIL import Image

    Image.init()
    return tuple(sorted(set(Image.OPEN) - _NOT_READ))


def read_pictures(paths: list[Path], size: int, colour: Colour, told: Callable[[int], None]) -> NDArray[np.uint8]:
    """The pictures [N, channels * size * size], 0 to 255, channel by channel.

    Each is cut to the square in its middle, and resized with anti-aliasing (bicubic). What is transparent is white.

    Args:
        paths: of the files.
        size: height and width.
        colour: one channel or three.
        told: called with the number of pictures that are done, now and then.

    Raises:
        DataError: naming the file that cannot be read.
    """
    channels = 1 if colour == "grey" else 3
    pictures = np.empty((len(paths), channels, size, size), np.uint8)
    with _quiet():
        for number, path in enumerate(paths):
            pixels = _read(path, size, colour)
            pictures[number] = pixels.reshape(size, size, channels).transpose(2, 0, 1)
            if number % 100 == 0:
                told(number)
    return pictures.reshape(len(paths), -1)


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow's warnings about odd files are not for the screen; that a picture is too large is an error."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _read(path: Path, size: int, colour: Colour) -> NDArray[np.uint8]:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path, formats=_formats()) as image:
            image.draft("L" if colour == "grey" else "RGB", (_DRAFT * size, _DRAFT * size))
            upright = ImageOps.exif_transpose(_of_8_bits(image))
            plain = _opaque(upright).convert("L" if colour == "grey" else "RGB")
            return np.asarray(ImageOps.fit(plain, (size, size), Image.Resampling.BICUBIC))
    except UnidentifiedImageError:
        raise DataError(
            f"{path}: not a picture, whatever its name says, or one that is damaged; remove it or get it again"
        ) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        most = Image.MAX_IMAGE_PIXELS or 0
        raise DataError(
            f"{path}: more than {most:,} pixels, which no picture should have; make it smaller or remove it"
        ) from None
    except Exception as error:  # a damaged file can raise anything, and what cannot be read at all an OSError
        said = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        raise DataError(f"{path}: a damaged picture, or one that cannot be read ({said}); remove it or get it again") from None


def _of_8_bits(image: Image.Image) -> Image.Image:
    """Pictures of 16 bits a pixel are divided by 256; Pillow would cut them off at 255."""
    from PIL import Image

    if not image.mode.startswith("I"):
        return image
    values = np.asarray(image).astype(np.float64)
    return Image.fromarray((values / 256).clip(0, 255).astype(np.uint8))


def _opaque(image: Image.Image) -> Image.Image:
    """The picture on white, where it is transparent."""
    from PIL import Image

    if not image.has_transparency_data:
        return image
    on_white = Image.new("RGBA", image.size, "white")
    on_white.alpha_composite(image.convert("RGBA"))
    return on_white
