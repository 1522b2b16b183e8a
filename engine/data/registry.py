"""Which module reads or makes which dataset. A new dataset adds itself to the LOADERS of its family."""

from __future__ import annotations

from collections.abc import Mapping

from engine.data import bundled, idx_sets, plane, table
from engine.data.base import Loader
from engine.parts import is_csv

LOADERS: Mapping[str, Loader] = {**plane.LOADERS, **bundled.LOADERS, **idx_sets.LOADERS}


def loader_for(name: str) -> Loader:
    """The loader of a dataset's name or a CSV file's path, as `engine.experiment.Data` has let it pass."""
    return table.load if is_csv(name) and name not in LOADERS else LOADERS[name]
