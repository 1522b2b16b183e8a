"""The variance of first weights, by initializer, as `engine.network.initializers` draws them. Needs no torch."""

from __future__ import annotations

from math import pi, sqrt

from engine.catalog import Pick

COPYING = "identity"
EQUAL = "constant"
SCALED_ON_DATA = "lsuv"


def weight_variance(pick: Pick, fans: tuple[int, int], axes: tuple[int, int] | None = None) -> float | None:
    """Of one weight; of `lsuv` before it is scaled. None where weights are not independent draws of mean 0.

    Args:
        pick: the initializer.
        fans: inputs and outputs of a weight.
        axes: of the matrix, where they are not the fans: in a convolution.
    """
    n_in, n_out = fans
    match pick.kind:
        case "zeros":
            return 0.0
        case "constant":
            return 0.0 if pick["value"] == 0 else None
        case "identity":
            return None
        case "normal":
            return pick["std"] ** 2
        case "uniform":
            return pick["a"] ** 2 / 3
        case "standard":
            return 1 / (3 * n_in)
        case "xavier_uniform" | "xavier_normal":
            return pick["gain"] ** 2 * 2 / (n_in + n_out)
        case "he_uniform" | "he_normal":
            return pick["gain"] ** 2 * 2 / n_in
        case "lecun_uniform" | "lecun_normal":
            return pick["gain"] ** 2 / n_in
        case _:  # orthogonal, and what lsuv begins with
            gain = 1.0 if pick.kind == SCALED_ON_DATA else pick["gain"]
            return gain**2 / max(axes or fans)


def mean_size(pick: Pick, variance: float) -> float:
    """E |W|, for L1."""
    uniform = pick.kind in ("uniform", "standard") or pick.kind.endswith("_uniform")
    return sqrt(variance * (0.75 if uniform else 2 / pi))
