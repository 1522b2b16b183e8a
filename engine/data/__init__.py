"""Data: read or made, split, scaled. Everything is NumPy; no torch is loaded."""

from engine.data.base import Dataset, Examples, Progress
from engine.data.load import load_dataset

__all__ = ["Dataset", "Examples", "Progress", "load_dataset"]
