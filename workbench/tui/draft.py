"""What the form holds while it is edited: the text of every setting, and what is wrong with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from engine.catalog import OPTIMIZERS, Parameter, Registry, blocks_text, parse_blocks, parse_pick
from engine.catalog.block_text import split_outside
from engine.data_outline import known
from engine.errors import ConfigurationError
from engine.experiment import Experiment
from engine.outline import outline
from engine.parts import IMAGE_FOLDER
from engine.population import expand, whole_ensemble
from workbench.tui.fields import FIELDS, SEEDS, Field, Kind, number_text, parameter_field
from workbench.tui.placing import assign
from workbench.tui.relevance import idle, matters

MOST_MEMBERS = 1024

LISTS: Mapping[str, Callable[[str], Sequence[object]]] = {
    "model.widths": lambda text: [part.strip() for part in text.split(",") if part.strip()],
    "model.blocks": parse_blocks,
    "callbacks": lambda text: split_outside(text, ","),
}
"""How the texts of settings that are lists are read."""

_SHORT = 24
"""Characters of a value when it is spoken of."""

CHOOSE = " Choose from:"
"""What the list of all names begins with in a message about an unknown one; the hint shows them."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft's meaning: the experiments, or the problem of each row. `general` concerns several rows at once."""

    experiments: tuple[Experiment, ...]
    problems: Mapping[str, str]
    general: tuple[str, ...] = ()
    notes: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """Why a row does nothing, where that is so."""

    @property
    def fine(self) -> bool:
        """Whether training can start."""
        return bool(self.experiments)


@dataclass(frozen=True, slots=True)
class Draft:
    """The texts of the form by path; parameters of a choice are at `path.parameter`."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, experiment: Experiment, members: int = 1) -> Draft:
        """The draft that describes `experiment`, trained with so many seeds; of a member of an ensemble all of it."""
        texts: dict[str, str] = {SEEDS: str(members)}
        experiment = whole_ensemble(experiment)
        for field in FIELDS:
            if field.path != SEEDS:
                _write(texts, field, experiment)
        return cls(MappingProxyType(texts))

    def __getitem__(self, path: str) -> str:
        return self.texts.get(path, "")

    def with_text(self, path: str, text: str) -> Draft:
        """A copy with one text changed. A new choice brings its parameters' defaults.

        A new optimizer brings its usual learning rate, unless the one there is was chosen by the user.
        """
        texts = {**self.texts, path: text}
        field = next((field for field in FIELDS if field.path == path), None)
        if field is not None and field.registry is not None and text != self[path]:
            texts = {key: value for key, value in texts.items() if not key.startswith(f"{path}.")}
            for parameter in parameters_of(field.registry, text):
                texts[f"{path}.{parameter.name}"] = f"{parameter.default:g}"
            if path == "optimizer" and text in OPTIMIZERS and _is_usual(self["lr"], self["optimizer"]):
                texts["lr"] = f"{OPTIMIZERS[text].learning_rate:g}"
        return replace(self, texts=MappingProxyType(texts))

    def rows(self) -> tuple[Field, ...]:
        """The rows that matter for what is chosen now, with the parameters of each choice after it."""
        rows: list[Field] = []
        for field in FIELDS:
            if not matters(field.path, self.__getitem__, DEFAULTS[field.path]):
                continue
            rows.append(field)
            if field.registry is not None:
                rows += [parameter_field(field, parameter) for parameter in parameters_of(field.registry, self[field.path])]
        return tuple(rows)

    @property
    def blocks_can_be_read(self) -> bool:
        """Whether the text of the blocks is that of blocks, be they fitting or not."""
        try:
            parse_blocks(self["model.blocks"])
        except ValueError:
            return False
        return True

    def check(self) -> Checked:
        """Read the texts; all problems are found at once."""
        problems: dict[str, str] = {}
        general: list[str] = []
        values: dict[str, Any] = {}
        rows = self.rows()
        for each in rows:
            if not each.parent and each.path != SEEDS:
                self._read(each, values, problems)
        members = self._members(problems)
        experiments: tuple[Experiment, ...] = ()
        try:
            experiment = Experiment.parse(values)
            if not problems:
                experiments = _together(experiment, members)
        except ConfigurationError as error:
            assign(error.problems, [each.path for each in rows], problems, general)
            experiments = ()
        notes = {each.path: idle(each.path, self.__getitem__) for each in rows}
        found = MappingProxyType({path: text for path, text in notes.items() if text})
        return Checked(experiments, MappingProxyType(problems), tuple(general), found)

    def _read(self, field: Field, values: dict[str, Any], problems: dict[str, str]) -> None:
        """Put one setting into the nested `values`, or say in `problems` why not."""
        text = self[field.path].strip()
        if not text:
            if lack := self._lack(field):
                problems[field.path] = lack
            return
        *parents, name = field.path.split(".")
        table = values
        for parent in parents:
            table = table.setdefault(parent, {})
        if field.kind is Kind.SWITCH:
            table[name] = text == "on"
        elif field.registry is not None:
            table[name] = self._pick(field, text, problems)
        elif field.path in LISTS:
            try:
                table[name] = LISTS[field.path](text)
            except ValueError as error:
                problems[field.path] = str(error).partition(CHOOSE)[0].replace(f" in {text!r}", "")  # the row shows the text
        else:
            table[name] = text

    def _lack(self, field: Field) -> str:
        """Why a row cannot be left blank; empty if it can."""
        if field.path == "data.target":  # a row of CSV files alone
            return "needs the name of the column to predict"
        if field.path == "data.dir" and self["data.name"] == IMAGE_FOLDER:
            return "needs the folder of the pictures, with a folder in it for each class"
        return "" if field.optional else "needs a value"

    def _pick(self, field: Field, text: str, problems: dict[str, str]) -> str:
        """A choice with its parameters as one text; a parameter with a problem is left out."""
        assert field.registry is not None
        given = []
        for parameter in parameters_of(field.registry, text):
            path = f"{field.path}.{parameter.name}"
            problem = _parameter_problem(parameter, self[path])
            if problem:
                problems[path] = problem
            else:
                given.append(f"{parameter.name}={self[path].strip()}")
        return f"{text}({', '.join(given)})" if given else text

    def _members(self, problems: dict[str, str]) -> int:
        try:
            members = int(self[SEEDS])
        except ValueError:
            members = 0
        if not 1 <= members <= MOST_MEMBERS:
            problems[SEEDS] = f"must be a whole number from 1 to {MOST_MEMBERS}"
            return 1
        return members


def _together(experiment: Experiment, members: int) -> tuple[Experiment, ...]:
    """The experiments that are trained: the networks of an ensemble, or one for each seed.

    Raises:
        ConfigurationError: they cannot be made, or they do not fit their data, as far as these are known without reading them.
    """
    ensemble = experiment.ensemble.members
    if ensemble > 1 and members > 1:
        raise ConfigurationError.at(SEEDS, _twice(ensemble))
    if ensemble > 1:
        experiments = expand(experiment)
    else:
        experiments = tuple(_with_seed(experiment, k) if k else experiment for k in range(members))
    data = known(experiment.data)
    if data is not None:
        outline(experiment, data, len(experiments))
    return experiments


def _with_seed(experiment: Experiment, further: int) -> Experiment:
    try:
        return experiment.with_settings({"seed": experiment.seed + further})
    except ConfigurationError as error:  # beyond the largest
        raise ConfigurationError.at(SEEDS, error.problems[0].message) from None


def _twice(ensemble: int) -> str:
    return f"an ensemble of {ensemble} trains {ensemble} networks, each with its seed; set this or the ensemble to 1"


def _is_usual(rate: str, optimizer: str) -> bool:
    """Whether a learning rate is the optimizer's usual one, or left blank."""
    try:
        return not rate.strip() or optimizer not in OPTIMIZERS or float(rate) == OPTIMIZERS[optimizer].learning_rate
    except ValueError:
        return False


def parameters_of(registry: Registry, key: str) -> tuple[Parameter, ...]:
    """The parameters of a choice; none if there is no such choice."""
    return registry[key].parameters if key in registry else ()


def _parameter_problem(parameter: Parameter, text: str) -> str | None:
    try:
        return parameter.check(float(text))
    except ValueError:
        return f"{parameter.name} must be a number, {parameter.range}"


def _write(texts: dict[str, str], field: Field, experiment: Experiment) -> None:
    """The text of one setting, as the form shows it."""
    value: Any = experiment
    for name in field.path.split("."):
        value = getattr(value, name)
    if value is None:
        texts[field.path] = ""
    elif isinstance(value, bool):
        texts[field.path] = "on" if value else "off"
    elif field.path == "model.blocks":
        texts[field.path] = blocks_text(value)
    elif isinstance(value, tuple):
        texts[field.path] = ", ".join(map(str, value))
    elif isinstance(value, float):
        texts[field.path] = number_text(value)
    elif field.registry is not None and field.path != "data.name":
        pick = parse_pick(str(value), field.registry)
        texts[field.path] = pick.kind
        texts.update({f"{field.path}.{name}": number_text(number) for name, number in pick.parameters.items()})
    else:
        texts[field.path] = str(value)


def difference(before: Draft, after: Draft) -> str:
    """What became of one draft in another, in a few words: `Depth 3 → 4`."""
    return _told(before, after, "{title} {before} → {after}")


def returned(now: Draft, undone: Draft) -> str:
    """What was taken back, in a few words: `Depth is 3 again, not 4`."""
    return _told(now, undone, "{title} is {before} again, not {after}")


def _told(before: Draft, after: Draft, words: str) -> str:
    titles = {row.path: row for draft in (before, after) for row in draft.rows()}
    changed = [row for path, row in titles.items() if before[path] != after[path]]
    if not changed:
        return "nothing that shows"
    own = [row for row in changed if not row.parent] or changed  # a choice comes before the parameters that it brings
    first = own[0]
    more = f" and {len(own) - 1} more" if len(own) > 1 else ""
    return words.format(title=first.title, before=_short(before[first.path]), after=_short(after[first.path])) + more


def _short(text: str) -> str:
    return "–" if not text else text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}…"


DEFAULTS = Draft.of(Experiment())
"""What the form holds before anything is typed."""
