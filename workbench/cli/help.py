"""Help in which options stand under several heads."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand


class GroupedCommand(TyperCommand):
    """A command whose options stand under the heads that they name as their panel, and the others under `Options`."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options, in the order in which their heads first appear."""
        heads: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                otherwise = "Arguments" if parameter.param_type_name == "argument" else "Options"
                heads.setdefault(getattr(parameter, "rich_help_panel", None) or otherwise, []).append(record)
        for head, records in heads.items():
            with formatter.section(head):
                formatter.write_dl(records)
