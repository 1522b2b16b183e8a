"""`workbench report`: the page of results."""

import json
import re

import pytest

from workbench.claims.wording import number_words
from workbench.cli import execute
from workbench.recipes.reading import read_recipe
from workbench.report.results import page
from workbench.report.section import Reported
from workbench.report.stored import result_of

LINK = re.compile(r"!\[(.*?)\]\((.*?)\)")


@pytest.fixture
def report(made, capsys, monkeypatch):
    """Run the command on that recipe and history."""
    monkeypatch.delenv("WORKBENCH_DEBUG", raising=False)

    def run(*words):
        capsys.readouterr()
        code = execute(("report", *words, "--db", str(made.db)))
        return code, *capsys.readouterr()

    return run


def test_the_page_tells_question_claims_figures_and_setup(made, report):
    code, text, _ = report(str(made.path), "--scale", "quick")
    assert code == 0
    assert "1 of 2 claims hold" in text
    assert "- ✗ FAIL [Every kind | of picture](#kinds): Nothing diverges" in text
    assert "| [Every kind \\| of picture](#kinds) | Are all kinds drawn? | quick | 1 of 2 | 8 |" in text
    verdict = made.result.made.verdicts[0]
    assert f"| ✓ PASS | Errors are errors | {verdict.words} | 3.5 (a book \\| page 3); here " in text
    for row in made.shown(1).rows:
        assert f"| {row.cells[0].text} | {row.cells[1].text} |" in text
        assert row.cells[1].text == number_words(row.cells[1].number)
    assert "A first paragraph of two lines.\n\nA second one." in text
    assert "`optimizer = sgd`" in text
    assert "network: sigmoid (`model.activation = sigmoid`)" in text
    assert f"digits: {json.loads(made.result.there[0].data_json)['train']} train, " in text
    assert "`workbench reproduce kinds --scale quick`" in text
    assert "`workbench explain vanishing-gradient`" in text


def test_without_files_pictures_are_drawn_in_text(made, report):
    _, text, _ = report(str(made.path), "--scale", "quick")
    assert not LINK.search(text)
    assert text.count("```") == 2 * 7
    assert "▲ here" in text
    assert "**Left out**: the scale quick leaves sigmoid, lr=0.001 out." in text


def test_a_page_in_a_file_has_pictures_beside_it(made, report, tmp_path):
    output = tmp_path / "docs" / "results.md"
    output.parent.mkdir()
    code, out, err = report(str(made.path), "--scale", "quick", "--output", str(output))
    assert (code, out) == (0, "")
    assert "7 pictures" in err
    links = LINK.findall(output.read_text())
    assert [path for _, path in links] == [f"pictures/results/kinds-{number}.svg" for number in (2, 3, 4, 5, 6, 7, 9)]
    assert all((output.parent / path).is_file() for _, path in links)


def test_it_is_the_same_page_each_time_and_names_no_folder_of_the_machine(made, report, tmp_path):
    pages = []
    for _ in range(2):
        words = ("--output", str(tmp_path / "page.md"), "--pictures", str(tmp_path / "some pictures"), "--force")
        assert report(str(made.path), "--scale", "quick", *words)[0] == 0
        pages.append([path.read_bytes() for path in (tmp_path / "page.md", *sorted((tmp_path / "some pictures").iterdir()))])
    assert pages[0] == pages[1]
    text = pages[0][0].decode()
    assert "some%20pictures/kinds-2.svg" in text
    assert not re.search(r"(?<!\w)/(tmp|home|root|work|usr)/", text)
    assert made.result.made.host not in text


def test_files_are_not_replaced_unless_that_is_asked_for(made, report, tmp_path):
    output = tmp_path / "page.md"
    output.write_text("mine")
    code, _, err = report(str(made.path), "--output", str(output))
    assert code == 2
    assert "--force" in err
    assert output.read_text() == "mine"


def test_recipes_that_were_not_run_at_the_scale_are_listed_with_the_largest_at_which_they_were(made, report):
    _, text, _ = report(str(made.path), "--scale", "full")
    assert "| Every kind \\| of picture | Are all kinds drawn? | not full; quick | 1 of 2 | 8 |" in text
    assert "none was judged yet" in text
    assert "## " not in text
    assert "not run" in page([made.recipe], [], {}, "full")
    _, text, _ = report(str(made.path))
    assert "each at the largest scale at which it was judged: 1 of 2 claims hold" in text


def test_a_scale_that_is_none_is_wrong_usage(report):
    code, _, err = report("--scale", "ful")
    assert code == 2
    assert "full" in err


def test_a_recipe_that_claims_or_trains_something_else_by_now_is_told_of(made):
    words = made.path.read_text()
    for old, new, told in (
        ("Everything.", "Nothing.", False),
        ("test_error(tanh) > 1", "test_error(tanh) > 2", True),
        ("6 }", "7 }", True),
    ):
        path = made.path.with_name("other.toml")
        path.write_text(words.replace(old, new))
        recipe = read_recipe(path)
        result = result_of(recipe, made.result.made, made.history)
        text = page([recipe], [Reported(result, (), ())], {}, "quick")
        assert ("changed after this" in text) is told, new
    assert "changed after this" not in page([made.recipe], [Reported(made.result, (), ())], {}, "quick")


def test_as_json_it_holds_all_numbers(made, report):
    code, text, _ = report(str(made.path), "--scale", "quick", "--json")
    (found,) = map(json.loads, text.splitlines())
    assert code == 0
    assert (found["recipe"], found["passed"], len(found["claims"])) == ("kinds", 1, 2)
    table, curves, *_, surface = found["shown"]
    assert table["rows"][2]["test error"] == pytest.approx(
        [100 * (1 - run.test_accuracy) for run in made.result.records["tanh, lr=0.1"]]
    )
    assert table["rows"][3]["test error"] is None, "it diverged"
    assert curves["lines"][1]["mean"] == made.shown(2).parts[0].curves[1].mean.tolist()
    assert [each["what"] for each in found["shown"]] == ["table", *["lines"] * 5, "heat", "nothing", "surface"]
    assert len(surface["costs"]) == len(surface["y"]["values"])
