"""The app's recipes: one is reproduced at a time, when nothing else is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.tui.apps.training import TrainingApp
from workbench.tui.screens.base import WorkbenchScreen

if TYPE_CHECKING:
    from typing import Literal

    from workbench.recipes.records import Plan
    from workbench.reproduction.background import Reproducing

    SeverityLevel = Literal["information", "warning", "error"]


class ReproducingApp(TrainingApp):
    """Begins recipes, follows their trainings and tells what came of them."""

    def reproduce(self, plan: Plan) -> bool:
        """Reproduce a recipe, now or once nothing else is trained; return whether it has begun."""
        self.session.await_recipe(plan)
        self.watch_training()
        return self.session.reproducing and self.session.reproduction is not None and self.session.reproduction.plan is plan

    def watch_training(self) -> None:
        """Follow the recipe that is reproduced, and begin the next when nothing else is trained."""
        if not self.screen_stack:
            return  # the timer may tick once more while the screens are taken down
        self.session.follow()
        over = self.session.reproduced()
        super().watch_training()
        if over is not None and not self.leaving:
            self._tell_reproduced(over)
        if self.session.awaited and not self.session.training and not self.leaving:
            self.session.reproduce_next().start()
            self.tell_state()

    def _state(self) -> str:
        from workbench.tui.recipe_words import state_text

        doing = self.session.reproduction
        return state_text(doing) if doing is not None and self.session.recipe_is_latest else super()._state()

    def _present(self) -> str:
        doing = self.session.reproduction if self.session.reproducing else None
        now = f"{self._state()}   {doing.plan.recipe.title}" if doing is not None else super()._present()
        later = ", ".join(plan.recipe.title for plan in self.session.awaited)
        return "\n".join(filter(None, (now, f"Recipes that come after all others: {later}" if later else "")))

    def _tell_reproduced(self, over: Reproducing) -> None:
        """Say what came of a recipe, unless it is in sight and goes on saying it."""
        from workbench.tui.recipe_words import end_words

        standing = over.standing
        whole = not standing.error and not standing.interrupted
        if whole and isinstance(self.screen, WorkbenchScreen) and self.screen.shows_recipe(over.plan):
            return
        holds = standing.made is not None and standing.made.passed == len(standing.made.verdicts)
        usual = not standing.error and (holds or standing.interrupted)
        severity: SeverityLevel = "error" if standing.error else "information" if usual else "warning"
        title = over.plan.recipe.title
        self.notify(end_words(over), title=title, severity=severity, timeout=15 if not usual else None, markup=False)
