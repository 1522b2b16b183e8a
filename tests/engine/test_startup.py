"""What a training does not load: it would take longer than many a training."""

from __future__ import annotations

import subprocess
import sys

TRAIN = """
import sys
from pathlib import Path

from engine import train
from engine.catalog import OPTIMIZERS
from engine.events import Checkpointed
from engine.experiment import Experiment

for name in OPTIMIZERS:
    experiment = Experiment.parse(
        {"data": {"name": "digits"}, "optimizer": name, "steps": 3, "epochs": None, "device": "cpu", "threads": 1}
    )
    events = list(train([experiment], checkpoints=lambda: Path(sys.argv[1]) / name))
    assert any(isinstance(event, Checkpointed) for event in events), name
    print(name, *sorted({"torch._dynamo", "sympy", "sklearn", "scipy"} & sys.modules.keys()))
"""


def test_neither_a_compiler_nor_scikit_learn_with_any_optimizer(tmp_path):
    done = subprocess.run([sys.executable, "-c", TRAIN, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    words = [line.split() for line in done.stdout.splitlines()]
    assert len(words) == 10
    assert all(len(line) == 1 for line in words), words
