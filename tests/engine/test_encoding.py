"""Examples of other data are encoded and scaled as the training examples were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.load import Learned, learn
from engine.encoding import Examples, of_other_data, of_part, of_rows
from engine.errors import ConfigurationError, DataError
from engine.experiment import Experiment
from engine.parts import Data

TABLE = [
    f"{place},{'' if place % 9 == 4 else round(place * 0.37 % 5, 2)},{('red', 'green', 'blue', '')[place % 4]},{place % 3}"
    for place in range(80)
]


def learned(**settings: object) -> Learned:
    return learn(Experiment.parse({"data": settings}).data)


def told(_what: str, _done: int, _total: int | None) -> None:
    """Hears nothing."""


def asked(known: Learned, name: Path | str, part: str | None = None, **more: str) -> Examples:
    return of_other_data(known, str(name), part, told, **more)  # type: ignore[arg-type]


@pytest.fixture
def table(tmp_path) -> Learned:
    """A table with numbers, missing numbers, words and missing words, and classes to predict."""
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["size,age,colour,kind", *TABLE]) + "\n")
    return learned(name=str(path), target="kind")


def rows(known: Learned, part: str) -> list[str]:
    """The lines of the examples of one part."""
    return [TABLE[row] for row in getattr(known.parts, part)]


# --- the same numbers as in training -----------------------------------------------


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_the_rows_of_a_part_in_a_file_of_their_own_are_encoded_as_they_were(table, tmp_path, part):
    path = tmp_path / "again.csv"
    path.write_text("\n".join(["size,age,colour,kind", *rows(table, part)]) + "\n")
    expected, found = of_part(table, part), asked(table, path)
    np.testing.assert_array_equal(found.inputs, expected.inputs)
    assert found.classes == expected.classes
    assert found.notes == ()


def test_columns_may_stand_in_another_order_and_the_target_may_be_absent(table, tmp_path):
    lines = [line.split(",") for line in rows(table, "test")]
    path = tmp_path / "again.csv"
    path.write_text("colour;nothing;age;size\n" + "".join(f"{colour};x;{age};{size}\n" for size, age, colour, _ in lines))
    found = asked(table, path)
    np.testing.assert_array_equal(found.inputs, of_part(table, "test").inputs)
    assert found.classes is None


def test_rows_of_ones_own_are_encoded_as_those_of_a_file(table):
    cells = [dict(zip(("size", "age", "colour", "kind"), line.split(","), strict=True)) for line in rows(table, "test")]
    expected = of_part(table, "test")
    found = of_rows(table, cells)
    np.testing.assert_array_equal(found.inputs, expected.inputs)
    assert found.classes == expected.classes
    numbers = [{"size": int(row["size"]), "age": float(row["age"] or "nan"), "colour": row["colour"] or None} for row in cells]
    np.testing.assert_array_equal(of_rows(table, numbers).inputs, expected.inputs)
    with pytest.raises(DataError, match="given rows: there is no column 'colour', from which the network predicts"):
        of_rows(table, [{"size": 1, "age": 2}])
    with pytest.raises(DataError, match="given rows: line 2: age is 'old', but the network was trained on numbers there"):
        of_rows(table, [{"size": 1, "age": 2, "colour": "red"}, {"size": 1, "age": "old", "colour": "red"}])


def test_a_row_for_bundled_data_is_named_as_its_inputs():
    known = learned(name="iris")
    raw = known.numbers.take(known.parts.test[:1])
    row = dict(zip(known.numbers.features, raw[0].tolist(), strict=True))
    np.testing.assert_array_equal(of_rows(known, [row]).inputs, of_part(known, "test").inputs[:1])


def test_a_missing_number_is_the_median_of_the_training_rows(table, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("size,age,colour\n1000,,red\n")
    ages = [float(line.split(",")[1]) for line in rows(table, "train") if line.split(",")[1]]
    sizes = [float(line.split(",")[0]) for line in rows(table, "train")]
    (inputs,) = asked(table, path).inputs
    place = table.numbers.features.index("age")
    filled = [float(line.split(",")[1] or np.median(ages)) for line in rows(table, "train")]
    assert inputs[place] == pytest.approx((np.median(ages) - np.mean(filled)) / np.std(filled), rel=1e-5)
    assert inputs[table.numbers.features.index("size")] == pytest.approx((1000 - np.mean(sizes)) / np.std(sizes), rel=1e-6)


def test_a_word_that_no_training_row_has_is_no_category_and_is_told(table, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("size,age,colour\n1,1,violet\n")
    found = asked(table, path)
    words = [place for place, name in enumerate(table.numbers.features) if name.startswith("colour=")]
    zeros = -table.scaler.mean[words] / table.scaler.std[words]
    np.testing.assert_allclose(found.inputs[0, words], zeros, rtol=1e-6)
    assert found.notes == ("colour: no training row has violet",)


def test_columns_that_the_network_does_not_see_need_not_be_there(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("\n".join(["size,age,colour,kind", *TABLE]) + "\n")
    known = learned(name=str(path), target="kind", features=["-colour"])
    again = tmp_path / "again.csv"
    again.write_text("size,age\n" + "".join(",".join(line.split(",")[:2]) + "\n" for line in rows(known, "test")))
    np.testing.assert_array_equal(asked(known, again).inputs, of_part(known, "test").inputs)


def test_numbers_to_predict_are_in_their_own_unit(tmp_path):
    path = tmp_path / "prices.csv"
    lines = [f"{place},{place * place % 17},{100 + 3.5 * place}" for place in range(60)]
    path.write_text("\n".join(["a,b,price", *lines]) + "\n")
    known = learned(name=str(path), target="price")
    test = of_part(known, "test")
    assert test.numbers is not None
    np.testing.assert_array_equal(test.numbers, [100 + 3.5 * row for row in known.parts.test])
    new = tmp_path / "new.csv"
    for text in ("a,b,price\n1,2,7.5\n3,4,\n", "a;b;price\n1;2;7,5\n3;4;\n"):
        new.write_text(text)
        found = asked(known, new)
        assert found.numbers is not None
        np.testing.assert_array_equal(found.numbers, [7.5, np.nan])


# --- arrays and datasets -----------------------------------------------------------


def test_an_npz_file_is_scaled_as_the_training_pictures(tmp_path):
    draw = np.random.default_rng(1)
    pictures = draw.integers(0, 256, (60, 6, 5, 3), dtype=np.uint8)
    labels = np.arange(60) % 3
    np.savez(tmp_path / "all.npz", x=pictures, y=labels)
    known = learned(name=str(tmp_path / "all.npz"))
    test = known.parts.test
    np.savez(tmp_path / "some.npz", images=pictures[test], labels=labels[test])
    found = asked(known, tmp_path / "some.npz")
    np.testing.assert_array_equal(found.inputs, of_part(known, "test").inputs)
    assert found.classes == of_part(known, "test").classes
    np.savez(tmp_path / "bare.npz", x_train=pictures[:2], x_test=pictures[test])
    bare = asked(known, tmp_path / "bare.npz")
    np.testing.assert_array_equal(bare.inputs, found.inputs)
    assert bare.classes is None
    assert len(asked(known, tmp_path / "bare.npz", "train")) == 2
    with pytest.raises(DataError, match="no inputs of the validation part in it; name the array x, or x_validation"):
        asked(known, tmp_path / "bare.npz", "validation")


def test_of_arrays_only_the_inputs_that_were_learned_from_are_taken(tmp_path):
    values = np.random.default_rng(1).normal(size=(50, 4))
    np.savez(tmp_path / "all.npz", x=values, y=np.arange(50) % 2)
    known = learned(name=str(tmp_path / "all.npz"), features=["x3", "x1"])
    np.savez(tmp_path / "new.npz", x=values[known.parts.test])
    np.testing.assert_array_equal(asked(known, tmp_path / "new.npz").inputs, of_part(known, "test").inputs)


def test_a_table_with_the_names_of_the_inputs_answers_for_bundled_data(tmp_path):
    known = learned(name="iris")
    raw = known.numbers.take(known.parts.test)
    names = {known.source.classes[index] for index in known.source.targets}
    path = tmp_path / "flowers.csv"
    lines = [",".join([known.source.classes[known.source.targets[row]], *map(repr, map(float, numbers))]) for row, numbers in zip(known.parts.test, raw, strict=True)]  # fmt: skip
    path.write_text("\n".join([",".join(["species", *known.numbers.features]), *lines]) + "\n")
    found = asked(known, path, target="species")
    np.testing.assert_allclose(found.inputs, of_part(known, "test").inputs, rtol=1e-6)
    assert found.classes == of_part(known, "test").classes
    assert set(found.classes) == names


def test_another_dataset_is_scaled_by_what_the_first_one_taught():
    known = learned(name="moons", samples=200)
    other = learned(name="circles", samples=1000)
    found = asked(known, "circles")
    raw = other.numbers.take(other.parts.test)
    np.testing.assert_allclose(found.inputs, (raw - known.scaler.mean) / known.scaler.std, rtol=1e-5)
    assert found.classes == of_part(other, "test").classes


def test_a_folder_of_pictures_is_resized_to_what_the_network_takes(tmp_path):
    draw = np.random.default_rng(1)
    for folder in ("first", "second"):
        for name in ("cat", "dog"):
            (tmp_path / folder / name).mkdir(parents=True)
            for number in range(12):
                pixels = draw.integers(0, 256, (10, 14), dtype=np.uint8)
                Image.fromarray(pixels).save(tmp_path / folder / name / f"{number}.png")
    known = learned(name="image_folder", dir=str(tmp_path / "first"), image_size=6)
    found = asked(known, "image_folder", folder=str(tmp_path / "second"))
    own = learned(name="image_folder", dir=str(tmp_path / "second"), image_size=6)
    raw = own.numbers.take(own.parts.test)
    np.testing.assert_allclose(found.inputs, (raw - known.scaler.mean) / known.scaler.std, rtol=1e-5)


# --- what goes wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,kind\n1,2\n", "there is no column 'age', 'colour', from which the network predicts"),
        ("size,age,colour\n1,old,red\n", "line 2: age is 'old', but the network was trained on numbers there"),
        ("size,age,colour\n1,1e39,red\n", "line 2: age is '1e39', but the network"),
        ("size,age,colour\n", "a header and no rows"),
    ],
)
def test_a_table_that_does_not_fit_is_told(table, tmp_path, text, message):
    path = tmp_path / "new.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        asked(table, path)


def test_files_that_are_not_there_are_told(table, tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        asked(table, tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="there is no such file"):
        asked(table, tmp_path / "nowhere.npz")
    with pytest.raises(ConfigurationError, match="unknown dataset 'nothing'"):
        asked(table, "nothing")


def test_examples_of_another_shape_are_told(tmp_path):
    np.savez(tmp_path / "small.npz", x=np.zeros((5, 4, 4), dtype=np.uint8))
    np.savez(tmp_path / "flat.npz", x=np.zeros((5, 3)))
    known = learned(name="digits")
    with pytest.raises(DataError, match="its examples are 4x4 numbers, but the network was trained on 8x8 numbers"):
        asked(known, tmp_path / "small.npz")
    with pytest.raises(DataError, match="its examples are 3 numbers, but"):
        asked(known, tmp_path / "flat.npz")


def test_arrays_cannot_stand_for_a_table(table, tmp_path):
    np.savez(tmp_path / "new.npz", x=np.zeros((5, 3)))
    with pytest.raises(DataError, match="trained on a table; give a CSV file"):
        asked(table, tmp_path / "new.npz")


def test_a_class_that_the_network_does_not_know_is_told(table, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("size,age,colour,kind\n1,1,red,9\n2,2,red,1.0\n3,3,red,\n")
    found = asked(table, path)
    assert found.classes == ("9", "1", "")
    assert found.notes == ("the network knows no class 9; it cannot be right there",)


def test_a_truth_that_is_not_there_or_no_number_is_told(table, tmp_path):
    path = tmp_path / "new.csv"
    path.write_text("size,age,colour\n1,1,red\n")
    with pytest.raises(DataError, match="no column 'sort' with the truth"):
        asked(table, path, target="sort")
    prices = tmp_path / "prices.csv"
    prices.write_text("\n".join(["a,price", *(f"{place},{place * 1.5}" for place in range(40))]) + "\n")
    path.write_text("a,price\n1,2\n2,much\n")
    with pytest.raises(DataError, match="the truth of example 2 is 'much', not a number"):
        asked(learned(name=str(prices), target="price"), path)


def test_an_empty_part_is_told():
    with pytest.raises(DataError, match="the validation part of iris is empty"):
        of_part(learned(name="iris", validation=0.0), "validation")


def test_settings_of_the_same_name_are_those_of_the_training():
    known = learned(name="moons", samples=300, noise=0.5)
    assert isinstance(known.settings, Data)
    np.testing.assert_array_equal(asked(known, "moons").inputs, of_part(known, "test").inputs)
