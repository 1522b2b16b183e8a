from __future__ import annotations

import math
import subprocess
import sys

import pytest

from engine.catalog import DATASETS
from engine.data import load_dataset
from engine.data.registry import LOADERS
from engine.parts import ONLINE, Data


def test_every_dataset_of_the_catalog_has_a_loader_and_no_loader_lacks_its_choice():
    assert set(LOADERS) == set(DATASETS)


FROM_FILES = ("mnist", "fashion_mnist", "cifar10", "image_folder")


@pytest.mark.parametrize("name", [name for name in DATASETS if name not in FROM_FILES])
def test_what_comes_out_is_what_the_catalog_announces(name):
    dataset = load_dataset(Data(name=name))
    inputs, _, outputs = DATASETS[name].formula.partition(" -> ")
    sides = [int(side) for side in inputs.split()[0].split("x")]
    announced = math.prod(sides)
    assert dataset.shape == ((1, *sides) if len(sides) == 2 else (announced,))
    assert dataset.image_shape == (tuple(sides) if len(sides) == 2 else None)
    assert (dataset.stream is not None) == (name in ONLINE)
    assert dataset.name == name
    assert len(dataset.features) == len(set(dataset.features)) == announced
    if dataset.task == "classification":
        assert outputs == f"{len(dataset.classes)} classes"
    else:
        assert (outputs, dataset.classes) == ("1 number", ())
    for part in (dataset.train, dataset.validation, dataset.test):
        assert part.inputs.shape == (len(part), announced)
        assert part.inputs.dtype == "float32"
        assert part.inputs.flags.c_contiguous
        assert part.targets.dtype == ("int64" if dataset.classes else "float64")
        assert len(part) > 0


def test_making_data_and_reading_tables_load_neither_scikit_learn_nor_torch_nor_the_network(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("x,y\n" + "".join(f"{n},{n % 7 + 0.5}\n" for n in range(40)))
    code = (
        "import sys; from engine.data import load_dataset; from engine.parts import Data\n"
        f"for name in ('moons', 'shapeset'): load_dataset(Data(name=name))\n"
        f"load_dataset(Data(name={str(table)!r}, target='y'))\n"
        "print(sorted({'sklearn', 'torch', 'PIL', 'pooch', 'requests', 'scipy'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
