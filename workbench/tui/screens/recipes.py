"""Experiments that are taken into the form and written down: presets, recipes in files."""

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
    from workbench.recipes import Recipe


class Recipes(WorkbenchScreen):
    """A screen whose form takes experiments from files and writes them there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "presets", "Presets"),
        Binding("ctrl+o", "open_recipe", "Open", show=False),
        Binding("ctrl+s", "save_recipe", "Save", show=False),
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
        """Take an experiment to begin with into the form: a preset, or a recipe of ./sessions."""
        from workbench import recipes
        from workbench.tui.screens.dialogs import Picker

        found = {_key(each): each for each in [*recipes.presets(), *recipes.own_recipes()]}

        def take(key: str | None) -> None:
            if key is not None:
                self._load(found[key])

        picker = Picker("Take into the form", tuple(found), "", registry=_registry(list(found.values())))
        self.app.push_screen(picker, take)

    def action_open_recipe(self) -> None:
        """Take an experiment from a TOML file into the form."""
        from workbench import recipes
        from workbench.tui.screens.dialogs import Prompt

        def take(text: str | None) -> None:
            if not text or not text.strip():
                return
            try:
                self._load(recipes.read_recipe(Path(text.strip())))
            except (recipes.RecipeError, ConfigurationError) as error:
                self.notify(str(error), title="Open", severity="error", timeout=15, markup=False)

        self.app.push_screen(Prompt("Open a recipe", f"{recipes.FOLDER}/", hint="path of a TOML file", enter="open"), take)

    def _load(self, recipe: Recipe) -> None:
        self.session.parent = self.session.branching = None
        self.take_draft(Draft.of(recipe.experiment), f"“{recipe.title}” taken into the form")
        self.app.clear_notifications()
        self.notify(recipe.about or experiment_text(recipe.experiment), title=recipe.title, markup=False)

    def action_save_recipe(self) -> None:
        """Write what the form describes into a TOML file that `workbench run` reads."""
        from workbench import recipes
        from workbench.tui.screens.dialogs import Prompt

        if not self.in_order():
            return
        experiments = self.described()

        def take(text: str | None) -> None:
            if text and text.strip():
                path = Path(text.strip())
                self._save(path if path.suffix else path.with_suffix(".toml"), experiments)

        name = f"{recipes.FOLDER}/{_name_for(experiments[0])}.toml"
        self.app.push_screen(Prompt("Save as a recipe", name, hint="defaults are left out", enter="write"), take)

    def _save(self, path: Path, experiments: Sequence[Experiment], *, replace: bool = False) -> None:
        from workbench import recipes

        lead = whole_ensemble(experiments[0])
        try:
            recipes.write_recipe(path, lead, replace=replace)
        except FileExistsError:
            self._ask_to_replace(path, experiments)
            return
        except recipes.RecipeError as error:
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


def _key(recipe: Recipe) -> str:
    """Presets by their name, recipes of one's own by their path."""
    from workbench import recipes

    return recipe.name if recipe.path.parent == recipes.PRESETS else str(recipe.path)


def _registry(found: Sequence[Recipe]) -> Registry:
    """The recipes as what a picker lists."""
    return Registry(
        "preset",
        (Choice(_key(each), each.title, experiment_text(each.experiment), each.about, "") for each in found),
    )


def _name_for(experiment: Experiment) -> str:
    """A name for a file, from what is trained on what."""
    model = experiment.model
    network = "blocks" if model.blocks else f"{len(model.hidden)}x{max(model.hidden, default=0)}"
    return f"{Path(experiment.data.name).stem}-{network}-{model.activation.kind}"
