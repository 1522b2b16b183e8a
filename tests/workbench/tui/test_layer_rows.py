"""The lines of the layers, without a screen."""

import dataclasses

import pytest

from engine.vocabulary import STATISTICS, Statistic
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
