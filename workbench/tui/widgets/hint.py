"""What the current row of the form is about."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from engine.catalog import BLOCKS
from engine.catalog.blocks import BlockChoice
from workbench.tui.block_text import Typed, parameter_text, signature, typed
from workbench.tui.draft import Checked, Draft
from workbench.tui.fields import Field


def hint(field: Field, draft: Draft, checked: Checked, caret: int | None = None, default: str | None = None) -> Content:
    """Formula and sentence of the choice made, or the meaning of the setting; problems of the whole come first.

    Args:
        field: The current row.
        draft: What the form holds.
        checked: What it means.
        caret: Where the row's text is being typed; None while it is not.
        default: The row's default, if it is to be told how to come back to it.
    """
    told = _told(field, draft, checked, caret)
    if default is None or caret is not None or draft[field.path].strip() == default:
        return told
    return Content("\n").join([told, Content.styled(f"backspace puts back {default or 'nothing'}", "$muted")])


def _told(field: Field, draft: Draft, checked: Checked, caret: int | None) -> Content:
    parts: list[Content] = [Content.styled(f"! {problem}", "$error") for problem in checked.general]
    if field.path == "model.blocks":
        return Content("\n").join([*parts, *_blocks(field, draft[field.path], caret)])
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


def _blocks(field: Field, text: str, caret: int | None) -> list[Content]:
    """The block that is being typed, or else the kinds of blocks there are."""
    here = typed(text, caret) if caret is not None else None
    if here is not None and here.block is not None:
        return _block(here.block, here)
    begun = [key for key in BLOCKS if here is not None and here.word and key.startswith(here.word.strip())]
    kinds = Content.styled(", ".join(begun or BLOCKS), "$primary")
    if caret is not None:
        return [Content.styled("Kinds of blocks", "bold"), kinds, Content.styled(COMPLETE, "$muted")]
    parts = [Content.styled(field.title, "bold"), Content.styled(field.help, "$muted"), kinds]
    examples = "   ‹ › examples" if not text or text in field.options else ""
    return [*parts, Content.styled(f"enter lists the blocks   ctrl+e types them{examples}", "$muted")]


COMPLETE = "→ writes out what is begun"


def _block(block: BlockChoice, here: Typed) -> list[Content]:
    text = parameter_text(here.parameter) if here.parameter is not None else block.help
    return [
        Content.assemble((block.label, "bold"), ("  " + block.formula, "$muted")),
        Content.styled(signature(block), "$primary"),
        Content(text),
    ]


class Hint(Static):
    """The panel below the form."""

    def show(self, field: Field, draft: Draft, checked: Checked, caret: int | None = None, default: str | None = None) -> None:
        """Explain a row, as `hint` does."""
        self.update(hint(field, draft, checked, caret, default))
