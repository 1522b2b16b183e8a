"""What a training does not load: it would take longer than many a training."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRAIN = """
import sys
from engine import train
from engine.events import Finished
from engine.experiment import Experiment

experiment = Experiment.parse({"data": {"name": "digits"}, "optimizer": sys.argv[1], "steps": 3, "epochs": None, "device": "cpu", "threads": 1})
*_, last = train([experiment])
assert isinstance(last, Finished)
print(sorted({"torch._dynamo", "sympy", "sklearn", "scipy"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_neither_a_compiler_nor_scikit_learn(optimizer):
    done = subprocess.run([sys.executable, "-c", TRAIN, optimizer], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
