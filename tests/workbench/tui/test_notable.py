"""What is of note in the course of a training, in words."""

import dataclasses

import pytest

from engine.events import CALLBACK, Change, Checkpointed, Finished, Intervened, MemberEnded, Outcome, Resumed, Score
from engine.experiment import Experiment
from engine.vocabulary import Status
from tests.workbench.scripted import scripted_events, scripted_experiments
from workbench.curves import Shown, choices, run_curves
from workbench.live import LiveRun
from workbench.tui.notable import course, notes, present_settings
from workbench.tui.snapshot import Snapshot, status_line
from workbench.tui.widgets.progress_line import progress_pieces
from workbench.tui.words import end_text, experiment_text, extras, network_text, progress_parts, status_text, stored_extras


def live_after(*more, until=None, member=0, **script):
    """A view after the events of a script, up to the first of the kind `until`, and some more."""
    live = LiveRun()
    for event in scripted_events(**script):
        live.apply(event)
        if until is not None and isinstance(event, until):
            break
    for event in more:
        live.apply(event)
    return live.view(member)


def running(*more, member=0, **script):
    """The view of a training that goes on."""
    live = LiveRun()
    for event in scripted_events(**script):
        if not isinstance(event, Finished):
            live.apply(event)
    for event in more:
        live.apply(event)
    return live.view(member)


CHANGED = Intervened(40, (Change("lr", 0.001, 0.01), Change("model.dropout", 0.0, 0.25)))
KEPT = Checkpointed(50, 2, "last", "folder/last-50.json", (0,))


def test_without_anything_of_note_nothing_is_told():
    view = running(steps=60)
    assert notes(view) == ()
    assert course(view) == ()


def test_notes_are_told_with_their_step_the_latest_first():
    view = running(CHANGED, KEPT, MemberEnded(2, 55, 2, "early stopping"), steps=60, members=3)
    assert notes(view) == (
        "step 55: member 3 ended early (early stopping)",
        "step 50: checkpoint",
        "step 40: learning rate 0.001 → 0.01, dropout 0 → 0.25",
    )


def test_a_change_that_a_callback_asked_for_says_so():
    view = running(CHANGED, Intervened(60, (Change("lr", 0.01, 0.001),), CALLBACK), steps=80)
    assert course(view) == (
        "step 40: learning rate 0.001 → 0.01, dropout 0 → 0.25",
        "step 60: learning rate 0.01 → 0.001 (a callback)",
    )


def test_of_checkpoints_the_notes_tell_the_last_one_and_the_course_all():
    kept = [Checkpointed(25 * n, n, "last", f"folder/last-{25 * n}.json", (0,)) for n in range(1, 4)]
    view = running(*kept, Checkpointed(50, 2, "best", "folder/best-50.json", (0,)), steps=80)
    assert notes(view) == ("step 50: best epoch kept of member 1",)
    assert [line for line in course(view) if "checkpoint" in line] == [f"step {25 * n}: checkpoint" for n in range(1, 4)]


def test_a_training_that_went_on_says_from_where():
    view = live_after(begins=50, steps=100)
    assert notes(view) == ("went on from step 50 (epoch 2)",)


def test_changes_made_before_a_training_went_on_belong_to_its_course():
    view = running(Intervened(80, (Change("lr", 0.01, 0.02),)), begins=50, steps=100)
    assert course(view, (CHANGED,)) == (
        "step 40: learning rate 0.001 → 0.01, dropout 0 → 0.25",
        "went on from step 50 (epoch 2)",
        "step 80: learning rate 0.01 → 0.02",
    )
    assert present_settings(view, (CHANGED,))["lr"] == "0.02"
    assert present_settings(view, (CHANGED,))["model.dropout"] == "0.25"
    assert present_settings(view)["model.dropout"] == "0"


def test_the_course_begins_with_the_pretraining_of_each_layer():
    view = live_after(everything=True, steps=60)
    first = course(view)[:3]
    assert first == tuple(f"pre-training hidden {n}: error {error} in 2 of 2 epochs" for n, error in enumerate(ERRORS, 1))


ERRORS = ("1 → 0.5", "0.5 → 0.333", "0.333 → 0.25")


# --- how a run stands ----------------------------------------------------------------


def pretrained(**script):
    pick = Experiment().with_settings({"pretraining": "dbn", "steps": 60})
    return pick, {"experiments": (pick,), "steps": 60, **script}


def test_pretraining_is_told_until_the_first_step():
    _, script = pretrained(everything=True)
    live = LiveRun()
    events = scripted_events(**script)
    live.apply(next(events))
    assert status_text(live.view()) == "pre-training"
    assert progress_parts(live.view()) == ("pre-training",)
    live.apply(next(events))
    view = live.view()
    assert progress_parts(view)[:2] == ("pre-training hidden 1: epoch 1/2", "error 1")
    assert "".join(text for text, _ in progress_pieces(view, 100)).startswith("━" * 12 + "─" * 13 + "  50%")
    curves = run_curves(view, Shown.COST)
    assert (curves.title, curves.x_label) == ("reconstruction error", "epoch")
    assert [(line.label, list(line.y)) for line in curves.lines] == [("hidden 1", [1.0])]
    for event in events:
        live.apply(event)
    assert status_text(live.view()).startswith("done")
    assert run_curves(live.view(), Shown.COST).title == "cost"
    assert choices(live.view())[-1] is Shown.RECONSTRUCTION
    assert [line.label for line in run_curves(live.view(), Shown.RECONSTRUCTION).lines] == ["hidden 1", "hidden 2", "hidden 3"]


def test_early_stopping_and_the_weights_that_were_restored_are_told_at_the_end():
    view = live_after(steps=200, ends={0: 6})
    assert status_text(view) == "done, test accuracy 74.0%"
    assert notes(view) == ("ended early (early stopping), weights of step 75",)
    assert course(view)[-1] == "at the end: ended early (early stopping), weights of step 75"
    assert end_text((view.outcome,), view) == "done, test accuracy 74.0%, ended early (early stopping), weights of step 75"


def test_a_member_that_ended_while_others_go_on_says_so():
    view = running(steps=200, members=2, ends={1: 4}, member=1)
    assert status_text(view) == "ended (early stopping)"
    assert notes(view) == ("ended early (early stopping)",)
    other = running(steps=200, members=2, ends={1: 4})
    assert status_text(other) == "scoring"
    assert notes(other) == ("step 100: member 2 ended early (early stopping)",)


def test_an_ensemble_is_told_beside_its_member():
    view = running(steps=100, members=3, everything=True)
    single, both = view.validation_accuracy[-1], view.combined.accuracy[-1]
    assert status_text(view) == f"scoring, validation accuracy {single:.1%}, together {both:.1%}"
    over = live_after(steps=100, members=3, everything=True)
    assert status_text(over).endswith(f", together {over.combined.test.mean.accuracy:.1%}")
    assert end_text([over.outcome] * 3, over) == f"3 done, together {over.combined.test.mean.accuracy:.1%}"
    lines = run_curves(view, Shown.SCORE).lines
    assert [line.label for line in lines] == ["training", "validation", "validation, together"]
    assert list(lines[2].y) == list(view.combined.accuracy)


def test_of_an_ensemble_for_numbers_r2_is_told():
    view = running(steps=50, members=2, everything=True)
    number = dataclasses.replace(view.combined, accuracy=view.combined.accuracy * float("nan"), r2=view.combined.accuracy)
    text = status_text(dataclasses.replace(view, combined=number))
    assert f"together R² {number.r2[-1]:.3f}"[:16] in text


def test_a_run_alone_has_no_ensemble():
    view = live_after(steps=60)
    assert [line.label for line in run_curves(view, Shown.COST).lines] == ["training", "validation"]
    assert "together" not in status_text(view)


def test_changes_are_marked_on_the_curves():
    assert run_curves(running(CHANGED, steps=60), Shown.COST).marks == (40.0,)
    assert run_curves(running(steps=60), Shown.SCORE).marks == ()


def test_a_diverged_run_says_so_and_not_why_it_ended():
    assert status_text(live_after(steps=60, diverges_at=30)) == "diverged at step 30 in output (pre-activation)"


def test_a_stopped_run_with_no_scores_is_stopped():
    stopped = Finished((Outcome(Status.STOPPED, 60, train=Score(1.0)),), 1.0, 0.0)
    assert status_text(running(stopped, steps=60)) == "stopped, training cost 1"


@pytest.mark.parametrize(
    ("blocks", "text"),
    [
        ("dense(64)", "dense"),
        ("conv(8), conv(8), max_pool, flatten, dense(64)", "2 conv-max_pool-flatten-dense"),
        ("conv(8), max_pool, " * 3 + "flatten, dense(64)", "8 blocks"),
        ("3*residual(dense(64), dense(64))", "3 residual"),
    ],
)
def test_blocks_are_summed_up_briefly(blocks, text):
    assert network_text(Experiment().with_settings({"model.blocks": blocks})) == text


def test_depth_and_width_are_summed_up_as_before():
    assert network_text(scripted_experiments()[0]) == "3×16"
    assert network_text(Experiment().with_settings({"model.depth": 0})) == "linear"


ADDED = {
    "model.batch_norm": True,
    "model.dropout": 0.5,
    "l1": 0.01,
    "l2": 1e-4,
    "pretraining": "dbn",
    "optimizer": "sgd",
    "lr": 0.1,
}


def test_what_is_added_to_the_layers_is_named():
    experiment = Experiment().with_settings(ADDED)
    assert experiment_text(experiment) == ("digits  3×64 relu +bn +dropout 0.5 +L1 0.01 +L2 1.0e-04 +dbn  he_normal  sgd 0.1")
    assert stored_extras(experiment.to_json()) == extras(experiment)
    assert stored_extras(Experiment().to_json()) == extras(Experiment()) == ()
    blocks = Experiment().with_settings({"model.blocks": "3*residual(dense(64, batch_norm=on), dense(64, dropout=0.2))"})
    assert extras(blocks) == ("+bn", "+dropout")
    assert extras(Experiment().with_settings({"model.blocks": "dense(64, batch_norm=off)"})) == ()
    assert stored_extras("{}") == ()


def test_the_line_of_a_run_tells_what_was_changed_while_it_went_on():
    changed = Intervened(40, (Change("lr", 0.001, 0.5), Change("model.dropout", 0.0, 0.25), Change("batch_size", 64, 128)))
    line = str(status_line(Snapshot(running(changed, steps=60))))
    assert line.endswith("digits  3×16 relu +dropout 0→0.25  he_normal  adam 0.001→0.5  batch 64→128")
    back = Intervened(60, (Change("lr", 0.5, 0.001),))
    line = str(status_line(Snapshot(running(back, steps=80), before=(changed,))))
    assert line.endswith("+dropout 0→0.25  he_normal  adam 0.001  batch 64→128")


def test_of_changes_at_one_step_the_latest_comes_first():
    made = [Intervened(40, (Change("lr", before, after),)) for before, after in ((0.001, 0.002), (0.002, 0.005))]
    assert notes(running(*made, steps=60)) == ("step 40: learning rate 0.002 → 0.005", "step 40: learning rate 0.001 → 0.002")


def test_resumed_before_the_first_step_is_not_pretraining():
    experiment, script = pretrained()
    live = LiveRun()
    live.apply(next(scripted_events(**script)))
    live.apply(Resumed(20, 1, 0.5))
    assert status_text(live.view()) == "running"
    assert experiment.pretraining.kind == "dbn"
