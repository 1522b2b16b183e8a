from __future__ import annotations

import csv

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from engine.data import load_dataset
from engine.data.base import Source
from engine.data.registry import loader_for
from engine.data.split import split
from engine.parts import Data


def table(header, rows):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def whole(dataset):
    """All parts, inputs and targets side by side, sorted."""
    parts = (dataset.train, dataset.validation, dataset.test)
    rows = np.concatenate([np.column_stack([part.inputs, part.targets]) for part in parts])
    return rows[np.lexsort(rows.T)]


def source_of(settings) -> Source:
    return loader_for(settings.name)(settings, lambda *_: None)


NUMBERS = [(n, (n * 37) % 50, n / 7) for n in range(50)]


def test_numbers_are_read_as_they_stand(write_csv):
    dataset = load_dataset(Data(name=write_csv(table("a,b,y", NUMBERS)), target="y", scaling="none"))
    assert (dataset.task, dataset.features, dataset.notes) == ("regression", ("a", "b"), ())
    ours = whole(dataset)
    assert np.array_equal(np.unique(ours[:, :2], axis=0), np.unique(np.array(NUMBERS)[:, :2], axis=0))
    back = ours[:, 2] * dataset.target_std + dataset.target_mean
    np.testing.assert_allclose(back, ours[:, 0] / 7, atol=1e-12)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_line_ends_byte_order_mark_blank_lines_and_spaces_do_not_matter(write_csv, separator, end):
    text = table("a, b ,y", NUMBERS).replace(",", separator).replace("\n", f" {end}{end}")
    dataset = load_dataset(Data(name=write_csv("\ufeff" + text), target="y", scaling="none"))
    assert dataset.features == ("a", "b")
    assert sorted(whole(dataset)[:, 0]) == list(range(50))


def test_quoted_cells_may_hold_separators_and_line_ends(write_csv):
    rows = [(n % 40 + 0.5, ['"a,b"', '"c\nd"'][n % 2], n) for n in range(40)]
    dataset = load_dataset(Data(name=write_csv(table("x,word,y", rows)), target="y"))
    assert dataset.features == ("x", "word=a,b", "word=c\nd")
    assert dataset.notes == ("text encoded one-hot: word (2 categories)",)


def with_commas(number):
    return f"{number:.2f}".replace(".", ",")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_decimal_commas_are_read_where_commas_do_not_separate(write_csv, separator):
    rows = [(f"{with_commas(n / 7)}", "" if n == 3 else n - 20, f"{with_commas(-n / 3)}") for n in range(60)]
    text = "\n".join([separator.join("aby"), *(separator.join(map(str, row)) for row in rows)])
    dataset = load_dataset(Data(name=write_csv(text), target="y", scaling="none"))
    assert (dataset.task, dataset.features) == ("regression", ("a", "b"))
    assert dataset.notes[0] == "decimal commas read as decimal points: y"
    assert dataset.notes[-1] == "decimal commas read as decimal points: a"
    ours = whole(dataset)
    np.testing.assert_allclose(np.sort(ours[:, 0]), [round(n / 7, 2) for n in range(60)], rtol=1e-6)
    back = ours[:, 2] * dataset.target_std + dataset.target_mean
    np.testing.assert_allclose(np.sort(back), sorted(round(-n / 3, 2) for n in range(60)), atol=1e-12)


@pytest.mark.parametrize("cell", ["1.000,5", "0,5 m", "1,2,3", ","])
def test_what_only_looks_like_a_decimal_comma_stays_text(write_csv, cell):
    rows = [f"{cell if n % 2 else 'other'};{n + 0.5}" for n in range(60)]
    dataset = load_dataset(Data(name=write_csv("\n".join(["a;y", *rows])), target="y"))
    assert dataset.features == tuple(sorted((f"a={cell}", "a=other")))


def test_commas_beside_decimal_points_in_one_column_are_not_guessed_at(write_csv):
    rows = [f"{['0.5', '1,234'][n % 2]};{n + 0.5}" for n in range(60)]
    dataset = load_dataset(Data(name=write_csv("\n".join(["a;y", *rows])), target="y"))
    assert dataset.features == ("a=0.5", "a=1,234")


def test_missing_numbers_are_filled_with_the_median_of_the_training_part_and_counted(write_csv):
    marks = ["", "NA", "NaN", "null", "?", "n/a", " nan "]
    rows = [(marks[n % 7] if n % 6 == 0 else n * n, n, n + 0.5) for n in range(90)]
    settings = Data(name=write_csv(table("a,b,y", rows)), target="y", scaling="none", validation=0.3, test=0.3)
    dataset = load_dataset(settings)
    train = split(source_of(settings), settings).train
    known = [n * n for n in train if n % 6]
    filled = dataset.train.inputs[dataset.train.inputs[:, 1] % 6 == 0, 0]
    assert len(filled) > 2
    assert set(filled) == {np.float32(np.median(known))}
    reference = SimpleImputer(strategy="median").fit([[float("nan") if n % 6 == 0 else n * n] for n in train])
    assert reference.statistics_[0] == np.median(known)
    assert dataset.notes == (f"15 missing values in a filled with the training median {np.median(known):g}",)
    assert set(dataset.test.inputs[dataset.test.inputs[:, 1] % 6 == 0, 0]) == {np.float32(np.median(known))}


def test_nothing_is_learned_from_validation_and_test(write_csv):
    """Change every row outside the training part beyond recognition: the training part must not notice."""
    rows = [(("" if n % 5 == 0 else n), f"w{n % 3}", n * 1.5, n + 0.25) for n in range(100)]
    settings = Data(name=write_csv(table("a,word,b,y", rows)), target="y", validation=0.2, test=0.2)
    parts = split(source_of(settings), settings)
    before = load_dataset(settings)
    for n in [*parts.validation, *parts.test]:
        rows[n] = (1e6 + n, f"w{n % 3}", -1e6 * n, 1e6 * n + 0.25)
    write_csv(table("a,word,b,y", rows))
    after = load_dataset(settings)
    assert np.array_equal(before.train.inputs, after.train.inputs)
    assert np.array_equal(before.train.targets, after.train.targets)
    assert (before.target_mean, before.target_std, before.features) == (after.target_mean, after.target_std, after.features)
    assert not np.array_equal(before.test.inputs, after.test.inputs)


def test_words_are_encoded_one_hot_as_by_scikit_learn(write_csv):
    words = [["red", "green", "blue"][(n * n) % 3] for n in range(60)]
    rows = list(zip(range(60), words, (n + 0.5 for n in range(60)), strict=True))
    dataset = load_dataset(Data(name=write_csv(table("n,colour,y", rows)), target="y", scaling="none"))
    assert dataset.features == ("n", "colour=green", "colour=red")
    order = whole(dataset)[:, 0].astype(int)
    encoder = OneHotEncoder(sparse_output=False).fit([[word] for word in words])
    assert np.array_equal(whole(dataset)[:, 1:3], encoder.transform([[words[n]] for n in order]))


def test_spaces_around_a_word_do_not_make_another_word(write_csv):
    rows = [(["in", " in", "out "][n % 3], ["up", " up ", "down"][n % 3], n) for n in range(60)]
    dataset = load_dataset(Data(name=write_csv(table("word,y,n", rows)), target="y"))
    assert dataset.features == ("word=in", "word=out", "n")
    assert dataset.classes == ("down", "up")


def test_missing_words_are_a_category_of_their_own(write_csv):
    rows = [("NA" if n % 4 == 0 else "yes" if n % 4 == 1 else "no", n + 0.5) for n in range(80)]
    dataset = load_dataset(Data(name=write_csv(table("answer,y", rows)), target="y", scaling="none"))
    assert dataset.features == ("answer=(missing)", "answer=no", "answer=yes")
    assert whole(dataset)[:, :3].sum(axis=0).tolist() == [20, 40, 20]
    assert dataset.notes == (
        "20 missing values in answer taken for a category of their own",
        "text encoded one-hot: answer (3 categories)",
    )


def test_a_word_that_no_training_row_has_is_all_zeros_and_told_of(write_csv):
    rows = [("common" if n % 2 else "usual", n + 0.5) for n in range(50)]
    settings = Data(name=write_csv(table("word,y", rows)), target="y", scaling="none")
    kept_back = int(split(source_of(settings), settings).test[0])
    rows[kept_back] = ("unheard of", kept_back + 0.5)
    write_csv(table("word,y", rows))
    dataset = load_dataset(settings)
    assert dataset.features == ("word=common", "word=usual")
    assert dataset.test.inputs.sum(axis=1).tolist().count(0) == 1
    assert dataset.notes == (
        "1 value of word occur in no training row and are all zeros",
        "text encoded one-hot: word (2 categories)",
    )


def test_a_text_column_that_names_the_rows_is_left_out_and_told_of(write_csv):
    rows = [(f"passenger {n}", n % 9, n + 0.5) for n in range(150)]
    dataset = load_dataset(Data(name=write_csv(table("who,x,y", rows)), target="y"))
    assert dataset.features == ("x",)
    assert dataset.notes == ("column who left out: text with 150 different values, more than 100",)


def test_columns_without_values_or_without_a_name_are_left_out_and_told_of(write_csv):
    rows = [(n, "", n % 9, n + 0.5) for n in range(50)]
    dataset = load_dataset(Data(name=write_csv(table(",nothing,x,y", rows)), target="y"))
    assert dataset.features == ("x",)
    assert dataset.notes == ("1 column without a name left out", "column nothing left out: no training row has a value in it")


def test_rows_without_a_target_are_left_out_and_told_of(write_csv):
    rows = [(n, "?" if n % 10 == 3 else n + 0.5) for n in range(100)]
    dataset = load_dataset(Data(name=write_csv(table("x,y", rows)), target="y", scaling="none"))
    assert dataset.notes == ("10 rows of 100 left out: y is missing",)
    assert sorted(whole(dataset)[:, 0]) == [n for n in range(100) if n % 10 != 3]


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (["cat", "dog"], "classification", ("cat", "dog")),
        ([10, 2, 3], "classification", ("2", "3", "10")),
        (["1.0", "1", "0"], "classification", ("0", "1")),
        (list(range(20)), "classification", tuple(map(str, range(20)))),
        (list(range(21)), "regression", ()),
        ([0.5, 1, 2], "regression", ()),
        (["1", "2", "unknown"], "classification", ("1", "2", "unknown")),
    ],
)
def test_words_and_few_whole_numbers_are_classes_other_numbers_a_regression(write_csv, values, task, classes):
    rows = [(n, values[n % len(values)]) for n in range(400)]
    dataset = load_dataset(Data(name=write_csv(table("x,y", rows)), target="y", scaling="none"))
    assert (dataset.task, dataset.classes) == (task, classes)
    for x, y in whole(dataset).tolist():
        given = values[int(x) % len(values)]
        if task == "classification":
            assert classes[int(y)] in (str(given), f"{float(given):g}" if str(given)[0].isdigit() else "")
        else:
            assert y * dataset.target_std + dataset.target_mean == pytest.approx(given)


def test_the_task_can_be_set(write_csv):
    path = write_csv(table("x,y", [(n, n % 3) for n in range(60)]))
    assumed = load_dataset(Data(name=path, target="y"))
    assert assumed.notes == ("y has 3 different whole numbers and is taken for classes; task regression takes it for numbers",)
    assert load_dataset(Data(name=path, target="y", task="classification")).notes == ()
    numbers = load_dataset(Data(name=path, target="y", task="regression"))
    assert (numbers.task, numbers.classes) == ("regression", ())
    assert numbers.train.targets.dtype == np.float64


def test_a_file_is_looked_for_in_the_folder_given(write_csv, tmp_path):
    write_csv(table("a,b,y", NUMBERS))
    assert load_dataset(Data(name="table.csv", dir=str(tmp_path), target="y")).features == ("a", "b")


def test_californian_houses(real_data):
    path = real_data / "housing" / "california.csv"
    dataset = load_dataset(Data(name=str(path), target="median_house_value", scaling="none", seed=5))
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    parts = (dataset.train, dataset.validation, dataset.test)
    assert [len(part) for part in parts] == [16_512, 2_064, 2_064]
    assert dataset.features[8:] == tuple(f"ocean_proximity={word}" for word in sorted({row["ocean_proximity"] for row in rows}))
    inputs = np.concatenate([part.inputs for part in parts])
    income = np.array([float(row["median_income"]) for row in rows], np.float32)
    assert np.array_equal(np.sort(inputs[:, dataset.features.index("median_income")]), np.sort(income))
    median = np.median(dataset.train.inputs[:, 4])  # the fill itself does not move the median
    assert dataset.notes == (
        f"207 missing values in total_bedrooms filled with the training median {median:g}",
        "text encoded one-hot: ocean_proximity (5 categories)",
    )
    houses = np.concatenate([part.targets for part in parts]) * dataset.target_std + dataset.target_mean
    np.testing.assert_allclose(np.sort(houses), np.sort([float(row["median_house_value"]) for row in rows]))
