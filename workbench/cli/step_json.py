"""One step of training as JSON objects."""

from __future__ import annotations

from engine.catalog import COSTS, OPTIMIZERS
from engine.events import Floats
from engine.microscope import ExaminedStep, GradientCheck, LayerStep, Signal, Update
from engine.network.build import resolve_cost
from workbench.cli.output import print_json
from workbench.cli.step_parts import Row, figures, norm_share, signal_rows, weight_rows

Fields = dict[str, object]


def print_objects(seen: ExaminedStep, most: int, start: str | None) -> None:
    """Print the step, each layer, and the check if there is one.

    Args:
        seen: the step.
        most: units, examples and inputs of each tensor whose numbers are told.
        start: the run whose weights it began with.
    """
    print_json(_meta(seen, most, start))
    for layer in seen.layers:
        print_json(_layer(layer, most))
    if seen.check is not None:
        print_json(_check(seen.check))


def _meta(seen: ExaminedStep, most: int, start: str | None) -> Fields:
    experiment, batch = seen.experiment, seen.batch
    return {
        "kind": "meta",
        "experiment": experiment.to_dict(),
        "from": start,
        "step": seen.step,
        "examples": len(batch.costs),
        "task": seen.data.task,
        "classes": list(seen.data.classes),
        "optimizer": str(experiment.optimizer),
        "update": OPTIMIZERS[experiment.optimizer.kind].formula,
        "lr": seen.lr,
        "cost_formula": COSTS[resolve_cost(experiment, seen.data.task).kind].formula,
        "cost": seen.cost,
        "l1": seen.l1,
        "l2": seen.l2,
        "cost_after": seen.cost_after,
        "costs": batch.costs.tolist(),
        "targets": batch.targets.tolist(),
        "outputs": batch.outputs.tolist(),
        "shown": most,
    }


def _layer(layer: LayerStep, most: int) -> Fields:
    return {
        "kind": "layer",
        "layer": layer.name,
        "block": layer.kind,
        "activation": layer.activation,
        "inputs": list(layer.inputs),
        "outputs": list(layer.outputs),
        "forward": [_signal(signal, most) for signal in layer.forward],
        "backward": [_signal(signal, most) for signal in layer.backward],
        "parameters": [_update(update, most) for update in layer.updates],
    }


def _signal(signal: Signal, most: int) -> Fields:
    return {
        "symbol": signal.symbol,
        "formula": signal.formula,
        **_tensor(signal.values, signal_rows(signal.values, most)),
    }


def _update(update: Update, most: int) -> Fields:
    named = {
        "before": update.before,
        "gradient": update.gradient,
        "l1": update.l1,
        "l2": update.l2,
        "total": update.total,
        "change": update.change,
        "after": update.after,
    }
    tensors = {name: None if values is None else _tensor(values, weight_rows(values, most)) for name, values in named.items()}
    shares = {
        f"{name}_share": None if values is None else norm_share(values, update.total)
        for name, values in (("l1", update.l1), ("l2", update.l2))
    }
    return {"symbol": update.symbol, "name": update.name, "formula": update.formula, **tensors, **shares}


def _tensor(values: Floats, rows: list[Row]) -> Fields:
    brief = figures(values)
    return {
        "shape": list(brief.shape),
        "mean": brief.mean,
        "std": brief.std,
        "min": brief.min,
        "max": brief.max,
        "rows": [row.label for row in rows],
        "values": [list(row.values) for row in rows],
    }


def _check(check: GradientCheck) -> Fields:
    tensors = [
        {
            "layer": tensor.layer,
            "name": tensor.name,
            "entries": tensor.entries,
            "checked": tensor.checked,
            "kinks": tensor.kinks,
            "wrong": tensor.wrong,
            "largest_gradient": tensor.largest_gradient,
            "difference": None if tensor.worst is None else tensor.worst.size,
            "relative": tensor.relative,
            "worst": None
            if tensor.worst is None
            else {
                "index": list(tensor.worst.index),
                "back_propagated": tensor.worst.back_propagated,
                "differences": tensor.worst.differences,
            },
        }
        for tensor in check.tensors
    ]
    return {"kind": "check", "passed": check.passed, "tensors": tensors}
