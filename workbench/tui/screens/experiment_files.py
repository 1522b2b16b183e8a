"""Experiments that are taken into the form and written down: presets, experiment files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from engine.catalog import Choice, Registry
from engine.errors import ConfigurationError
from engine.population import whole_ensemble
from workbench.tui.draft import Draft
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.words import experiment_text

if TYPE_CHECKING:
    from textual.events import Key

    from engine.experiment import Experiment
    from workbench.experiment_files import ExperimentFile


class ExperimentFiles(WorkbenchScreen):
    """A screen whose form takes experiments from files and writes them there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "presets", "Presets"),
        Binding("ctrl+o", "open_experiment_file", "Open", show=False),
        Binding("ctrl+s", "save_experiment_file", "Save", show=False),
    ]

    def take_draft(self, draft: Draft, what: str) -> None:
        """Put a draft into the form; `what` names it."""
        raise NotImplementedError

    def in_order(self) -> bool:
        """Whether the form describes an experiment; says why not."""
        raise NotImplementedError

    def described(self) -> tuple[Experiment, ...]:
        """What the form describes; nothing if it has a problem."""
        raise NotImplementedError

    def opens_field(self, key: Key) -> bool:
        """Whether the key opens a dialog with a field to type in."""
        return key.key in ("l", "ctrl+o") or (key.key == "ctrl+s" and bool(self.described()))

    def action_presets(self) -> None:
        """Take an experiment to begin with into the form: a preset, or an experiment file of ./sessions."""
        from workbench import experiment_files
        from workbench.tui.screens.dialogs import Picker

        found = {_key(each): each for each in [*experiment_files.presets(), *experiment_files.own_experiment_files()]}

        def take(key: str | None) -> None:
            if key is not None:
                self._load(found[key])

        picker = Picker("Take into the form", tuple(found), "", registry=_registry(list(found.values())))
        self.app.push_screen(picker, take)

    def action_open_experiment_file(self) -> None:
        """Take an experiment from a TOML file into the form."""
        from workbench import experiment_files
        from workbench.tui.screens.dialogs import Prompt

        def take(text: str | None) -> None:
            if not text or not text.strip():
                return
            try:
                self._load(experiment_files.read_experiment_file(Path(text.strip())))
            except (experiment_files.ExperimentFileError, ConfigurationError) as error:
                self.notify(str(error), title="Open", severity="error", timeout=15, markup=False)

        self.app.push_screen(
            Prompt("Open an experiment file", f"{experiment_files.FOLDER}/", hint="path of a TOML file", enter="open"), take
        )

    def _load(self, file: ExperimentFile) -> None:
        self.session.parent = self.session.branching = None
        self.take_draft(Draft.of(file.experiment), f"“{file.title}” taken into the form")
        self.app.clear_notifications()
        self.notify(file.about or experiment_text(file.experiment), title=file.title, markup=False)

    def action_save_experiment_file(self) -> None:
        """Write what the form describes into a TOML file that `workbench run` reads."""
        from workbench import experiment_files
        from workbench.tui.screens.dialogs import Prompt

        if not self.in_order():
            return
        experiments = self.described()

        def take(text: str | None) -> None:
            if text and text.strip():
                path = Path(text.strip())
                self._save(path if path.suffix else path.with_suffix(".toml"), experiments)

        name = f"{experiment_files.FOLDER}/{_name_for(experiments[0])}.toml"
        self.app.push_screen(Prompt("Save as an experiment file", name, hint="defaults are left out", enter="write"), take)

    def _save(self, path: Path, experiments: Sequence[Experiment], *, replace: bool = False) -> None:
        from workbench import experiment_files

        lead = whole_ensemble(experiments[0])
        try:
            experiment_files.write_experiment_file(path, lead, replace=replace)
        except FileExistsError:
            self._ask_to_replace(path, experiments)
            return
        except experiment_files.ExperimentFileError as error:
            self.notify(str(error), title="Save", severity="error", timeout=15, markup=False)
            return
        alone = len(experiments) == 1 or lead.ensemble.members > 1
        members = "" if alone else f"\nNot in it: the {len(experiments)} members; --seeds {len(experiments)} asks for them."
        self.notify(f"workbench run {path}{members}", title="Saved", markup=False)

    def _ask_to_replace(self, path: Path, experiments: Sequence[Experiment]) -> None:
        from workbench.tui.screens.dialogs import Question

        def answered(yes: bool | None) -> None:
            if yes:
                self._save(path, experiments, replace=True)

        self.app.push_screen(Question(f"{path} is there already.", yes="replace it", no="leave it", enter=False), answered)


def _key(file: ExperimentFile) -> str:
    """Presets by their name, files of one's own by their path."""
    from workbench import experiment_files

    return file.name if file.path.parent == experiment_files.PRESETS else str(file.path)


def _registry(found: Sequence[ExperimentFile]) -> Registry:
    """Presets and experiment files as what a picker lists."""
    return Registry(
        "preset",
        (Choice(_key(each), each.title, experiment_text(each.experiment), each.about, "") for each in found),
    )


def _name_for(experiment: Experiment) -> str:
    """A name for a file, from what is trained on what."""
    model = experiment.model
    network = "blocks" if model.blocks else f"{len(model.hidden)}x{max(model.hidden, default=0)}"
    return f"{Path(experiment.data.name).stem}-{network}-{model.activation.kind}"
