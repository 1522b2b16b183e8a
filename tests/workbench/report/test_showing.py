"""What a recipe asks to see holds the numbers of its runs."""

from dataclasses import replace

import numpy as np
import pytest

from engine.vocabulary import Quantity, Statistic
from workbench.claims.stored import StoredRuns
from workbench.claims.wording import number_words
from workbench.report.records import HeatShown, LinesShown, NothingShown, SurfaceShown, TableShown
from workbench.report.showing import shown
from workbench.report.stored import runs_of
from workbench.report.surfaces import Surfaces

TANH, SIGMOID = "tanh, lr=0.1", "sigmoid, lr=0.1"


def curves_of(picture):
    assert isinstance(picture, LinesShown)
    return {curve.label: curve for part in picture.parts for curve in part.curves}


def errors_of(made, label):
    return [100 * (1 - run.test_accuracy) for run in made.result.records[label]]


def test_a_table_has_a_row_for_each_group_with_mean_and_spread(made):
    table = made.shown(1)
    assert isinstance(table, TableShown)
    assert (table.axes, table.columns) == (("network", "lr"), ("test error", "first layer"))
    rows = {row.names: row for row in table.rows}
    errors = errors_of(made, TANH)
    number = rows["tanh", "0.1"].cells[0].number
    assert number.values == pytest.approx(errors)
    assert number.std == pytest.approx(np.std(errors, ddof=1))
    assert rows["tanh", "0.1"].cells[0].text == number_words(number)


def test_a_table_says_what_diverged_and_what_was_chosen(made):
    rows = {row.names: row for row in made.shown(1).rows}
    assert rows["tanh", "1000"].cells[0].text == "2 of 2 diverged"
    assert rows["tanh", "1000"].cells[1].number is not None, "it was measured before"
    assert [names for names, row in rows.items() if row.chosen] == [("sigmoid", "0.1"), ("tanh", "0.1")]
    assert made.shown(1).chosen == "the lr of the best validation error"


def test_curves_are_means_over_seeds_of_the_groups_that_were_chosen(made):
    picture = made.shown(2)
    curves = curves_of(picture)
    assert list(curves) == [SIGMOID, TANH]
    series = [made.history.score_series(run.id)["train", "cost"] for run in made.result.records[TANH]]
    table = np.stack([each.value for each in series])
    assert curves[TANH].x.tolist() == series[0].epoch.tolist()
    np.testing.assert_allclose(curves[TANH].mean, table.mean(0))
    np.testing.assert_allclose(curves[TANH].low, table.min(0))
    np.testing.assert_allclose(curves[TANH].high, table.max(0))
    assert (picture.x_label, picture.y_label, picture.title) == ("epoch", "train cost", "Training cost")


def test_layers_are_drawn_as_they_were_measured_first(made):
    picture = made.shown(4)
    runs = made.result.records[SIGMOID]
    first = np.stack([made.history.layer_series(run.id, Statistic.GRADIENT_STD).values[:2, 0] for run in runs])
    np.testing.assert_allclose(curves_of(picture)[SIGMOID].mean, first.mean(0))
    assert curves_of(picture)[SIGMOID].x.tolist() == [1, 2]
    assert picture.log
    assert picture.ticks == ((1.0, "1"), (2.0, "2"))


def test_an_axis_goes_over_the_best_of_each_variation(made):
    picture = made.shown(5)
    (curve,) = curves_of(picture).values()
    assert [name for _, name in picture.ticks] == ["sigmoid", "tanh"]
    np.testing.assert_allclose(curve.mean, [np.mean(errors_of(made, SIGMOID)), np.mean(errors_of(made, TANH))])
    assert picture.y_label == "test error (%)"


def test_layer_curves_follow_each_hidden_layer(made):
    curves = curves_of(made.shown(6))
    assert list(curves) == ["layer 1", "layer 2"]
    rows = [
        [row.percentile(98) for row in made.history.histograms(run.id) if row.quantity == Quantity.ACTIVATION and row.layer == 1]
        for run in made.result.records[TANH]
    ]
    np.testing.assert_allclose(curves["layer 2"].mean, np.mean(rows, axis=0))


def test_a_heat_map_is_that_of_the_first_run(made):
    picture = made.shown(7)
    assert isinstance(picture, HeatShown)
    run = made.result.records[SIGMOID][0]
    series = made.history.layer_series(run.id, Statistic.ACTIVATION_MEAN)
    np.testing.assert_array_equal(picture.values, series.values)
    np.testing.assert_array_equal(picture.steps, series.step)
    assert picture.layers == ("hidden 1", "hidden 2", "output")
    assert picture.signed
    assert picture.note == "The run of seed 0 of sigmoid, lr=0.1"


def test_a_group_that_the_scale_leaves_out_is_not_shown(made):
    assert made.shown(8) == NothingShown("Left out", "the scale quick leaves sigmoid, lr=0.001 out")


def test_a_surface_is_worked_out_where_that_is_wanted(made):
    from engine.insight.surface import surface_of

    assert isinstance(made.shown(9), NothingShown)
    show, first = made.recipe.show[8], made.result.records[TANH][0]
    picture = shown(show, made.result.plan, made.result.runs, Surfaces({TANH: first}))
    assert isinstance(picture, SurfaceShown)
    np.testing.assert_array_equal(picture.surface.costs, surface_of(first.experiment).costs)


def test_without_runs_pictures_are_empty_and_tables_have_dashes(made):
    none = StoredRuns(made.history, {})
    every = [shown(each, made.result.plan, none) for each in made.recipe.show]
    assert {cell.text for row in every[0].rows for cell in row.cells} == {"–"}
    assert all(isinstance(each, NothingShown) and each.why for each in every[1:])


def test_runs_that_are_there_are_found_without_a_judgement(made):
    runs = runs_of(made.result.plan, made.history)
    again = shown(made.recipe.show[0], made.result.plan, runs)
    assert again == made.shown(1)


def test_a_part_of_the_runs_is_shown_as_far_as_it_goes(made):
    some = {label: (records[0], None) for label, records in made.result.records.items()}
    table = shown(made.recipe.show[0], made.result.plan, StoredRuns(made.history, some))
    assert table.rows[2].cells[0].number.values == pytest.approx(errors_of(made, TANH)[:1])


def test_below_lines_it_stands_which_groups_have_runs_that_diverged(made):
    first, second = made.result.records[SIGMOID]
    lost = {**made.result.records, SIGMOID: (first, replace(second, status="diverged", diverged_step=second.step))}
    plain = made.shown(2)
    assert plain.note == "Means of 2 runs, with bands from the least to the greatest"
    picture = shown(made.recipe.show[1], made.result.plan, StoredRuns(made.history, lost))
    assert "Diverged: 1 of 2 runs of sigmoid, lr=0.1" in picture.note.split(". ")
