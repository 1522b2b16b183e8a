"""Numbers as a person reads them: with at most four significant digits, and no more decimals than the spread over seeds lets stand."""

from __future__ import annotations

import math

from workbench.claims.records import Number, Unit
from workbench.plots.numbers import format_duration

DIGITS = 4
MOST_DIGITS = 9
OF_SPREAD = 2
"""Significant digits of a standard deviation."""


def number_words(number: Number, digits: int = DIGITS) -> str:
    """The mean and its spread: `88.70 ± 0.61 %`, `7.913e-06`, `2,300`; of one that some seeds alone make infinite how many those are."""
    words = spread_words(number.mean, number.std, number.unit, digits)
    lost = sum(not math.isfinite(value) for value in number.values)
    return f"{words} (in {lost} of {len(number.values)} runs)" if 0 < lost < len(number.values) else words


def spread_words(mean: float, std: float | None, unit: Unit, digits: int = DIGITS) -> str:
    """A mean and a standard deviation; None of a single value."""
    suffix = " %" if unit is Unit.PERCENT else ""
    if not math.isfinite(mean) or std is None or not math.isfinite(std):
        return _single(mean, unit, digits) + suffix
    if unit is Unit.SECONDS:
        return f"{format_duration(mean)} ± {format_duration(std)}"
    if std == 0:
        return f"{_single(mean, unit, digits)} ± 0{suffix}"
    if _is_scientific(mean):
        return f"{plain(mean, digits)} ± {plain(std, OF_SPREAD)}{suffix}"
    decimals = _decimals(mean, digits)
    if digits == DIGITS:
        decimals = min(decimals, _decimals(std, OF_SPREAD))
    spread = f"{std:,.{decimals}f}"
    return f"{mean:,.{decimals}f} ± {spread if float(spread.replace(',', '')) else plain(std, OF_SPREAD)}{suffix}"


def plain(value: float, digits: int = DIGITS) -> str:
    """One number: `0.5123`, `97.20`, `2,300`, `7.913e-06`; whole numbers without decimals."""
    if not math.isfinite(value):
        return "infinite" if value == math.inf else str(value)
    if _is_scientific(value):
        return f"{value:.{digits - 1}e}"
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.{_decimals(value, digits)}f}"


def told_apart(*numbers: Number) -> int:
    """The digits with which no two numbers that differ are written alike; as many as there may be if nothing helps."""
    means = {number.mean for number in numbers}
    for digits in range(DIGITS, MOST_DIGITS):
        if len({spread_words(number.mean, number.std, number.unit, digits).partition(" ")[0] for number in numbers}) >= len(
            means
        ):
            return digits
    return MOST_DIGITS


def _single(value: float, unit: Unit, digits: int) -> str:
    if unit is Unit.SECONDS:
        return format_duration(value)
    fewer = unit is Unit.PERCENT and digits == DIGITS and abs(value) < 10
    return plain(value, DIGITS - 1 if fewer else digits)


def _is_scientific(value: float) -> bool:
    return value != 0 and not 1e-3 <= abs(value) < 1e6


def _decimals(value: float, digits: int) -> int:
    """Those with which a number has so many significant digits."""
    size = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return max(digits - 1 - size, 0)
