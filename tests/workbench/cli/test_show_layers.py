"""What `workbench show` draws of the layers over time."""

from tests.workbench.cli.conftest import record


def test_a_statistic_is_drawn_as_a_heat_map(command, full):
    text = command("show", "2", "--heat", "gradient_std").out
    lines = text.splitlines()
    assert lines[0].startswith("run 2: gradient std")
    assert "▲ changed" in lines[0]
    rows = [line.split("│") for line in lines if "│" in line]
    assert [name.strip() for name, _ in rows if name.strip()] == ["hidden 1", "hidden 2", "hidden 3", "output"]
    assert "@" in rows[-1][1]
    assert "·" in rows[0][1]
    assert "step" in lines[-1]
    assert "Run 2" not in text
    assert "saturated  0 ·:-=+*#%@ 1" in command("show", "2", "--heat", "saturated").out


def test_the_numbers_of_a_heat_map_come_as_json(command, full):
    found = command("show", "2", "--heat", "weight_norm", "--json").objects
    assert {each["layer"] for each in found} == {"hidden 1", "hidden 2", "hidden 3", "output"}
    assert {each["what"] for each in found} == {"heat"}
    first = [each for each in found if each["layer"] == "hidden 1"]
    assert [each["step"] for each in first[:3]] == [1, 5, 10]
    assert abs(first[0]["value"] - (5.0 + 0.01 + 0.01)) < 1e-3


def test_a_run_that_diverges_is_drawn_to_its_end(command, db):
    record(db, [{"model.width": 16}, {"model.width": 16, "seed": 1}], diverges_at=30)
    assert "× not finite" in command("show", "1", "--heat", "weight_gradient_norm").out
    assert "not finite" not in command("show", "2", "--heat", "weight_gradient_norm").out


def test_histograms_are_drawn_layer_by_layer(command, full):
    text = command("show", "2", "--histograms", "weight").out
    assert [line.split("  ")[0] for line in text.splitlines() if line.startswith("run 2")] == [
        f"run 2: weights of {layer}" for layer in ("hidden 1", "hidden 2", "hidden 3", "output")
    ]
    assert text.count("step 100│") == 4
    assert text.count("σ ") == 4 * 6
    found = command("show", "2", "--histograms", "weight", "--json").objects
    assert [(each["layer"], each["step"]) for each in found][:2] == [("hidden 1", 0), ("hidden 1", 20)]
    assert len(found[0]["counts"]) == 8


def test_what_is_not_there_or_not_known_is_told(command, stored):
    none = command("show", "1", "--histograms", "weight")
    assert none.code != 0
    assert "--set monitor.distributions=1 asks" in none.err
    wrong = command("show", "1", "--heat", "gradient")
    assert wrong.code == 2
    assert "gradient_std" in wrong.err
