"""An experiment is validated whole, is the same as TOML and JSON, and has a hash that says what it is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import (
    ACTIVATIONS,
    DATASETS,
    INITIALIZERS,
    OPTIMIZERS,
    OUTPUT_ACTIVATIONS,
    REGISTRIES,
    SCHEDULES,
    Choice,
    Registry,
    parse_pick,
)
from engine.errors import ConfigurationError
from engine.experiment import SETTINGS, Experiment

CHOSEN = {path: registry for path, registry in REGISTRIES.items() if path != "data.name"}


def problems(values: dict) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as caught:
        Experiment.parse(values)
    return {problem.path: problem.message for problem in caught.value.problems}


def picks(registry: Registry) -> st.SearchStrategy[str]:
    """Text of any choice with any allowed parameters."""

    def with_parameters(choice: Choice) -> st.SearchStrategy[str]:
        values = []
        for p in choice.parameters:
            low, high = max(p.low, -1e6), min(p.high, 1e6)
            if p.whole:
                values.append(st.integers(int(low), int(high)))
            else:
                values.append(st.floats(low, high, exclude_min=p.low_open, exclude_max=p.high_open))
        names = [p.name for p in choice.parameters]
        return st.tuples(*values).map(
            lambda drawn: f"{choice.key}({', '.join(f'{n}={v!r}' for n, v in zip(names, drawn, strict=True))})"
        )

    return st.sampled_from(list(registry.values())).flatmap(with_parameters)


experiments = st.builds(
    lambda **values: Experiment.parse({**values, "model": {**values["model"]}, "data": {**values["data"]}}),
    model=st.fixed_dictionaries(
        {"activation": picks(ACTIVATIONS), "init": picks(INITIALIZERS), "dropout": st.floats(0, 1, exclude_max=True)},
        optional={"widths": st.lists(st.integers(1, 5000), min_size=1, max_size=5), "batch_norm": st.booleans()},
    ),
    data=st.fixed_dictionaries(
        {"name": st.sampled_from([n for n in DATASETS if n != "image_folder"]), "seed": st.integers(0, 2**63 - 1)},
        optional={"dir": st.text(min_size=1)},
    ),
    optimizer=picks(OPTIMIZERS),
    schedule=picks(SCHEDULES),
    lr=st.floats(0, 1000, exclude_min=True),
    l1=st.floats(0, 1000),
    batch_size=st.one_of(st.just("full"), st.integers(2, 10**6)),
    epochs=st.one_of(st.none(), st.integers(1, 10**6)),
    steps=st.one_of(st.none(), st.integers(1, 10**9)),
    seed=st.integers(0, 2**63 - 1),
    dtype=st.sampled_from(["float32", "float64"]),
)


@settings(max_examples=60, deadline=None)
@given(experiments)
def test_toml_and_json_round_trip(e: Experiment) -> None:
    assert Experiment.from_toml(e.to_toml()) == e
    assert Experiment.from_json(e.to_json()) == e
    assert Experiment.from_toml(e.to_toml()).hash == e.hash


def test_all_problems_are_told_at_once_each_at_its_path() -> None:
    found = problems({
        "lr": math.nan, "batch_size": 0, "optimizer": "adm", "dtype": "half", "epochs": 0, "l1": -1.0, "nonsense": 1,
        "model": {"width": 0, "dropout": 1.0, "activation": "rellu", "depht": 3}, "data": {"name": "mnits", "noise": math.inf},
        "device": "gpu", "monitor": {"every": "often"},
    })  # fmt: skip
    assert set(found) == {
        "lr", "batch_size", "optimizer", "dtype", "epochs", "l1", "nonsense", "model.width", "model.dropout",
        "model.activation", "model.depht", "data.name", "data.noise", "device", "monitor.every",
    }  # fmt: skip
    assert "'adam'" in found["optimizer"]
    assert "Did you mean 'relu'" in found["model.activation"]
    assert "Did you mean 'mnist'" in found["data.name"]
    assert "Did you mean 'model.depth'" in found["model.depht"]
    assert "less than 1" in found["model.dropout"]
    assert "'float32' or 'float64'" in found["dtype"]
    assert "full" in found["batch_size"]
    assert "cuda" in found["device"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("path", ["lr", "l1", "l2"])
def test_numbers_that_are_not_finite_are_refused(path: str, value: float) -> None:
    assert path in problems({path: value})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"cost": "cross_entropy", "model": {"output": "tanh"}}, "needs output softmax"),
        ({"batch_size": 1, "model": {"batch_norm": True}}, "batch norm"),
        ({"batch_size": 1, "model": {"blocks": "residual(dense(3, batch_norm=on))"}}, "batch norm"),
        ({"batch_size": 1, "model": {"blocks": "split(batch_norm | dense(3, batch_norm=on), join=concat)"}}, "batch norm"),
        ({"schedule": "on_plateau", "data": {"validation": 0.0}}, "validation"),
        ({"data": {"validation": 0.5, "test": 0.5}}, "leave something to train on"),
        ({"data": {"name": "prices.csv"}}, "needs a target"),
        ({"device": "cuda:9999"}, "number of a GPU"),
        ({"device": "cuda:\u0663"}, "number of a GPU"),
        ({"data": {"name": "iris", "target": "x"}}, "target is for CSV"),
        ({"data": {"name": "iris", "task": "regression"}}, "task is for CSV"),
        ({"data": {"name": "iris", "noise": 0.3}}, "noise is for two-dimensional sets"),
        ({"data": {"name": "x.csv", "target": "y", "samples": 50}}, "samples is for sets that are made up"),
        ({"model": {"widths": [3, 4], "depth": 3}}, "names 2 layers, but depth is 3"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(values: dict, words: str) -> None:
    assert words in " ".join(problems(values).values())


@pytest.mark.parametrize(("path", "registry"), CHOSEN.items())
def test_every_choice_is_accepted_with_its_defaults_and_written_in_full(path: str, registry: Registry) -> None:
    for key, choice in registry.items():
        if (path, key) in {("model.output", k) for k in OUTPUT_ACTIVATIONS}:
            e = Experiment().with_settings({"cost": "mean_squared", path: key})
        else:
            e = Experiment().with_settings({path: key})
        value = e.model_dump(mode="json")
        for name in path.split("."):
            value = value[name]
        assert parse_pick(value, registry) == parse_pick(key, registry)
        assert all(f"{p.name}=" in value for p in choice.parameters)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("normal(std=0)", "std must be above 0"),
        ("normal(sdt=1)", "has no parameter 'sdt'; its parameters: std"),
        ("normal(std=big)", "std must be a number"),
        ("normal(std=nan)", "finite"),
        ("normal(std=1", "closing bracket"),
        ("zeros(1)", "has no parameter '1'; its parameters: none"),
    ],
)
def test_wrong_parameters_of_a_choice_are_explained(text: str, words: str) -> None:
    assert words in problems({"model": {"init": text}})["model.init"]


def test_a_bare_number_is_the_first_parameter() -> None:
    e = Experiment.parse({"model": {"init": "normal(0.5)"}})
    assert e.model.init["std"] == 0.5


def test_every_optimizer_has_a_learning_rate_of_its_own() -> None:
    for key, choice in OPTIMIZERS.items():
        assert choice.learning_rate is not None
        assert Experiment.parse({"optimizer": key}).lr == choice.learning_rate
    assert Experiment.parse({"optimizer": "sgd", "lr": 0.3}).lr == 0.3


def test_changing_the_optimizer_takes_its_learning_rate_unless_another_was_chosen() -> None:
    assert Experiment().with_settings({"optimizer": "sgd"}).lr == 0.1
    assert Experiment().with_settings({"optimizer": "sgd", "lr": 0.5}).lr == 0.5
    assert Experiment.parse({"lr": 0.5}).with_settings({"optimizer": "sgd"}).lr == 0.5
    assert Experiment.parse({"lr": 0.5}).with_settings({"model.depth": 5}).lr == 0.5


def test_another_dataset_does_not_inherit_what_was_for_the_old_one() -> None:
    e = Experiment.parse({"data": {"name": "spirals", "noise": 0.5, "samples": 50, "validation": 0.2}})
    changed = e.with_settings({"data.name": "iris"})
    assert changed == Experiment.parse({"data": {"name": "iris", "validation": 0.2}})
    assert e.with_settings({"data.name": "moons", "data.noise": 0.2}).data.noise == 0.2
    assert e.with_settings({"data.name": "spirals"}) == e


def test_equal_widths_are_depth_and_width() -> None:
    long = Experiment.parse({"model": {"widths": [32, 32, 32]}})
    short = Experiment.parse({"model": {"depth": 3, "width": 32}})
    assert long == short
    assert long.hash == short.hash
    assert Experiment.parse({"model": {"widths": [32, 16]}}).model.hidden == (32, 16)
    assert Experiment.parse({"model": {"depth": 0}}).model.hidden == ()


def test_depth_and_widths_replace_each_other() -> None:
    e = Experiment().with_settings({"model.widths": [3, 4]})
    assert e.model.hidden == (3, 4)
    assert e.with_settings({"model.depth": 3, "model.width": 5}).model.hidden == (5, 5, 5)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"lr": 1}, {"lr": 1.0}),
        ({"l1": -0.0}, {"l1": 0.0}),
        ({"model": {"init": "constant(value=-0.0)"}}, {"model": {"init": "constant(value=0)"}}),
        ({"epochs": None}, {}),
        ({"seed": 1}, {"seed": 2}),
        ({"device": "cpu"}, {"threads": 4}),
        ({"data": {"name": "mnist", "dir": "/a"}}, {"data": {"name": "mnist", "dir": "/b"}}),
        ({"optimizer": "adam"}, {"optimizer": "adam(beta1=0.9)"}),
        ({"data": {"name": "fashion-mnist"}}, {"data": {"name": "fashion_mnist"}}),
        ({"model": {"blocks": "2*dense(3)"}}, {"model": {"blocks": ["dense( width=3 )", "dense(3)"]}}),
        ({"model": {"blocks": "conv(4)"}}, {"model": {"blocks": "conv(4, kernel=3, stride=1, padding=same)"}}),
        ({"checkpoint": {"every": 3, "best": True}}, {}),
        ({"ensemble": {"members": 3, "member": 1}}, {"ensemble": {"members": 3, "member": 2}}),
    ],
)
def test_equal_experiments_have_equal_hashes(one: dict, other: dict) -> None:
    assert Experiment.parse(one).hash == Experiment.parse(other).hash


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in SETTINGS
        if p not in ("seed", "device", "threads", "data.dir", "ensemble.member", "checkpoint.every", "checkpoint.best")
    ],
)
def test_every_other_setting_changes_the_hash(path: str) -> None:
    other = {
        "data.name": "iris", "data.target": "y", "data.task": "regression", "data.samples": 99, "data.noise": 0.5,
        "data.validation": 0.2, "data.test": 0.3, "data.scaling": "none", "data.seed": 5, "model.depth": 1, "model.width": 9,
        "model.widths": [1, 2], "model.activation": "tanh", "model.output": "softmax", "model.init": "zeros",
        "model.bias_init": 0.5, "model.bias_std": 0.5, "model.batch_norm_eps": 0.001, "model.dropout": 0.5, "model.batch_norm": True, "cost": "quadratic", "l1": 0.1, "l2": 0.1,
        "optimizer": "sgd", "lr": 0.5, "schedule": "cosine", "batch_size": "full", "epochs": 3, "steps": 7,
        "dtype": "float64", "monitor.every": 3, "monitor.budget": 0.5, "monitor.train_examples": 10,
        "data.inputs": 20, "data.image_size": 8, "data.colour": "rgb",
        "data.train_size": 50, "data.features": ["-x"], "data.label_noise": 0.1,
        "model.blocks": "dense(3)", "pretraining": "dbn", "stop.monitor": "train_cost", "stop.patience": 3, "stop.min_delta": 0.1,
        "stop.restore_best": False, "stop.target": 0.5, "ensemble.members": 3, "ensemble.by": "bagging", "checkpoint.every": 2,
        "checkpoint.best": True, "callbacks": ["a:B"], "monitor.distributions": 3, "monitor.jacobian": "never",
    }  # fmt: skip
    csv, plane = {"name": "x.csv", "target": "z"}, {"name": "spirals"}
    folder = {"name": "image_folder", "dir": "pictures"}
    data = {
        "data.target": csv,
        "data.task": csv,
        "data.samples": plane,
        "data.noise": plane,
        "data.inputs": {"name": "noise"},
        "data.image_size": folder,
        "data.colour": folder,
    }
    ensemble = {"ensemble.by": {"members": 2}}.get(path, {})
    base = Experiment.parse({"data": data.get(path, {}), "ensemble": ensemble, "model": {"activation": "sigmoid"}})
    assert base.with_settings({path: other[path]}).hash != base.hash


def test_settings_that_came_later_leave_the_hash_of_older_experiments_as_it_was() -> None:
    assert Experiment().hash == "64d57c65b2a62b66"  # as version 0.1.0 had it before there were blocks


def test_the_folder_of_pictures_is_part_of_the_hash() -> None:
    one, other = (Experiment.parse({"data": {"name": "image_folder", "dir": folder}}) for folder in "ab")
    assert one.hash != other.hash


def test_an_unknown_setting_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ConfigurationError, match=r"Did you mean 'model\.dropout'"):
        Experiment().with_settings({"model.dropuot": 0.1})


def test_an_experiment_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Experiment().lr = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("text", ["lr = ", "[model\n", "lr = nan"])
def test_broken_toml_is_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigurationError):
        Experiment.from_toml(text)


@pytest.mark.parametrize("registry", REGISTRIES.values())
def test_every_choice_says_what_it_is_and_where_it_comes_from(registry: Registry) -> None:
    for choice in registry.values():
        assert choice.label
        assert choice.formula
        assert choice.help.endswith(".") or choice.key == "auto"
        assert (
            any(character.isdigit() for character in choice.citation)
            or "scikit-learn" in choice.citation
            or choice.key in ("none", "image_folder")
            or ("PyTorch" in choice.citation or "CS231n" in choice.citation)
        )
        assert all(parameter.help and parameter.check(parameter.default) is None for parameter in choice.parameters)
