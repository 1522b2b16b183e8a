"""What training makes small. y is the target, h the output, C the outputs of the network."""

from __future__ import annotations

from engine.catalog.choice import Choice, Parameter, Registry

COSTS = Registry(
    "cost",
    (
        Choice(
            "auto",
            "As the data wants",
            "cross_entropy or mean_squared",
            "Softmax cross-entropy for classes, mean squared error for numbers.",
            "Bishop 2006, section 5.2",
        ),
        Choice(
            "cross_entropy",
            "Softmax cross-entropy",
            "-ln h_y, h = softmax(z)",
            "The negative log-likelihood of the true class; the gradient does not vanish when wrong.",
            "Glorot & Bengio 2010, section 2.2",
        ),
        Choice(
            "binary_cross_entropy",
            "Binary cross-entropy",
            "-mean_C (y ln h + (1 - y) ln(1 - h)), h = sigmoid(z)",
            "Each output is a yes or no of its own; one output when there are two classes.",
            "Bishop 2006, equation 4.90",
        ),
        Choice(
            "mean_squared",
            "Mean squared error",
            "mean_C (h - y)^2",
            "The squared distance to the target (one-hot for classes).",
            "Bishop 2006, section 1.2.5",
        ),
        Choice(
            "mean_absolute",
            "Mean absolute error",
            "mean_C |h - y|",
            "Forgives outliers: each error pulls equally hard.",
            "Hastie, Tibshirani & Friedman 2009, section 10.6",
        ),
        Choice(
            "huber",
            "Huber",
            "mean_C (d^2 / 2 if |d| <= delta else delta * (|d| - delta / 2)), d = h - y",
            "Squared for small errors, absolute for large ones.",
            "Huber 1964",
            (Parameter("delta", 1.0, "error at which it turns straight", 0.0, 1e6, low_open=True),),
        ),
        Choice(
            "quadratic",
            "Quadratic cost on one-hot targets",
            "1/2 sum_C (h - y)^2",
            "The cost of the early lectures: its plateaus are worse than cross-entropy's.",
            "Glorot & Bengio 2010, figure 5; Rumelhart, Hinton & Williams 1986",
        ),
    ),
)
