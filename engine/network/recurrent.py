"""Recurrent layers over sequences `[P, B, T, D]`, with back-propagation through time written out.

The input's share of all pre-activations is one product over all steps; what is left for each step is the product with the
state before it. Gate values and states are kept as `[P, T, B, ...]`, so that a step is a slice.

Parameters are one weight `[P, D + W, G W]`, the rows of the input above those of the state, for G gates side by side, and one bias.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.network.activations import FLAT
from engine.network.block import Layer
from engine.network.parameters import Parameter

_Operation = Callable[..., Any]
_sigmoid_backward: _Operation = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward: _Operation = torch.ops.aten.tanh_backward.grad_input


class Recurrent(Layer):
    """What all recurrent layers have in common.

    Args:
        name: of the block.
        weight: first weights `[P, D + W, G W]`.
        bias: first biases `[P, 1, G W]`.
        width: W.
        last: whether the last state is handed on, `[P, B, W]`, or all of them, `[P, B, T, W]`.
        first: whether nobody needs the gradient at x.
    """

    def __init__(self, name: str, weight: Tensor, bias: Tensor, width: int, *, last: bool, first: bool) -> None:
        super().__init__(name)
        self._weight = Parameter("weight", weight, penalized=True)
        self.bias = Parameter("bias", bias)
        self.width = width
        self.last = last
        self._first = first
        self._inputs = weight.shape[1] - width

    @property
    def _of_input(self) -> Tensor:
        return self._weight.value[:, : self._inputs]

    @property
    def _of_state(self) -> Tensor:
        return self._weight.value[:, self._inputs :]

    @property
    def _grad_of_input(self) -> Tensor:
        return self._weight.grad[:, : self._inputs]

    @property
    def _grad_of_state(self) -> Tensor:
        return self._weight.grad[:, self._inputs :]

    @property
    def weight(self) -> Parameter:
        return self._weight

    @property
    def parameters(self) -> list[Parameter]:
        return [self._weight, self.bias]

    def forward(self, x: Tensor, *, training: bool) -> Tensor:
        members, batch, steps, inputs = x.shape
        self._x = x.transpose(1, 2).reshape(members, steps * batch, inputs)
        driven = torch.baddbmm(self.bias.value, self._x, self._of_input).view(members, steps, batch, -1)
        # States from 0 on: the state before the first step is zero.
        states = driven.new_empty((members, steps + 1, batch, self.width))
        states[:, 0] = 0
        self._states = states
        self._run(driven, states)
        if self.watch is not None:
            self.watch(self._pre_activations(driven))
        self.h = states[:, 1:]
        return states[:, -1] if self.last else self.h.transpose(1, 2)

    def backward(self, grad: Tensor) -> Tensor | None:
        steps = self._states.shape[1] - 1
        along: list[Tensor] | None = None if self.last else list(grad.unbind(2))
        carried = grad if self.last else torch.zeros_like(self._states[:, 0])
        delta = self._run_back(along, carried)
        self.delta = delta
        flat = delta.flatten(1, 2)
        self._grad_of_input.copy_(torch.bmm(self._x.mT, flat))
        self._write_state_gradient(delta)
        torch.sum(flat, 1, keepdim=True, out=self.bias.grad)
        if self._first:
            return None
        return torch.unflatten(torch.bmm(flat, self._of_input.mT), 1, (steps, -1)).transpose(1, 2)

    def _write_state_gradient(self, delta: Tensor) -> None:
        self._grad_of_state.copy_(torch.bmm(self._states[:, :-1].flatten(1, 2).mT, delta.flatten(1, 2)))

    def _pre_activations(self, driven: Tensor) -> Tensor:
        """The z of all gates, worked out anew from the states; `driven` has been written over."""
        from_input = torch.baddbmm(self.bias.value, self._x, self._of_input)
        return torch.baddbmm(from_input, self._states[:, :-1].flatten(1, 2), self._of_state).view_as(driven)

    @abstractmethod
    def _run(self, driven: Tensor, states: Tensor) -> None:
        """Fill the states from 1 on, from the input's share of z `[P, T, B, G W]`, which may be written over."""

    @abstractmethod
    def _run_back(self, along: list[Tensor] | None, carried: Tensor) -> Tensor:
        """Return the gradient at z, `[P, T, B, G W]`.

        Args:
            along: the gradient at each state that was handed on, T of `[P, B, W]`; None if only the last one was.
            carried: the gradient at the last state, besides.
        """


class Elman(Recurrent):
    """h_t = tanh(x_t W + h_{t-1} U + b) (Elman 1990), as `torch.nn.RNN`."""

    kind = "rnn"

    def saturated(self) -> Tensor:
        assert self.h is not None
        return 1 - self.h.square() < FLAT

    def _run(self, driven: Tensor, states: Tensor) -> None:
        hs = states.unbind(1)
        for step, z in enumerate(driven.unbind(1)):
            torch.tanh(z.baddbmm_(hs[step], self._of_state), out=hs[step + 1])

    def _run_back(self, along: list[Tensor] | None, carried: Tensor) -> Tensor:
        hs = self._states.unbind(1)
        delta = torch.empty_like(self._states[:, 1:], memory_format=torch.contiguous_format)
        back = self._of_state.mT
        for step in range(len(hs) - 2, -1, -1):
            grad = carried if along is None else carried + along[step]
            here = delta[:, step]
            _tanh_backward(grad, hs[step + 1], grad_input=here)
            carried = torch.bmm(here, back)
        return delta


class GRU(Recurrent):
    """h_t = (1 - u) n + u h_{t-1}, n = tanh(z_n + r (h_{t-1} U_n + b_n)) (Cho et al. 2014), as `torch.nn.GRU`.

    The gates r and u are sigmoids; they stand in the order r, u, n. b_n is a second bias, inside of the reset.
    """

    kind = "gru"

    def __init__(self, name: str, weight: Tensor, bias: Tensor, width: int, *, last: bool, first: bool) -> None:
        super().__init__(name, weight, bias, width, last=last, first=first)
        self.inner_bias = Parameter("inner bias", torch.zeros_like(bias[..., :width]))

    @property
    def parameters(self) -> list[Parameter]:
        return [*super().parameters, self.inner_bias]

    def saturated(self) -> Tensor:
        return _flat_gates(self._gates, 2 * self.width)

    def flags(self) -> Tensor:
        return self._gates

    def _run(self, driven: Tensor, states: Tensor) -> None:
        width = self.width
        self._gates = driven
        hs = states.unbind(1)
        self._inner = torch.empty_like(states[:, 1:], memory_format=torch.contiguous_format)
        of_gates, of_candidate = self._of_state[..., : 2 * width], self._of_state[..., 2 * width :]
        for step, (z, inner) in enumerate(zip(driven.unbind(1), self._inner.unbind(1), strict=True)):
            before = hs[step]
            gates = z[..., : 2 * width]
            gates.baddbmm_(before, of_gates).sigmoid_()
            inner.copy_(torch.baddbmm(self.inner_bias.value, before, of_candidate))
            candidate = z[..., 2 * width :]
            candidate.addcmul_(gates[..., :width], inner).tanh_()
            torch.lerp(candidate, before, gates[..., width:], out=hs[step + 1])

    def _run_back(self, along: list[Tensor] | None, carried: Tensor) -> Tensor:
        width = self.width
        hs = self._states.unbind(1)
        delta = torch.empty_like(self._gates)
        self._inner_delta = torch.empty_like(self._inner)
        back_gates, back_inner = self._of_state[..., : 2 * width].mT, self._of_state[..., 2 * width :].mT
        for step in range(len(hs) - 2, -1, -1):
            grad = carried if along is None else carried + along[step]
            gates, d, inner_d = self._gates[:, step], delta[:, step], self._inner_delta[:, step]
            reset, update, candidate = torch.split(gates, width, -1)
            d_reset, d_update, d_candidate = torch.split(d, width, -1)
            torch.mul(grad, hs[step] - candidate, out=d_update)
            _tanh_backward(grad - grad * update, candidate, grad_input=d_candidate)
            torch.mul(d_candidate, self._inner[:, step], out=d_reset)
            d_gates = d[..., : 2 * width]
            _sigmoid_backward(d_gates.clone(), gates[..., : 2 * width], grad_input=d_gates)
            torch.mul(d_candidate, reset, out=inner_d)
            carried = torch.baddbmm(torch.bmm(inner_d, back_inner).addcmul_(grad, update), d_gates, back_gates)
        return delta

    def _write_state_gradient(self, delta: Tensor) -> None:
        width = self.width
        before = self._states[:, :-1].flatten(1, 2).mT
        inner = self._inner_delta.flatten(1, 2)
        self._grad_of_state[..., : 2 * width].copy_(torch.bmm(before, delta.flatten(1, 2)[..., : 2 * width]))
        self._grad_of_state[..., 2 * width :].copy_(torch.bmm(before, inner))
        torch.sum(inner, 1, keepdim=True, out=self.inner_bias.grad)

    def _pre_activations(self, driven: Tensor) -> Tensor:
        z = super()._pre_activations(driven)
        width = self.width
        from_input = torch.baddbmm(self.bias.value, self._x, self._of_input).view_as(driven)[..., 2 * width :]
        z[..., 2 * width :] = torch.addcmul(from_input, driven[..., :width], self._inner)
        return z


class LSTM(Recurrent):
    """c_t = f c_{t-1} + i g, h_t = o tanh(c_t) (Hochreiter & Schmidhuber 1997; Gers et al. 2000), as `torch.nn.LSTM`.

    The gates i, f and o are sigmoids, g is a tanh; they stand in the order i, f, o, g.
    """

    kind = "lstm"

    def saturated(self) -> Tensor:
        return _flat_gates(self._gates, 3 * self.width)

    def flags(self) -> Tensor:
        return self._gates

    def _run(self, driven: Tensor, states: Tensor) -> None:
        width = self.width
        self._gates = driven
        hs = states.unbind(1)
        self._cells = torch.empty_like(states)
        self._cells[:, 0] = 0
        self._squashed = torch.empty_like(states[:, 1:], memory_format=torch.contiguous_format)
        cells, squashed = self._cells.unbind(1), self._squashed.unbind(1)
        for step, z in enumerate(driven.unbind(1)):
            z.baddbmm_(hs[step], self._of_state)
            z[..., : 3 * width].sigmoid_()
            z[..., 3 * width :].tanh_()
            enter, forget, out, new = torch.split(z, width, -1)
            cell = cells[step + 1]
            torch.mul(forget, cells[step], out=cell).addcmul_(enter, new)
            torch.tanh(cell, out=squashed[step])
            torch.mul(out, squashed[step], out=hs[step + 1])

    def _run_back(self, along: list[Tensor] | None, carried: Tensor) -> Tensor:
        width = self.width
        delta = torch.empty_like(self._gates)
        cells, gates, squashed, deltas = (t.unbind(1) for t in (self._cells, self._gates, self._squashed, delta))
        back = self._of_state.mT
        of_cell = torch.zeros_like(cells[0])
        scratch = torch.empty_like(of_cell)
        for step in range(len(gates) - 1, -1, -1):
            grad = carried if along is None else carried + along[step]
            z, d, tanh_cell = gates[step], deltas[step], squashed[step]
            enter, forget, out, new = torch.split(z, width, -1)
            d_enter, d_forget, d_out, d_new = torch.split(d, width, -1)
            torch.mul(grad, tanh_cell, out=d_out)
            of_cell += _tanh_backward(torch.mul(grad, out, out=scratch), tanh_cell, grad_input=scratch)
            torch.mul(of_cell, new, out=d_enter)
            torch.mul(of_cell, cells[step], out=d_forget)
            torch.mul(of_cell, enter, out=d_new)
            of_cell *= forget
            sigmoids, tanhs = d[..., : 3 * width], d_new
            _sigmoid_backward(sigmoids, z[..., : 3 * width], grad_input=sigmoids)
            _tanh_backward(tanhs, new, grad_input=tanhs)
            carried = torch.bmm(d, back)
        return delta


def _flat_gates(gates: Tensor, sigmoids: int) -> Tensor:
    """Where the slope of a gate is below 5 % of its steepest: of the first gates, sigmoids, and the rest, tanhs."""
    first, rest = gates[..., :sigmoids], gates[..., sigmoids:]
    return torch.cat([first * (1 - first) < FLAT / 4, 1 - rest.square() < FLAT], -1)


RECURRENT: dict[str, type[Recurrent]] = {"rnn": Elman, "gru": GRU, "lstm": LSTM}
