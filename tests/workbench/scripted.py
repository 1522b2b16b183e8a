"""A training that is told, not run: the same events as the engine's, made from closed forms, in no time and without torch.

For tests of everything that listens to a training: history, live run, runner, command line, screens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from engine.events import (
    DataInfo,
    Divergence,
    EpochEnded,
    Event,
    Finished,
    Frame,
    LayerInfo,
    MemberEnded,
    Outcome,
    Resumed,
    Score,
    Started,
)
from engine.experiment import Experiment
from engine.vocabulary import STATISTICS, Statistic, Status
from tests.workbench.scripted_details import (
    scripted_checkpoint,
    scripted_combined,
    scripted_distributions,
    scripted_examined,
    scripted_intervention,
    scripted_mistaken,
    scripted_plane,
    scripted_pretraining,
    scripted_region,
)

SECONDS_PER_STEP = 0.002


def scripted_experiments(members: int = 1, layers: int = 4, steps: int = 200) -> tuple[Experiment, ...]:
    """Experiments on the digits that differ in their seed alone; `layers` counts the output layer."""
    return tuple(
        Experiment.parse({"model": {"depth": layers - 1, "width": 16}, "steps": steps, "seed": seed, "device": "cpu"})
        for seed in range(members)
    )


def scripted_started(experiments: Sequence[Experiment], *, steps: int, steps_per_epoch: int, measured_every: int) -> Started:
    """The first event for experiments of one shape on the 64 features and 10 classes of the digits."""
    hidden = experiments[0].model.hidden
    sizes = (64, *hidden, 10)
    names = [*(f"hidden {number}" for number in range(1, len(hidden) + 1)), "output"]
    kinds = [*([str(experiments[0].model.activation)] * len(hidden)), "softmax"]
    layers = tuple(
        LayerInfo(name, inputs, outputs, kind, inputs * outputs + outputs, weights=inputs * outputs, shape=(outputs,))
        for name, inputs, outputs, kind in zip(names, sizes[:-1], sizes[1:], kinds, strict=True)
    )
    return Started(
        experiments=tuple(experiments),
        data=DataInfo("classification", 64, 10, tuple("0123456789"), 1438, 180, 179, ("scripted",), image_shape=(8, 8)),
        layers=layers,
        parameters=sum(layer.parameters for layer in layers),
        device="cpu",
        threads=1,
        steps_per_epoch=steps_per_epoch,
        total_steps=steps,
        measured_every=measured_every,
    )


def scripted_frame(
    recorded: Sequence[int],
    *,
    measured: Sequence[int] = (),
    members: int,
    layers: int,
    diverges_at: int | None = None,
    diverging: Sequence[int] = (0,),
) -> Frame:
    """The records of some steps: a falling loss, gradients that shrink towards the input, slowly growing weights.

    The layers are measured at the `measured` ones of the `recorded` steps.

    A diverging member's loss is infinite at the step where it diverges and not a number afterwards; of the layers, the
    last one's weight gradient is infinite first, then everything is not a number.
    """
    steps = np.asarray(recorded, np.int64)
    time = steps[:, None].astype(np.float64)
    member = np.arange(members)[None, :]
    loss = 2.3 * np.exp(-time / (120.0 + 15.0 * member)) + 0.05 + 0.02 * np.sin(0.7 * time + member)
    layer_steps = np.asarray(measured, np.int64)
    stats = _layer_stats(layer_steps, members, layers)
    if diverges_at is not None:
        for number in diverging:
            loss[steps == diverges_at, number] = np.inf
            loss[steps > diverges_at, number] = np.nan
            stats[layer_steps == diverges_at, number, -1, STATISTICS.index(Statistic.WEIGHT_GRADIENT_NORM)] = np.inf
            stats[layer_steps > diverges_at, number] = np.nan
    ones = np.ones((steps.size, members))
    return Frame(
        steps=steps,
        seconds=steps * SECONDS_PER_STEP,
        loss=loss,
        l1=0.0 * ones,
        l2=1e-4 * np.sqrt(time) * ones,
        lr=1e-3 * ones,
        layer_steps=layer_steps,
        layers=stats,
    )


def _layer_stats(steps: np.ndarray, members: int, layers: int) -> np.ndarray:
    """[M, P, L, K] float32; every number differs from every other, so that mixed-up axes are seen."""
    time = steps.astype(np.float64)[:, None, None]
    depth = np.arange(layers, dtype=np.float64)[None, None, :]
    member = np.arange(members, dtype=np.float64)[None, :, None]
    vanishing = np.exp(-(layers - 1 - depth)) * (0.1 + np.exp(-time / 300)) * (1 + 0.01 * member)
    columns = {
        Statistic.ACTIVATION_MEAN: 0.3 + 0.01 * np.sin(time / 9) + 0.02 * depth + 0.001 * member,
        Statistic.ACTIVATION_STD: 0.8 - 0.05 * depth + 0.01 * np.cos(time / 11) + 0.001 * member,
        Statistic.SATURATED: 0.4 + 0.3 * (1 - np.exp(-time / 500)) - 0.05 * depth / layers + 0.001 * member,
        Statistic.DEAD: 0.1 * (1 - np.exp(-time / 800)) + 0.01 * depth / layers + 0.001 * member,
        Statistic.GRADIENT_MEAN: 1e-4 * np.sin(time / 5 + depth) + 1e-6 * member,
        Statistic.GRADIENT_STD: 0.01 * vanishing,
        Statistic.WEIGHT_GRADIENT_NORM: vanishing,
        Statistic.WEIGHT_GRADIENT_STD: 0.05 * vanishing,
        Statistic.WEIGHT_NORM: 5.0 + 0.01 * np.sqrt(time) + depth + 0.01 * member,
        Statistic.WEIGHT_STD: 0.2 + 0.0004 * np.sqrt(time) + 0.01 * depth + 0.0001 * member,
        Statistic.UPDATE_RATIO: 1e-3 * np.exp(-time / 400) + 1e-5 * depth + 1e-7 * member,
        Statistic.NEAR_ZERO: 0.01 + 0.001 * depth + 0.00001 * time + 0.0001 * member,
    }
    shape = (len(steps), members, layers)
    return np.stack([np.broadcast_to(columns[name], shape) for name in STATISTICS], axis=-1).astype(np.float32)


def scripted_events(  # noqa: C901  a script is told from its beginning to its end
    steps: int = 200,
    members: int = 1,
    layers: int = 4,
    *,
    every: int = 1,
    measured_every: int = 5,
    per_frame: int = 20,
    steps_per_epoch: int = 25,
    diverges_at: int | None = None,
    diverging: Sequence[int] = (0,),
    status: Status = Status.DONE,
    experiments: Sequence[Experiment] | None = None,
    everything: bool = False,
    plane: bool = False,
    ends: Mapping[int, int] = MappingProxyType({}),
    begins: int | None = None,
    folder: str | None = None,
) -> Iterator[Event]:
    """Started, Frames, EpochEnded and Finished of a whole training, the same at every call.

    Args:
        steps: Steps of the training.
        members: Experiments trained together, unless `experiments` are given.
        layers: Layers with the output layer, unless `experiments` are given.
        every: Steps between two records; the first and the last step are recorded, too.
        measured_every: Steps between two measurements of the layers, which fall on recorded steps; the first and the last step
            and that of a divergence are measured, too.
        per_frame: Records in one Frame; a Frame also ends with its epoch.
        steps_per_epoch: Steps in one epoch.
        diverges_at: The step, a recorded one, at which the `diverging` members' loss becomes infinite. When all members
            have diverged the training ends there.
        diverging: Members that diverge, counted from 0.
        status: How the members that did not diverge end.
        experiments: What is said to be trained, of one shape.
        everything: Tell also of pre-training, distributions, an intervention after the second epoch, the ensemble, and of what was
            mistaken for what after each epoch and at the end.
        plane: Tell of regions of a plane before the first step, after each epoch and at the end.
        ends: Members that have learned enough after some epoch.
        begins: The end of an epoch, as a step, from whose checkpoint this goes on; None for the beginning.
        folder: Where checkpoints are said to be written after each epoch; None: none are.
    """
    chosen = tuple(experiments) if experiments is not None else scripted_experiments(members, layers, steps)
    members = len(chosen)
    started = scripted_started(chosen, steps=steps, steps_per_epoch=steps_per_epoch, measured_every=measured_every)
    yield started
    if plane:
        yield scripted_plane()
    if begins is not None:
        yield Resumed(begins, begins // steps_per_epoch, begins * SECONDS_PER_STEP)
    elif everything:
        yield from scripted_pretraining(started)
        yield scripted_distributions(started, 0, 0)
    if plane and begins is None:
        yield scripted_region(scripted_plane(), 0, 0, members)
    lost = frozenset(diverging) if diverges_at is not None else frozenset[int]()
    last = diverges_at if diverges_at is not None and len(lost) == members else steps
    pending: list[int] = []
    for step in range((begins or 0) + 1, last + 1):
        if step % every == 0 or step in (1, last):
            pending.append(step)
        epoch, left = divmod(step, steps_per_epoch)
        if pending and (len(pending) >= per_frame or left == 0 or step == last):
            yield scripted_frame(
                pending,
                measured=[step for step in pending if step % measured_every == 0 or step in (1, last, diverges_at)],
                members=members,
                layers=len(started.layers),
                diverges_at=diverges_at,
                diverging=diverging,
            )
            pending = []
        if left == 0:
            gone = [number in lost and diverges_at is not None and step >= diverges_at for number in range(members)]
            yield EpochEnded(
                epoch=epoch,
                step=step,
                seconds=step * SECONDS_PER_STEP,
                train=tuple(_score(step, number, gone[number], 0.0) for number in range(members)),
                validation=tuple(_score(step, number, gone[number], 0.05) for number in range(members)),
                combined=scripted_combined(_score(step, 0, False, 0.05).cost) if everything else None,
            )
            if everything:
                yield scripted_mistaken(started, step, epoch)
            if plane:
                yield scripted_region(scripted_plane(), step, epoch, members)
            if everything:
                yield scripted_distributions(started, step, epoch)
            yield from (MemberEnded(number, step, epoch, "early stopping") for number, end in ends.items() if end == epoch)
            if folder is not None:
                yield scripted_checkpoint(step, epoch, folder, members)
            if everything and epoch == 2:
                yield scripted_intervention(step)
    if plane:
        yield scripted_region(scripted_plane(), last, last // steps_per_epoch, members)
    if everything:
        yield scripted_examined(started)
    outcomes = tuple(
        _outcome(number, last, diverges_at if number in lost else None, status, started, ends.get(number, 0) * steps_per_epoch)
        for number in range(members)
    )
    combined = scripted_combined(0.5) if everything else None
    yield Finished(outcomes, last * SECONDS_PER_STEP, 0.03, combined_validation=combined, combined_test=combined)


def _score(step: int, member: int, gone: bool, gap: float) -> Score:
    if gone:
        return Score(cost=float("nan"), accuracy=0.1)
    cost = 2.3 * float(np.exp(-step / (120 + 15 * member))) + 0.05 + gap
    return Score(cost=cost, accuracy=1 - cost / 3)


def _outcome(member: int, last: int, diverged: int | None, status: Status, started: Started, ended: int) -> Outcome:
    if diverged is not None:
        return Outcome(Status.DIVERGED, diverged, divergence=Divergence(diverged, started.layers[-1].name, "pre-activation"))
    last = ended or last
    return Outcome(
        Status.DONE if ended else status,
        last,
        train=_score(last, member, False, 0.0),
        validation=_score(last, member, False, 0.05),
        test=_score(last, member, False, 0.07),
        reason="early stopping" if ended else "",
        restored_step=ended // 2 if ended else None,
    )
