"""The lines of the layers and what is said of them, without a screen."""

import dataclasses

import pytest

from engine.events import Frame, Started
from engine.insight.finding import Evidence, Finding, Severity
from engine.insight.rules import RULES
from engine.vocabulary import STATISTICS, WEIGHT_STATISTICS, Statistic
from tests.workbench.scripted import scripted_events
from workbench.live import LiveRun
from workbench.tui.layer_columns import COLUMNS, MEANINGS, USUAL, plan
from workbench.tui.layer_health import marks
from workbench.tui.widgets.layer_rows import heading, layer_rows, reason_line

WIDTHS = [40, 58, 78, 112, 160, 240]


def view_after(**script):
    live = LiveRun()
    for event in scripted_events(**script):
        live.apply(event)
    live.judge()
    return live.view()


def text_of(pieces):
    return "".join(text for text, _ in pieces)


def rows_of(view, width=112, chosen=None, wanted=USUAL):
    layout = plan(width, [layer.name for layer in view.layers], wanted)
    return layer_rows(view, range(len(view.layers)), layout, marks(view), chosen)


def with_latest(view, statistic, *values, layer=slice(None)):
    stats = view.latest.copy()
    stats[layer, STATISTICS.index(statistic)] = values if len(values) > 1 else values[0]
    return dataclasses.replace(view, latest=stats)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("wanted", [USUAL, tuple(COLUMNS), (Statistic.DEAD,)])
def test_heading_and_rows_line_up_and_fit(width, wanted):
    view = view_after(steps=60)
    lengths = {len(text_of(row)) for row in rows_of(view, width, wanted=wanted)}
    assert lengths == {len(text_of(heading(plan(width, wanted=wanted))))}
    assert lengths.pop() <= width


def test_more_room_shows_more():
    narrow, usual, wide = plan(40), plan(78), plan(158)
    assert [each.spark for each in narrow.shown] == [0] * len(narrow.shown)
    assert usual.statistics == wide.statistics == USUAL
    assert [each.column.statistic for each in usual.shown if each.spark >= 8] == [
        Statistic.GRADIENT_STD,
        Statistic.ACTIVATION_STD,
    ]
    assert [each.column.statistic for each in wide.shown if each.spark >= 10] == [
        each for each in USUAL if each is not Statistic.DEAD
    ]
    assert (usual.units, wide.units) == (False, True)
    assert plan(78, wanted=(Statistic.NEAR_ZERO, Statistic.GRADIENT_STD)).statistics == (
        Statistic.GRADIENT_STD,
        Statistic.NEAR_ZERO,
    )


def test_every_statistic_has_a_column_and_a_meaning():
    assert set(COLUMNS) == set(STATISTICS)
    meanings = dict(MEANINGS)
    assert "5 %" in meanings["saturated"]
    assert "50 %" in meanings["dead"]


def test_a_row_tells_the_latest_numbers():
    view = view_after(steps=60)
    text = text_of(rows_of(view, 160)[0])
    assert text.startswith(" hidden 1")
    assert "64→16" in text
    assert f"{view.latest[0][STATISTICS.index(Statistic.GRADIENT_STD)]:.1e}" in text
    assert "█" in text


def test_the_chosen_layer_has_a_sign():
    rows = rows_of(view_after(steps=60), chosen=2)
    assert [text_of(row)[0] for row in rows] == [" ", " ", "▸", " "]


def test_a_diverged_layer_is_marked_not_hidden():
    later = view_after(steps=60, members=2, diverges_at=30)
    pieces = rows_of(later)[3]
    assert "×" in text_of(pieces)
    assert "layer--bad" in {style for _, style in pieces}
    assert len(text_of(pieces)) == len(text_of(rows_of(view_after(steps=60))[3]))
    assert "no longer finite" in text_of(reason_line(later, 3, marks(later)[3], 100))


def test_before_the_first_record_there_are_dashes():
    live = LiveRun()
    live.apply(next(scripted_events(steps=10)))
    text = text_of(rows_of(live.view())[0])
    assert "–" in text
    assert "nan" not in text
    assert "not measured yet" in text_of(reason_line(live.view(), 0, (), 80))


def test_a_layer_is_not_called_usual_before_it_was_judged():
    live = LiveRun()
    events = [event for event in scripted_events(steps=60, per_frame=20) if isinstance(event, Started | Frame)]
    for event in events[:2]:
        live.apply(event)
    assert text_of(reason_line(live.view(), 0, (), 80)).rstrip().endswith("  not judged yet")
    assert "✓" not in text_of(reason_line(live.view(), 0, (), 80))
    live.judge()
    assert text_of(reason_line(live.view(), 0, (), 80)).rstrip().endswith("✓ nothing unusual")
    judged = int(live.view().layer_steps[-1])
    live.apply(events[2])
    assert text_of(reason_line(live.view(), 0, (), 80)).rstrip().endswith(f"✓ nothing unusual up to step {judged}")


def with_gradients(view, *spreads):
    return with_latest(view, Statistic.GRADIENT_STD, *spreads)


@pytest.mark.parametrize("width", [58, 78, 112])
def test_bars_compare_the_gradients_of_all_layers_on_one_scale(width):
    view = with_gradients(view_after(steps=60), 0.4e-3, 0.4e-2, 0.4e-1, 0.3)
    at = text_of(heading(plan(width))).index("grad")
    end = at + plan(width).shown[0].width - 9
    start = end - plan(width).shown[0].bar
    bars = [text_of(row)[start:end].strip() for row in rows_of(view, width)]
    assert [len(bar) for bar in bars] == sorted(len(bar) for bar in bars)
    assert len(bars[0]) < len(bars[-1]) == plan(width).shown[0].bar


@pytest.mark.parametrize("width", [78, 112, 160])
@pytest.mark.parametrize(("value", "shown"), [(1.7, "↑1.7e0"), (2.9e-6, "↓2.9e-6"), (4.1e-12, "↓4e-12"), (123.4, "↑1.2e2")])
def test_a_sign_does_not_touch_what_is_drawn_before_it(value, shown, width):
    view = with_latest(view_after(steps=60), Statistic.UPDATE_RATIO, value, layer=0)
    rule = found("update-ratio-out-of-range", value, 1e-7 if value < 1e-7 else 1.0 if value < 1e-3 else 0.1, "hidden 1")
    text = text_of(rows_of(with_findings(view, rule), width)[0])
    assert f" {shown}" in text


@pytest.mark.parametrize("width", [77, *WIDTHS[2:]])
def test_titles_do_not_touch_each_other(width):
    titles = text_of(heading(plan(width)))
    at, starts = 0, []
    for each in plan(width).shown:
        title = each.column.title if each.column.title in titles[at:] else each.column.short
        at = titles.index(title, at)
        starts.append((at, at + len(title)))
        at += len(title)
    assert all(titles[begin - 2 : begin] == "  " for begin, _ in starts[1:])


def with_findings(view, *findings):
    return dataclasses.replace(view, findings=findings)


def found(rule, value, bound, *layers, closed=None):
    evidence = tuple(Evidence("what is measured", value, bound, 60, layer) for layer in layers)
    return Finding(rule, Severity.SERIOUS, 10, 60, "in words", layers, evidence, closed=closed)


@pytest.mark.parametrize("width", [40, 58, 78, 112])
def test_a_vanished_gradient_is_marked_by_a_sign_and_a_colour(width):
    view = with_gradients(view_after(steps=60), 8e-6, 2.9e-4, 3.1e-4, 0.3)
    rows = rows_of(with_findings(view, found("vanishing-gradient", 1e-4, 0.01, "hidden 1", "hidden 2")), width)
    assert ["↓" in text_of(row) for row in rows] == [True, True, False, False]
    assert (" ↓8.0e-6", "layer--warning") in rows[0]
    assert len({len(text_of(row)) for row in rows}) == 1


@pytest.mark.parametrize(
    ("rule", "statistic", "value", "bound", "sign", "words"),
    [
        ("vanishing-gradient", Statistic.GRADIENT_STD, 1e-9, 0.01, "↓", "vanishing gradient: what is measured 1.0e-09"),
        ("exploding-gradient", Statistic.GRADIENT_STD, 1e4, 100, "↑", "exploding gradient"),
        ("saturated-layer", Statistic.SATURATED, 0.97, 0.8, "!97%", "what is measured 97%"),
        ("dead-units", Statistic.DEAD, 0.8, 0.5, "!80%", "80%"),
        ("update-ratio-out-of-range", Statistic.UPDATE_RATIO, 0.5, 0.1, "↑", "update ratio out of range"),
        ("layers-learn-at-different-speeds", Statistic.UPDATE_RATIO, 500, 100, "↓", "layers learn at different speeds"),
    ],
)
def test_what_is_found_in_a_layer_has_a_sign_a_colour_and_a_reason(rule, statistic, value, bound, sign, words):
    assert RULES[rule].shows is statistic
    view = with_findings(with_latest(view_after(steps=60), statistic, value, layer=1), found(rule, value, bound, "hidden 2"))
    seen = marks(view)
    assert [len(each) for each in seen] == [0, 1, 0, 0]
    row = rows_of(view)[1]
    assert any(text.strip().startswith(sign) and style == "layer--warning" for text, style in row)
    assert words in text_of(reason_line(view, 1, seen[1], 120))


def test_what_is_gone_or_about_the_whole_network_is_not_marked():
    gone = found("dead-units", 0.9, 0.5, "hidden 1", closed=50)
    view = with_findings(view_after(steps=60), gone, found("overfitting", 2, 1), found("of another version", 2, 1, "hidden 1"))
    assert marks(view) == ((),) * 4
    assert "✓ nothing unusual" in text_of(reason_line(view, 0, (), 80))


@pytest.mark.parametrize("width", [30, 58, 78, 112])
def test_reasons_fit_and_become_shorter_where_there_is_little_room(width):
    several = [found(rule, 0.9, 0.5, "hidden 1") for rule in ("dead-units", "saturated-layer", "vanishing-gradient")]
    view = with_findings(view_after(steps=60), *several)
    line = text_of(reason_line(view, 0, marks(view)[0], width))
    assert len(line) == width
    assert RULES["dead-units"].title.lower() in line or width == 30
    assert ("what is measured" in line) == (width > 200)


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


@pytest.mark.parametrize("width", WIDTHS)
def test_layers_without_weights_have_dashes_and_line_up(width):
    view = of_blocks(view_after(steps=60))
    layout = plan(width, [layer.name for layer in view.layers])
    texts = [text_of(row) for row in rows_of(view, width)]
    assert {len(text) for text in texts} == {len(text_of(heading(layout)))}
    assert len(texts[0]) <= width
    for layer in (1, 2):
        assert texts[layer].count("–") == len(layout.shown) - 2  # both spreads are there
        assert marks(view)[layer] == ()
    for layer in (0, 3):
        assert "–" not in texts[layer]


def test_names_of_blocks_are_shown_in_full_where_there_is_room():
    view = of_blocks(view_after(steps=60))
    assert text_of(rows_of(view, 78)[1]).startswith(" 2.1.3 average_pool ")
    assert text_of(rows_of(view, 58)[1]).startswith(" 2.1.3 average…")
    assert plan(78, ["hidden 1", "output"]) == plan(78)


def test_the_shape_of_a_picture_is_shown():
    rows = rows_of(of_blocks(view_after(steps=60)), 200)
    assert " →16×8×8 " in text_of(rows[0])
    assert " 16→32 " not in text_of(rows[0])
    assert "16→10" in text_of(rows[3])


def test_a_diverged_layer_with_weights_has_no_dash():
    view = of_blocks(view_after(steps=60))
    stats = view.latest.copy()
    stats[0] = float("nan")
    text = text_of(rows_of(dataclasses.replace(view, latest=stats))[0])
    assert "×" in text
    assert "–" not in text


def test_a_recurrent_layer_may_have_no_saturated_gate():
    view = of_blocks(view_after(steps=60))
    lstm = dataclasses.replace(view.layers[1], kind="lstm")
    view = dataclasses.replace(view, layers=(view.layers[0], lstm, *view.layers[2:]))
    assert "0%" in text_of(rows_of(view)[1])
