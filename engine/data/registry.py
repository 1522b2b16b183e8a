"""Which module reads or makes which dataset. A new dataset adds itself to the LOADERS of its family."""

from __future__ import annotations

from collections.abc import Mapping

from engine.data import bundled, cifar, idx_sets, image_folder, noise, npz, plane, shapeset, table
from engine.data.base import Loader
from engine.parts import is_csv, is_npz

LOADERS: Mapping[str, Loader] = {
    **plane.LOADERS,
    **noise.LOADERS,
    **bundled.LOADERS,
    **idx_sets.LOADERS,
    **cifar.LOADERS,
    **shapeset.LOADERS,
    **image_folder.LOADERS,
}


def loader_for(name: str) -> Loader:
    """The loader of a dataset's name or of a file, as `engine.parts.Data` has let it pass."""
    if name in LOADERS:
        return LOADERS[name]
    if is_csv(name):
        return table.load
    assert is_npz(name), name
    return npz.load
