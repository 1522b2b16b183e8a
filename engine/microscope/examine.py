"""The training loop, up to the step that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from torch import Tensor

from engine.data import Progress
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.generators import generator, set_states, states_of
from engine.microscope.check import check_gradients
from engine.microscope.describe import Describe, array, describe_layers
from engine.microscope.listening import Heard, listening
from engine.microscope.records import Batch, ExaminedStep, GradientCheck, Update
from engine.network.build import build_network, resolve_cost
from engine.network.network import Network
from engine.network.parameters import Parameter
from engine.training.batch_sizes import batch_size_problem
from engine.training.branch import branch_off
from engine.training.callback_paths import make_callbacks
from engine.training.callbacks import Callback, Run
from engine.training.checkpoint import load
from engine.training.control import Control
from engine.training.loop import Training
from engine.training.penalties import Penalties
from engine.training.prepare import Prepared, prepare
from engine.training.records import Branch


def examine_step(
    experiment: Experiment,
    *,
    examples: int = 4,
    steps: int = 1,
    start: Branch | None = None,
    check: bool = False,
    progress: Progress | None = None,
) -> ExaminedStep:
    """Train with small batches and look at one step.

    Args:
        experiment: what is trained. Its own batch size and length do not count, save that they give the schedule its length.
        examples: in each batch, in the order of the epoch.
        steps: which step is looked at: of so many, the last.
        start: the member of a checkpoint with whose weights training begins; None: with first weights.
        check: whether the gradients are checked against differences.
        progress: told of downloads and long loads.

    Raises:
        ConfigurationError, DataError, DeviceError: as for any training.
        CheckpointError: the checkpoint cannot be used.
    """
    own = experiment.with_settings({"batch_size": examples})
    saved = None if start is None else load(start.path)
    begun = 0 if saved is None or start is None else saved.manifest.stand_of(start.member).epoch + 1
    end = {"steps": None, "epochs": max(own.epochs or 1, begun + steps)}
    longer = own.with_settings({**end, "monitor.distributions": "never"})
    # All examples in one batch pass every check; a small last batch, which the step does not get to, may not.
    prepared = prepare([longer.with_settings({"batch_size": "full"})], progress)
    if examples > prepared.data.train:
        raise ConfigurationError.at(
            "batch_size", f"{examples} is more than the {prepared.data.train} training examples; take fewer"
        )
    if examples == 1 and (problem := batch_size_problem(own, prepared.shape, prepared.data.train)):
        raise ConfigurationError.at("batch_size", problem)
    prepared = replace(prepared, experiments=(longer,), batch_size=examples)
    microscope = _Microscope(prepared.network, steps)
    callbacks = [*make_callbacks(own.callbacks), ("microscope", microscope)]
    training = Training(prepared, Control(), callbacks=callbacks)
    training.penalties = _HeardPenalties(prepared, microscope)
    if saved is not None and start is not None:
        branch_off(training, saved, start.member)
    training.schedules[0].total_steps = _length(own if saved is None else experiment, training.batches.examples)
    for _ in training.events():
        if microscope.after:
            break
    if not microscope.after:
        raise ConfigurationError.at(
            "steps", f"training diverged at step {training.step}, before the one that was asked for; take a smaller learning rate"
        )
    examined = _examined(own, training, microscope)
    return replace(examined, check=_checked(own, prepared, microscope)) if check else examined


def _length(experiment: Experiment, examples: int) -> int:
    """Steps of the whole training as the experiment has it, which a schedule may span."""
    size = examples if experiment.batch_size == "full" else experiment.batch_size
    ends = [experiment.steps, None if experiment.epochs is None else experiment.epochs * -(-examples // size)]
    return min(end for end in ends if end is not None)


class _Microscope(Callback):
    """Listens to one step of a training.

    Attributes:
        heard: what passed through the network.
        dropout: the states of its generators before the step.
        before: its parameters before the update, `[1, …]`.
        gradients: of the mean data cost.
        after: its parameters after the update; none until the step is over.
    """

    def __init__(self, network: Network, number: int) -> None:
        self._network = network
        self._left = number
        self._stack = ExitStack()
        self.heard = Heard()
        self.dropout = states_of(network.generators)
        self.before: list[Tensor] = []
        self.gradients: list[Tensor] = []
        self.after: list[Tensor] = []

    def on_step_begin(self, run: Run) -> None:
        self._left -= 1
        if self._left == 0:
            self.dropout = states_of(self._network.generators)
            self.before = _copies(self._network)
            self.heard = self._stack.enter_context(listening(self._network))

    def on_step_end(self, run: Run) -> None:
        if self._left == 0:
            self._stack.close()
            self.after = _copies(self._network)
            run.stop()

    @property
    def batch(self) -> tuple[Tensor, Tensor]:
        """Inputs `[1, B, D]` and targets `[1, B, C]` of the step."""
        x, targets = self.heard.body.entered, self.heard.targets
        assert x is not None
        assert targets is not None
        return x, targets


class _HeardPenalties(Penalties):
    """Keeps the gradients of the data cost before those of the penalties are added."""

    def __init__(self, prepared: Prepared, microscope: _Microscope) -> None:
        self._parameters = prepared.network.parameters
        self._microscope = microscope
        super().__init__(prepared.experiments, self._parameters)

    def add_gradients(self) -> None:
        self._microscope.gradients = [parameter.grad.clone() for parameter in self._parameters]
        super().add_gradients()


def _examined(experiment: Experiment, training: Training, microscope: _Microscope) -> ExaminedStep:
    network, heard = training.network, microscope.heard
    x, targets = microscope.batch
    assert heard.outputs is not None
    assert heard.cost.left is not None
    _, costs_after = _forward_again(network, microscope)
    for parameter, value in zip(network.parameters, microscope.before, strict=True):
        parameter.value.copy_(value)
    l1, l2 = (term.item() for term in training.penalties.values())
    return ExaminedStep(
        experiment=experiment,
        data=training.prepared.data,
        step=training.step,
        lr=training.optimizer.rates[0],
        batch=Batch(array(x), array(targets), array(heard.outputs), array(heard.cost.left)),
        cost=heard.cost.left.mean().item(),
        l1=l1,
        l2=l2,
        cost_after=costs_after.mean().item(),
        layers=describe_layers(network, heard, _updates(experiment, network, microscope)),
    )


def _forward_again(network: Network, microscope: _Microscope) -> tuple[Tensor, Tensor]:
    """The forward pass on the same batch with the weights as they are now, and the same units dropped."""
    set_states(network.generators, microscope.dropout)
    return network.forward(*microscope.batch, training=True)


def _updates(experiment: Experiment, network: Network, microscope: _Microscope) -> Describe:
    """What became of each parameter; the network must have its weights from before the update."""
    shares = [_share(experiment, path, network.parameters) for path in ("l1", "l2")]
    place = {id(parameter): number for number, parameter in enumerate(network.parameters)}

    def describe(parameter: Parameter, symbol: str, formula: str) -> Update:
        number = place[id(parameter)]
        l1, l2 = (array(share[number]) if share and parameter.penalized else None for share in shares)
        before, gradient, after = (
            array(tensors[number]) for tensors in (microscope.before, microscope.gradients, microscope.after)
        )
        return Update(parameter.name, symbol, formula, before, gradient, l1, l2, after)

    return describe


def _share(experiment: Experiment, path: str, parameters: Sequence[Parameter]) -> list[Tensor]:
    """What one of the penalties adds to the gradients; nothing if it is off."""
    if not getattr(experiment, path):
        return []
    for parameter in parameters:
        parameter.grad.zero_()
    other = "l2" if path == "l1" else "l1"
    Penalties([experiment.with_settings({other: 0.0})], parameters).add_gradients()
    return [parameter.grad.clone() for parameter in parameters]


def _checked(experiment: Experiment, prepared: Prepared, microscope: _Microscope) -> GradientCheck:
    """The check of the gradients on a copy of the network in float64, as it was before the update."""
    assert microscope.heard.cost.left is not None
    if not microscope.heard.cost.left.isfinite().all():
        raise ConfigurationError.at("steps", "the cost of this step is not finite, so that no gradient can be checked")
    exact = experiment.with_settings({"dtype": "float64"})
    cost = resolve_cost(exact, prepared.data.task)
    network = build_network([exact], prepared.shape, prepared.data.outputs, cost, prepared.device)
    for parameter, value in zip(network.parameters, microscope.before, strict=True):
        parameter.value.copy_(value)
    x, targets = microscope.batch
    if targets.is_floating_point():
        targets = targets.double()
    penalties = Penalties([exact], network.parameters)
    chance = generator(exact.seed, "gradient check")
    return check_gradients(network, penalties, x.double(), targets, microscope.dropout, chance)


def _copies(network: Network) -> list[Tensor]:
    return [parameter.value.clone() for parameter in network.parameters]
