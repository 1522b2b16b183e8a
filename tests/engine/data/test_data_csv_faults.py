from __future__ import annotations

import pytest

from engine.data import load_dataset
from engine.errors import DataError
from engine.parts import Data

ROWS = "".join(f"{n},{n % 5},{n + 0.5}\n" for n in range(30))


def complaint(path, target="y", **values):
    with pytest.raises(DataError) as caught:
        load_dataset(Data(name=str(path), target=target, **values))
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_no_file(tmp_path):
    assert complaint(tmp_path / "none.csv") == "there is no such file"


def test_a_folder(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    assert complaint(tmp_path / "folder.csv") == "cannot be read (Is a directory)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty; it needs a header"),
        ("\n\n", "the file is empty; it needs a header"),
        ("a,b,y\n", "a header and no rows"),
        (f"a,b,y\n{ROWS}1,2\n", "line 32 has 2 values, the header has 3"),
        (f'a,b,y\n"1\n",2,3\n1,2,3,4\n{ROWS}', "line 4 has 4 values, the header has 3"),
        (f"a,a,y\n{ROWS}", "more than one column is called 'a'"),
        ("y\n1\n2\n", "y is the only column"),
        ("a,y\n1,\n2,NA\n", "the target is missing in every row"),
        ("a,y\n1,3\n2,3\n", "y is 3 in every row, so there is nothing to learn"),
        ("a,y\n1,3\n2,3.0\n", "y is 3 in every row, so there is nothing to learn"),
        ("a,y\n" + "1,yes\n" * 50 + "2,no\n" * 2, "too few examples of class no (2); each class needs 3"),
        ("a,b,y\n" + ROWS + "abc,1,2.5\n", "line 32: a is 'abc', as 1 of its 31 values are not numbers and the others are"),
        ("a,b,y\n" + ROWS + "1_0,1,2.5\n", "line 32: a is '1_0'"),
        ("a,b,y\n" + ROWS + "inf,1,2.5\n", "line 32: a is inf, too large a number"),
        ("a,b,y\n" + ROWS + "1,1,1e39\n", "line 32: y is 1e39, too large a number"),
        ("a,b,y\n" + ROWS + "1,1,many\n", "line 32: y is 'many', as 1 of its 31 values are not numbers"),
        ("a,y\n" + "".join(f"?,{n}.5\n" for n in range(30)), "no column is left to predict from (column a left out"),
        (f'a,b,y\n{ROWS}"1,2,3\n4,5,6\n', "line 33 has 1 values, the header has 3"),
    ],
    ids=lambda value: value.partition("\n")[0],
)
def test_a_wrong_table_is_named_with_its_fault(write_csv, text, said):
    assert complaint(write_csv(text)).startswith(said)


def test_a_target_that_is_no_column_is_answered_with_the_nearest_and_all(write_csv):
    message = complaint(write_csv(f"age,income,price\n{ROWS}"), target="prise")
    assert message == "unknown target column 'prise'. Did you mean 'price'? Choose from: age, income, price"


def test_a_regression_needs_numbers(write_csv):
    path = write_csv("a,y\n" + "".join(f"{n},{'yes' if n % 2 else 'no'}\n" for n in range(40)))
    assert complaint(path, task="regression").startswith("line 2: y is 'no', but a regression needs numbers")


def test_a_regression_target_that_is_the_same_in_all_training_rows(write_csv):
    path = write_csv("a,y\n" + "".join(f"{n},7\n" for n in range(40)))
    assert complaint(path, task="regression").startswith("the target is 7 in all training examples")


@pytest.mark.parametrize(
    ("content", "byte"), [("größe,y\n1,2\n".encode("latin-1"), "0xf6"), ("a,y\n1,2\n".encode("utf-16"), "0xff")]
)
def test_other_encodings_are_refused(tmp_path, content, byte):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    message = complaint(path)
    assert message.startswith(f"not UTF-8 text (byte {byte}")
    assert message.endswith("save the file as UTF-8")


def test_a_quote_that_is_never_closed_is_guessed(write_csv):
    assert complaint(write_csv('a,b,y\n"' + ROWS * 600)).endswith(
        "(field larger than field limit (131072)); is a double quote left open?"
    )
