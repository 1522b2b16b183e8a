"""What is in sight is copied, or written to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.screen import ModalScreen

from workbench.tui.apps.leaving import LeavingApp
from workbench.tui.screens.base import WorkbenchScreen

if TYPE_CHECKING:
    from workbench.tui.subjects import Subject


@dataclass(frozen=True, slots=True)
class Export:
    """A file that can be written: what it holds, and how it is made."""

    title: str
    name: str
    make: Callable[[], bytes]


class TakingApp(LeavingApp):
    """Copies to the clipboard and writes files."""

    def action_copy(self) -> None:
        """Copy the command line of the run or the form, its settings as TOML, its id, or the value under the cursor."""
        from workbench.tui.screens.menu import Menu

        if isinstance(self.screen, ModalScreen):
            return
        choices = list(self._copies())
        if not choices:
            self.notify("There is no run, setting or value here that could be copied.", severity="warning")
            return

        def answered(number: int | None) -> None:
            if number is not None:
                title, text = choices[number]
                self.copy_to_clipboard(text)
                self.notify(text if len(text) <= 200 else f"{text[:200]} …", title=f"Copied: {title}", markup=False)

        self.push_screen(Menu("Copy", choices, hint="copies"), answered)

    def _copies(self) -> Iterator[tuple[str, str]]:
        """What can be copied here: its name, and the text."""
        from workbench.cli.reproducing import command, command_of_run
        from workbench.history.connection import default_path
        from workbench.tui.subjects import subjects, value_under_cursor

        if isinstance(self.screen, WorkbenchScreen):
            yield from self.screen.copies()
        value = value_under_cursor(self.focused)
        found = subjects(self.screen)
        for subject in found:
            yield f"command line that trains {subject.title}", command(subject.experiments)
        if value:
            yield "value under the cursor", value
        for subject in found:
            if subject.run is not None:
                yield f"id of {subject.title}", str(subject.run)
                repeat = command_of_run("run --replay", subject.run, self.session.db, default_path())
                yield f"command line that repeats {subject.title} with all that was changed", repeat
        for subject in found:
            yield f"settings of {subject.title} as TOML", subject.experiments[0].to_toml()

    # --- files --------------------------------------------------------------------

    def action_export(self) -> None:
        """Write the screen, the chart, or the numbers of the run to a file."""
        from workbench.tui.screens.menu import Menu

        if isinstance(self.screen, ModalScreen):
            return
        exports = list(self._exports())

        def answered(number: int | None) -> None:
            if number is not None:
                self._ask_for_path(exports[number])

        self.push_screen(Menu("Export", [(each.title, each.name) for each in exports], hint="goes on"), answered)

    def _exports(self) -> Iterator[Export]:
        """What can be written here. Pictures are of the screen as it is now, before anything lies over it."""
        from workbench.tui import exporting
        from workbench.tui.subjects import chart_of, compared_runs, figure_of, subjects

        screen = self.screen
        runs = compared_runs(screen)
        subject = next((each for each in subjects(screen) if each.run is not None), None)
        chart = chart_of(screen)
        figure = figure_of(screen)
        if figure is not None:
            yield Export("chart as SVG", "chart.svg", partial(exporting.figure_svg, figure))
            yield Export("chart as PNG", "chart.png", partial(exporting.figure_png, figure))
        elif chart is not None:
            strips = exporting.strips_of(screen, chart)
            yield Export("chart as SVG", "chart.svg", partial(exporting.svg, strips))
            yield Export("chart as PNG", "chart.png", partial(exporting.png, strips, self.ansi_theme))
        whole = exporting.strips_of(screen)
        yield Export("screen as SVG", "screen.svg", partial(exporting.svg, whole))
        yield Export("screen as PNG", "screen.png", partial(exporting.png, whole, self.ansi_theme))
        yield from self._numbers(runs, subject)

    def _numbers(self, runs: tuple[int, ...], subject: Subject | None) -> Iterator[Export]:
        from workbench.tui.exporting import NUMBERS, csv_text

        ids = runs or ((subject.run,) if subject is not None and subject.run is not None else ())
        if not ids:
            return
        who = f"run {ids[0]}" if len(ids) == 1 else f"the {len(ids)} compared runs"
        for what in NUMBERS:
            name = f"{'-'.join(map(str, ids[:3]))}{'-more' if len(ids) > 3 else ''}"
            make = partial(csv_text, self.session.db, ids, what)
            yield Export(f"{what} of {who} as CSV", f"run-{name}-{what}.csv", lambda make=make: make().encode())  # type: ignore[misc]

    def _ask_for_path(self, export: Export, name: str = "") -> None:
        from workbench.tui.screens.dialogs import Prompt

        def answered(text: str | None) -> None:
            if not text or not text.strip():
                return
            try:
                path = Path(text.strip()).expanduser()
            except RuntimeError:  # ~name of somebody who is not there
                self.notify(f"There is no folder of the user that {text.strip()} names.", severity="error", markup=False)
                return
            if path.is_dir():
                path /= export.name
            if path.exists():
                self._ask_to_replace(export, path)
            else:
                self.write_export(export, path)

        self.push_screen(Prompt(f"Write the {export.title} to", name or export.name, hint=f"in {Path.cwd()}"), answered)

    def _ask_to_replace(self, export: Export, path: Path) -> None:
        from workbench.tui.screens.dialogs import Question

        def answered(yes: bool | None) -> None:
            if yes:
                self.write_export(export, path)
            elif yes is False:
                self._ask_for_path(export, str(path))

        self.push_screen(Question(f"{path} is there already.", yes="replace it", no="choose another name"), answered)

    @work(thread=True, group="export")
    def write_export(self, export: Export, path: Path) -> None:
        """Make the file; says where it is."""
        from workbench.files import write_whole
        from workbench.history import HistoryError

        try:
            write_whole(path, export.make())
        except HistoryError as error:
            problem = str(error)
        except OSError as error:
            problem = f"{path} cannot be written ({error.strerror}); choose another place."
        except ValueError:
            problem = f"No file can be called {str(path)!r}; choose another name."
        else:
            self.call_from_thread(self.notify, f"{export.title} written to {path.resolve()}", title="Export", markup=False)
            return
        self.call_from_thread(self.notify, problem, title="Export", severity="error", timeout=15, markup=False)
