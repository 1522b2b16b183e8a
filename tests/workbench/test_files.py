"""Files appear whole or not at all."""

import pytest

from workbench.files import write_whole


def test_a_file_takes_the_place_of_another(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("the one before, which was longer")
    write_whole(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "error"), [("folder", OSError), ("nowhere/a", OSError), ("a\0b", ValueError), ("a\0b/c", ValueError)]
)
def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, name, error):
    (tmp_path / "folder").mkdir()
    with pytest.raises(error):
        write_whole(tmp_path / name, b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
