"""A user's own code in the training loop.

A callback is a class with any of the methods of `Callback`; it is named in the experiment by its import path:

```
# my_callbacks.py, in the working directory
from engine.training import Callback, Run


class ClipGradients(Callback):
    def __init__(self, norm: float = 1.0) -> None:
        self.norm = norm

    def on_gradients(self, run: Run) -> None:
        for layer in run.layers:
            if layer.weight_gradients is not None:
                size = layer.weight_gradients.flatten(1).norm(dim=1).view(-1, *[1] * (layer.weight_gradients.ndim - 1))
                layer.weight_gradients.mul_((self.norm / size).clamp(max=1))
```

`--callback "my_callbacks:ClipGradients(norm=0.5)"`. One object serves the whole population: all tensors begin with the member
axis P.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

from engine.errors import CallbackError

if TYPE_CHECKING:
    from torch import Tensor

    from engine.events import EpochEnded
    from engine.experiment import Experiment
    from engine.network.block import Layer
    from engine.network.parameters import Parameter
    from engine.training.control import Settings
    from engine.training.training_state import TrainingState


RAISED = (Exception, SystemExit)
"""What a user's code may raise and be told of; `sys.exit` would else end the training without a word."""


class Callback:
    """Base of callbacks: every method does nothing. They are called in the training thread, which waits for them."""

    def on_run_begin(self, run: Run) -> None:
        """Before the first step; of a resumed training before its first step here."""

    def on_run_end(self, run: Run) -> None:
        """After the last step, however the training ended; members that ended early have the weights they ended with."""

    def on_epoch_begin(self, run: Run) -> None:
        """Before the first step of an epoch; what is asked for here holds from that step on."""

    def on_epoch_end(self, run: Run, scores: EpochEnded) -> None:
        """After the scores of an epoch were taken."""

    def on_step_begin(self, run: Run) -> None:
        """Before the forward pass of a step."""

    def on_gradients(self, run: Run) -> None:
        """Between the backward pass and the update. Gradients may be changed in place; L1 and L2 are in them already."""

    def on_step_end(self, run: Run) -> None:
        """After the update of a step."""

    def state(self) -> object:
        """What must be remembered to go on after a resumption, of a kind that JSON can hold."""
        return None

    def restore(self, state: object) -> None:
        """Take up what `state` returned; called after `on_run_begin` of a training that goes on from a checkpoint."""


class LayerView:
    """One layer as callbacks see it: tensors of all members, on the training's device, good until the next step."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer

    @property
    def name(self) -> str:
        """Such as `hidden 1` or `output`."""
        return self._layer.name

    @property
    def weights(self) -> Tensor | None:
        """`[P, inputs, outputs]` of a dense layer; None of one without weights."""
        return None if self._layer.weight is None else self._layer.weight.value

    @property
    def weight_gradients(self) -> Tensor | None:
        """Of the mean cost over the batch, like `weights`."""
        return None if self._layer.weight is None else self._layer.weight.grad

    @property
    def activations(self) -> Tensor | None:
        """Values of the units in the last forward pass, before dropout, `[P, B, …]`; None before the first."""
        return self._layer.h

    @property
    def gradients(self) -> Tensor | None:
        """Of the mean cost at the pre-activations in the last backward pass, `[P, B, …]`; None before the first."""
        return self._layer.delta


class Run:
    """The training as callbacks see it.

    Attributes:
        experiments: one for each member.
        layers: from the input to the output.
        parameters: all learned tensors in the order of the forward pass, each with `name`, `value` and `grad`, `[P, …]`.
        losses: mean data cost of the batch of the last step, `[P]`; None before the first.
        scores: those of the last epoch; None before its end.
    """

    def __init__(self, training: TrainingState) -> None:
        self._training = training
        self.experiments: tuple[Experiment, ...] = training.prepared.experiments
        self.layers = tuple(LayerView(layer) for layer in training.network.layers)
        self.parameters: tuple[Parameter, ...] = tuple(training.network.parameters)
        self.losses: Tensor | None = None
        self.scores: EpochEnded | None = None
        self._stops: list[tuple[int, str]] = []
        self._changes: list[Settings] = []

    @property
    def step(self) -> int:
        """Steps begun so far: 1 in `on_step_begin` of the first step."""
        return self._training.step

    @property
    def epoch(self) -> int:
        """The epoch that goes on, from 1."""
        return self._training.epoch

    @property
    def members(self) -> int:
        """P."""
        return len(self.experiments)

    @property
    def going(self) -> tuple[int, ...]:
        """The members that are still being trained: neither diverged nor ended."""
        return tuple(self._training.endings.going)

    def stop(self, reason: str = "", *, member: int | None = None) -> None:
        """End one member, or all, after this step (in `on_epoch_begin` before the first step, in `on_epoch_end` after this epoch).

        Args:
            reason: told with the run's outcome, as `callback: reason`.
            member: from 0; not given: all of them.

        Raises:
            ValueError: there is no such member.
        """
        if member is not None and not 0 <= member < self.members:
            raise ValueError(f"there is no member {member}; they count from 0 to {self.members - 1}")
        told = f"callback: {reason}" if reason else "callback"
        self._stops += [(k, told) for k in (range(self.members) if member is None else (member,))]

    def set(self, path: str, value: float) -> None:
        """Change a setting for all members before the next step, as `Control.change` does.

        The step that has begun goes on as it is: what is set in `on_step_begin` or `on_gradients` holds from the following one.

        Args:
            path: one of `engine.training.control.TUNABLE`, such as `lr`.
            value: the new value.

        Raises:
            ValueError: it cannot be changed, or not to this value.
        """
        self._changes.append(self._training.check_changes({path: value}))

    # --- for the loop --------------------------------------------------------

    @property
    def has_requests(self) -> bool:
        """Whether something was asked for that has not been heeded yet."""
        return bool(self._stops or self._changes)

    def take_stops(self) -> list[tuple[int, str]]:
        """The members that are to end, and why."""
        stops, self._stops = self._stops, []
        return stops

    def take_changes(self) -> list[Settings]:
        """The changes that were asked for."""
        changes, self._changes = self._changes, []
        return changes


class Callbacks:
    """The callbacks of a training. False where there are none, so that the loop need not call them.

    Args:
        named: each with the text that names it.
        run: what they are given.
    """

    def __init__(self, named: Sequence[tuple[str, Callback]], run: Run) -> None:
        self._named = tuple(named)
        self._at_gradients = any(_overrides_gradients(callback) for _, callback in self._named)
        self.run = run

    def __bool__(self) -> bool:
        return bool(self._named)

    @property
    def may_change_gradients(self) -> bool:
        """Whether one of them is called between the backward pass and the update."""
        return self._at_gradients

    def call(self, hook: str, *arguments: object) -> None:
        """Call one hook of all, in the order in which the experiment names them.

        Raises:
            CallbackError: one of them raised an error.
        """
        for name, callback in self._named:
            try:
                getattr(callback, hook)(self.run, *arguments)
            except (*RAISED, KeyboardInterrupt) as error:
                if isinstance(error, KeyboardInterrupt) and current_thread() is main_thread():
                    raise  # Ctrl-C, which reaches no other thread
                raise _broken(name, callback, hook, error) from error

    def begin(self, states: Sequence[str]) -> None:
        """Call `on_run_begin` of all, then give each its state back, if there are any.

        Raises:
            CallbackError: one of them raised an error.
        """
        self.call("on_run_begin")
        for (name, callback), text in zip(self._named, states, strict=bool(states)):
            try:
                callback.restore(json.loads(text))
            except RAISED as error:
                raise _broken(name, callback, "restore", error) from error

    def states(self) -> tuple[str, ...]:
        """The state of each, as JSON.

        Raises:
            CallbackError: one cannot say it, or JSON cannot hold it.
        """
        texts = []
        for name, callback in self._named:
            try:
                texts.append(json.dumps(callback.state(), allow_nan=False))
            except RAISED as error:
                raise _broken(name, callback, "state", error) from error
        return tuple(texts)


def _overrides_gradients(callback: Callback) -> bool:
    """Whether it has an `on_gradients` of its own, in its class or set on itself."""
    return getattr(callback.on_gradients, "__func__", None) is not Callback.on_gradients


def what_broke(error: BaseException, kind: type) -> str:
    """An error in words: its kind, what it says, and the line in the file of a callback's class that it came through last."""
    text = " ".join(str(error).split())
    said = f"{type(error).__name__}: {text}".removesuffix(": ")
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{said} ({Path(file).name}:{lines[-1]})" if file and lines else said


def _broken(name: str, callback: Callback, hook: str, error: BaseException) -> CallbackError:
    return CallbackError(f"callback {name}: {hook} raised {what_broke(error, type(callback))}")
