"""What the current row of the form is about."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from workbench.tui.draft import Checked, Draft
from workbench.tui.fields import Field


def hint(field: Field, draft: Draft, checked: Checked) -> Content:
    """Formula and sentence of the choice made, or the meaning of the setting; problems of the whole come first."""
    parts: list[Content] = [Content.styled(f"! {problem}", "$error") for problem in checked.general]
    choice = field.registry.get(draft[field.path]) if field.registry is not None else None
    if choice is None:
        parts += [Content.styled(field.title, "bold"), Content.styled(field.help, "$muted")]
        if field.options and field.registry is None:
            parts.append(Content.styled(f"also: {', '.join(field.options)}", "$muted"))
    else:
        parts += [
            Content.assemble((choice.label, "bold"), ("  " + choice.formula, "$primary")),
            Content(choice.help),
            Content.styled(choice.citation, "italic $muted"),
        ]
    return Content("\n").join(parts)


class Hint(Static):
    """The panel below the form."""

    def show(self, field: Field, draft: Draft, checked: Checked) -> None:
        """Explain a row."""
        self.update(hint(field, draft, checked))
