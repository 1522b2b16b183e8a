"""What is measured: the engine with everything on, a bare loop, and other tools doing the same work."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
import warnings
from pathlib import Path

import torch
from torch import nn

from benchmarks.cases import Case, prepared_source
from benchmarks.timing import Contender
from engine.catalog import Pick
from engine.events import Event, Finished
from engine.network.build import build_network
from engine.network.module import module_of
from workbench.runner import Runner


def engine(case: Case, members: int = 1, device: str = "cpu") -> Contender:
    """The engine in its background thread, with default monitoring, recorded to a new SQLite file; per member."""

    def work() -> float:
        prepared = case.prepared(members, device)
        finished: list[Finished] = []

        def watch(event: Event) -> None:
            if isinstance(event, Finished):
                finished.append(event)

        with tempfile.TemporaryDirectory() as folder:
            runner = Runner(
                prepared.experiments, db=Path(folder) / "history.db", source=prepared_source(prepared), on_event=watch
            )
            runner.start()
            runner.join()
        if runner.error is not None:
            raise runner.error
        return finished[0].seconds / case.steps / members

    return work


def bare_loop(case: Case, device: str = "cpu") -> Contender:
    """nn.Sequential, torch.optim with its defaults, cross-entropy, batches cut in advance, nothing measured."""

    def work() -> float:
        torch.set_num_threads(1)
        part = case.part(case.examples, device)
        batches = list(zip(torch.split(part.inputs, case.batch), torch.split(part.targets.squeeze(1), case.batch), strict=True))
        net = _plain(case).to(device)
        make = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[case.optimizer]
        optimizer = make(net.parameters(), lr=0.001)
        cost = nn.CrossEntropyLoss()
        begin = time.perf_counter()
        for step in range(case.steps):
            x, y = batches[step % len(batches)]
            optimizer.zero_grad()
            cost(net(x), y).backward()
            optimizer.step()
        if device != "cpu":
            torch.cuda.synchronize()
        return (time.perf_counter() - begin) / case.steps

    return work


def _plain(case: Case) -> nn.Module:
    """The network in PyTorch's own modules."""
    if case.blocks:
        network = build_network([case.experiment()], case.shape, case.classes, Pick("cross_entropy"))
        return module_of(network, output_activation=False).train()
    act = {"relu": nn.ReLU, "tanh": nn.Tanh}[case.activation]
    widths = [case.inputs, *[case.width] * case.depth]
    layers = [m for a, b in itertools.pairwise(widths) for m in (nn.Linear(a, b), act())]
    return nn.Sequential(*layers, nn.Linear(widths[-1], case.classes))


def scikit_learn(case: Case) -> Contender:
    """MLPClassifier with the same network, batches and optimizer."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    part = case.part(case.examples, "cpu")
    x, y = part.inputs.numpy(), part.targets.squeeze(1).numpy()
    per_epoch = -(-case.examples // case.batch)
    epochs = max(1, round(case.steps / per_epoch))

    def work() -> float:
        model = MLPClassifier(
            [case.width] * case.depth, activation=case.activation, solver=case.optimizer, alpha=0.0, batch_size=case.batch,
            learning_rate_init=0.001, max_iter=epochs, n_iter_no_change=epochs + 1, momentum=0.0, random_state=0,
        )  # fmt: skip
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(x, y)
        return (time.perf_counter() - begin) / (epochs * per_epoch)

    return work


def keras(case: Case) -> Contender | None:
    """Keras 3 on torch with the same network, batches and optimizer; None if Keras is not installed."""
    os.environ["KERAS_BACKEND"] = "torch"
    try:
        import keras as k
    except ImportError:
        return None

    part = case.part(case.examples, "cpu")
    x, y = part.inputs.numpy(), part.targets.squeeze(1).numpy()
    per_epoch = -(-case.examples // case.batch)
    epochs = max(1, round(case.steps / per_epoch / 4))  # a quarter of the steps: it is slow, and each step costs the same

    def work() -> float:
        layers = [k.layers.Dense(case.width, activation=case.activation) for _ in range(case.depth)]
        model = k.Sequential([k.layers.Input((case.inputs,)), *layers, k.layers.Dense(case.classes)])
        optimizer = {"adam": k.optimizers.Adam, "sgd": k.optimizers.SGD}[case.optimizer](0.001)
        model.compile(optimizer, k.losses.SparseCategoricalCrossentropy(from_logits=True))
        begin = time.perf_counter()
        model.fit(x, y, batch_size=case.batch, epochs=epochs, verbose=0)
        return (time.perf_counter() - begin) / (epochs * per_epoch)

    return work
