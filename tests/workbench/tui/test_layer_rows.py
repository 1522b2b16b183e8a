"""The lines of the layers, without a screen."""

import dataclasses

import pytest

from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic
from tests.workbench.scripted import scripted_events
from workbench.live import LiveRun
from workbench.tui.widgets.layer_rows import heading, layer_row, plan


def view_after(**script):
    live = LiveRun()
    for event in scripted_events(**script):
        live.apply(event)
    return live.view()


def text_of(pieces):
    return "".join(text for text, _ in pieces)


@pytest.mark.parametrize("width", [40, 58, 80, 100, 112, 160, 240])
def test_heading_and_rows_line_up_and_fit(width):
    view = view_after(steps=60)
    layout = plan(width)
    lengths = {len(text_of(layer_row(view, layer, layout))) for layer in range(len(view.layers))}
    assert lengths == {len(text_of(heading(layout)))}
    assert lengths.pop() <= width


def test_more_room_shows_more():
    assert plan(40).spark == 0
    assert plan(78).spark >= 10
    titles = [column.title for column in plan(78).columns]
    assert titles == ["sat", "dead", "update"]
    assert len(plan(200).columns) > len(titles)
    assert plan(200).units


def test_a_row_tells_the_latest_numbers():
    view = view_after(steps=60)
    text = text_of(layer_row(view, 0, plan(120)))
    assert text.startswith("hidden 1")
    assert "64→16" in text
    assert f"{view.latest[0][STATISTICS.index(Statistic.GRADIENT_STD)]:.1e}" in text
    assert "█" in text


def test_a_diverged_layer_is_marked_not_hidden():
    view = view_after(steps=60, diverges_at=30)
    row = layer_row(view, 3, plan(120))
    assert view.outcome.divergence.step == 30
    later = view_after(steps=60, members=2, diverges_at=30)
    pieces = layer_row(later, 3, plan(120))
    assert "×" in text_of(pieces)
    assert "layer--bad" in {style for _, style in pieces}
    assert len(text_of(pieces)) == len(text_of(row))


def test_dead_hidden_layers_are_marked_in_words_and_colour_but_a_sure_output_is_not():
    view = view_after(steps=60)
    stats = view.latest.copy()
    stats[:, STATISTICS.index(Statistic.DEAD)] = 0.8
    worse = dataclasses.replace(view, latest=stats)
    hidden, output = layer_row(worse, 0, plan(80)), layer_row(worse, 3, plan(80))
    assert ("  !80%", "layer--warning") in hidden
    assert "!" not in text_of(output)


def test_before_the_first_record_there_are_dashes():
    live = LiveRun()
    live.apply(next(scripted_events(steps=10)))
    text = text_of(layer_row(live.view(), 0, plan(80)))
    assert "–" in text
    assert "nan" not in text


def with_gradients(view, *spreads):
    stats = view.latest.copy()
    stats[:, STATISTICS.index(Statistic.GRADIENT_STD)] = spreads
    return dataclasses.replace(view, latest=stats)


@pytest.mark.parametrize("width", [58, 78, 112])
def test_bars_compare_the_gradients_of_all_layers_on_one_scale(width):
    layout = plan(width)
    view = with_gradients(view_after(steps=60), 0.3e-3, 0.3e-2, 0.3e-1, 0.3)
    bars = [
        next(text for text, style in layer_row(view, layer, layout)[-len(layout.columns) - 5 :] if "█" in text or "▏" in text)
        for layer in range(4)
    ]
    assert layout.bar >= 4
    lengths = [len(bar.strip()) for bar in bars]
    assert lengths == sorted(lengths)
    assert lengths[0] < lengths[-1]


@pytest.mark.parametrize("width", [40, 58, 78, 112])
def test_a_vanished_gradient_is_marked_by_a_sign_and_a_colour(width):
    view = with_gradients(view_after(steps=60), 8e-6, 2.9e-4, 3.1e-4, 0.3)
    rows = [layer_row(view, layer, plan(width)) for layer in range(4)]
    assert ["↓" in text_of(row) for row in rows] == [True, True, False, False]
    assert ("↓8.0e-06", "layer--warning") in rows[0]
    assert len({len(text_of(row)) for row in rows}) == 1


def of_blocks(view):
    """The same measurements in a network of blocks: pooling has no weights, and neither has an activation."""
    kinds = [("1 conv", "conv", "relu", 80, (16, 8, 8)), ("2.1.3 average_pool", "average_pool", "", 0, (16, 4, 4)),
             ("3 split", "split", "", 0, (32,)), ("output", "dense", "softmax", 330, (10,))]  # fmt: skip
    layers = tuple(
        dataclasses.replace(info, name=name, kind=kind, activation=activation, weights=weights, shape=shape)
        for info, (name, kind, activation, weights, shape) in zip(view.layers, kinds, strict=True)
    )
    stats = view.latest.copy()
    for layer in (1, 2):
        stats[layer, [STATISTICS.index(each) for each in WEIGHT_STATISTICS]] = float("nan")
        stats[layer, [STATISTICS.index(each) for each in (Statistic.SATURATED, Statistic.DEAD)]] = 0
    return dataclasses.replace(view, layers=layers, latest=stats)


@pytest.mark.parametrize("width", [40, 58, 78, 112, 200])
def test_layers_without_weights_have_dashes_and_line_up(width):
    view = of_blocks(view_after(steps=60))
    layout = plan(width, [layer.name for layer in view.layers])
    texts = [text_of(layer_row(view, layer, layout)) for layer in range(4)]
    assert {len(text) for text in texts} == {len(text_of(heading(layout)))}
    assert len(texts[0]) <= width
    for layer in (1, 2):
        assert texts[layer].count("–") == len(layout.columns) - (width == 200)  # the mean of activations is there
        assert "×" not in texts[layer].replace("×4×4", "")
    for layer in (0, 3):
        assert "–" not in texts[layer]


def test_names_of_blocks_are_shown_in_full_where_there_is_room():
    view = of_blocks(view_after(steps=60))
    names = [layer.name for layer in view.layers]
    assert text_of(layer_row(view, 1, plan(78, names))).startswith("2.1.3 average_pool ")
    assert text_of(layer_row(view, 1, plan(58, names))).startswith("2.1.3 average…")
    assert plan(78, ["hidden 1", "output"]) == plan(78)


def test_the_shape_of_a_picture_is_shown():
    view = of_blocks(view_after(steps=60))
    layout = plan(200, [layer.name for layer in view.layers])
    assert " →16×8×8 " in text_of(layer_row(view, 0, layout))
    assert " 16→32 " not in text_of(layer_row(view, 0, layout))
    assert "16→10" in text_of(layer_row(view, 3, layout))


def test_a_diverged_layer_with_weights_has_no_dash():
    view = of_blocks(view_after(steps=60))
    stats = view.latest.copy()
    stats[0] = float("nan")
    text = text_of(layer_row(dataclasses.replace(view, latest=stats), 0, plan(112)))
    assert "×" in text
    assert "–" not in text


def test_a_recurrent_layer_may_have_no_saturated_gate():
    view = of_blocks(view_after(steps=60))
    lstm = dataclasses.replace(view.layers[1], kind="lstm")
    view = dataclasses.replace(view, layers=(view.layers[0], lstm, *view.layers[2:]))
    assert "0%" in text_of(layer_row(view, 1, plan(112)))
