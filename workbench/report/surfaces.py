"""Cost surfaces of a recipe's groups. Needs PyTorch and the groups' data."""

from __future__ import annotations

from collections.abc import Mapping

from engine.experiment import Experiment
from engine.insight.surface import surface_of
from engine.insight.surface_records import Surface
from workbench.history.records import RunRecord
from workbench.recipes.records import Group


class Surfaces:
    """The cost about the first weights of a group's first run, over the first weight of the first layer and that of the output.

    Args:
        trained: By the label of a group the record of its first run, which knows where its data were; others take the usual place.
    """

    def __init__(self, trained: Mapping[str, RunRecord] | None = None) -> None:
        self._trained = trained or {}

    def __call__(self, group: Group) -> Surface:
        """Work it out.

        Raises:
            EngineError: there are no such data, or the network has too few weights.
        """
        record = self._trained.get(group.label)
        experiment: Experiment = record.experiment if record is not None else group.experiments[0]
        return surface_of(experiment)
