"""What is remembered between two sittings."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.preferences import (
    LivePreferences,
    Preferences,
    PreferencesError,
    preferences_path,
    read_preferences,
    write_preferences,
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "interface.json"
    kept = Preferences(theme="workbench-light", live=LivePreferences(logarithmic=True))
    write_preferences(path, kept)
    assert read_preferences(path) == kept
    assert [each.name for each in path.parent.iterdir()] == ["interface.json"]


def test_a_first_sitting_has_the_usual_ones(tmp_path: Path) -> None:
    assert read_preferences(tmp_path / "none.json") == Preferences()


def test_those_of_a_later_version_are_read_as_far_as_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "interface.json"
    path.write_text('{"theme": "workbench-light", "hologram": true, "live": {"logarithmic": true, "smell": 3}}')
    assert read_preferences(path) == Preferences(theme="workbench-light", live=LivePreferences(logarithmic=True))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"theme": 3}'])
def test_a_file_that_is_none_of_ours_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "interface.json"
    path.write_text(text)
    with pytest.raises(PreferencesError, match=r"interface\.json cannot be read \(its content does not fit\)"):
        read_preferences(path)


def test_where_they_cannot_be_kept_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PreferencesError, match="cannot be kept in"):
        write_preferences(tmp_path / "file" / "interface.json", Preferences())


def test_the_path_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_PREFERENCES", str(tmp_path / "mine.json"))
    assert preferences_path() == tmp_path / "mine.json"
    monkeypatch.delenv("WORKBENCH_PREFERENCES")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert preferences_path() == tmp_path / "workbench" / "interface.json"
