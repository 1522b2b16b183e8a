"""One step of training as tables."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog import COSTS, OPTIMIZERS
from engine.events import Floats
from engine.microscope import ExaminedStep, GradientCheck, LayerStep, Update
from engine.network.build import resolve_cost
from workbench.cli.output import make_table, print_table
from workbench.cli.step_parts import Row, figures, norm_share, signal_rows, weight_rows
from workbench.plots import format_number, format_share

_FIGURES = ("mean", "std", "min", "max")


def print_tables(seen: ExaminedStep, most: int, start: str | None) -> None:
    """Print the batch, each layer, and the check if there is one.

    Args:
        seen: the step.
        most: units, examples and inputs of each tensor that are shown.
        start: the run whose weights it began with.
    """
    _print_head(seen, start)
    _print_batch(seen, most)
    for layer in seen.layers:
        _print_layer(layer, most)
    if seen.check is not None:
        _print_check(seen.check)


def _print_head(seen: ExaminedStep, start: str | None) -> None:
    experiment = seen.experiment
    learned = "" if experiment.pretraining.kind == "none" else f", then {experiment.pretraining}"
    first = f"first weights ({experiment.model.init}, seed {experiment.seed}{learned})"
    weights = f"the weights of run {start}" if start else first
    examples = len(seen.batch.costs)
    print(f"Step {seen.step:,} from {weights}, on {examples} example{'s' * (examples != 1)} of {experiment.data.name}")
    kind = resolve_cost(experiment, seen.data.task).kind
    print(f"cost: {kind}, {COSTS[kind].formula}")
    print(f"update: {experiment.optimizer}, {OPTIMIZERS[experiment.optimizer.kind].formula}; lr = {format_number(seen.lr)}")
    terms = [f"C = {seen.cost:.6g}", *(f"{name} {value:.6g}" for name, value in (("L1", seen.l1), ("L2", seen.l2)) if value)]
    print(f"{' + '.join(terms)}; after the update C = {seen.cost_after:.6g} on the same examples")
    print()


def _print_batch(seen: ExaminedStep, most: int) -> None:
    """Each example's target, output and cost."""
    batch, classes = seen.batch, seen.data.classes
    if classes:
        table = make_table(["example", "class", "its h", "largest h", "cost"], numbers=["its h", "cost"])
    else:
        table = make_table(["example", "target y", "output h", "cost"], numbers=["target y", "output h", "cost"])
    shown = range(min(most, len(batch.costs)))
    for example in shown:
        h, y, cost = batch.outputs[example], batch.targets[example], format_number(batch.costs[example])
        if not classes:
            table.add_row(str(example + 1), format_number(y[0]), format_number(h[0]), cost)
            continue
        shares = [1 - h[0], h[0]] if len(h) == 1 else h.tolist()
        truth = int(y[0]) if len(y) == 1 else int(y.argmax())
        answer = max(range(len(shares)), key=shares.__getitem__)
        largest = f"{classes[answer]} ({format_number(shares[answer])})"
        table.add_row(str(example + 1), classes[truth], format_number(shares[truth]), largest, cost)
    print_table(table)
    if len(shown) < len(batch.costs):
        print(f"({len(batch.costs) - len(shown)} more examples are not shown; --units N shows more)")
    print()


def _print_layer(layer: LayerStep, most: int) -> None:
    shapes = " -> ".join("x".join(map(str, shape)) for shape in (layer.inputs, layer.outputs))
    print(f"{layer.name}: {', '.join(filter(None, [layer.kind, shapes, layer.activation]))}")
    brief = make_table(["", "formula", "shape", *_FIGURES], numbers=["shape", *_FIGURES])
    values = make_table(["", "", *(str(unit) for unit in range(1, most + 1))], numbers=[str(unit) for unit in range(1, most + 1)])
    for symbol, formula, tensor, rows in _tensors(layer, most):
        numbers = figures(tensor)
        shape = "x".join(map(str, numbers.shape))
        brief.add_row(symbol, formula, shape, *(format_number(getattr(numbers, name)) for name in _FIGURES))
        for number, row in enumerate(rows):
            values.add_row("" if number else symbol, row.label, *map(format_number, row.values))
    print_table(brief)
    print()
    print_table(values)
    for update in layer.updates:
        _print_shares(update)
    print()


def _tensors(layer: LayerStep, most: int) -> Iterator[tuple[str, str, Floats, list[Row]]]:
    """Symbol, formula, all numbers, and the rows that are shown."""
    for signal in (*layer.forward, *layer.backward):
        yield signal.symbol, signal.formula, signal.values, signal_rows(signal.values, most)
    for update in layer.updates:
        symbol = update.symbol
        named: list[tuple[str, str, Floats | None]] = [
            (symbol, "before the update", update.before),
            (f"dC/d{symbol}", update.formula, update.gradient),
            ("+ L1", f"lambda sign({symbol})", update.l1),
            ("+ L2", f"2 lambda {symbol}", update.l2),
            ("change", "by the update", update.change),
            (f"{symbol} new", "after the update", update.after),
        ]
        for name, formula, values in named:
            if values is not None:
                yield name, formula, values, weight_rows(values, most)


def _print_shares(update: Update) -> None:
    """How much of a gradient the penalties are."""
    shares = [
        f"{name} {format_share(norm_share(values, update.total))}"
        for name, values in (("L1", update.l1), ("L2", update.l2))
        if values is not None
    ]
    if shares:
        print(f"share in the norm of the whole gradient of {update.symbol}: {', '.join(shares)}")


def _print_check(check: GradientCheck) -> None:
    """How far back-propagation and central differences are apart, and whether that is too far."""
    print("Back-propagation against central differences, in float64")
    numbers = ["checked", "kinks", "largest difference", "relative", "wrong"]
    table = make_table(["gradient of", *numbers], numbers=numbers)
    for tensor in check.tensors:
        sample = f"{tensor.checked:,} of {tensor.entries:,}"
        apart = format_number(None if tensor.worst is None else tensor.worst.size)
        row = (sample, str(tensor.kinks), apart, format_number(tensor.relative), str(tensor.wrong))
        table.add_row(f"{tensor.layer} {tensor.name}", *row)
    print_table(table)
    print()
    for tensor in check.tensors:
        if tensor.wrong and tensor.worst is not None:
            worst = tensor.worst
            place = ",".join(str(position + 1) for position in worst.index)
            print(
                f"{tensor.layer} {tensor.name}: {tensor.wrong} wrong; at {place} back-propagation gives "
                f"{worst.back_propagated:.6g}, differences {worst.differences:.6g}"
            )
    print(_verdict(check))


def _verdict(check: GradientCheck) -> str:
    checked, kinks = sum(t.checked for t in check.tensors), sum(t.kinks for t in check.tensors)
    skipped = f"; {kinks:,} stand at a kink, where there is no derivative to compare" if kinks else ""
    if check.passed:
        return f"passed: {checked:,} gradients agree{skipped}"
    wrong = sum(tensor.wrong for tensor in check.tensors)
    return f"FAILED: {wrong:,} of {checked:,} gradients are wrong{skipped}"
