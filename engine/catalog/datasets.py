"""The data that can be named. The path of a CSV or NPZ file is data, too."""

from __future__ import annotations

from engine.catalog.choice import Choice, Registry

_BUNDLED = "scikit-learn, bundled"

DATASETS = Registry(
    "dataset",
    (
        Choice("xor", "XOR", "2 numbers -> 2 classes", "Four clouds; opposite corners share a class.", "Minsky & Papert 1969"),
        Choice("circles", "Circles", "2 numbers -> 2 classes", "A ring around a disc.", "scikit-learn make_circles"),
        Choice("moons", "Moons", "2 numbers -> 2 classes", "Two half moons that hold each other.", "scikit-learn make_moons"),
        Choice("spirals", "Spirals", "2 numbers -> 2 classes", "Two arms wound around each other.", "Lang & Witbrock 1988"),
        Choice("gaussians", "Gaussians", "2 numbers -> 2 classes", "Two round clouds; a line does it.", "Fisher 1936"),
        Choice(
            "noise",
            "Gaussian noise",
            "500 numbers -> 10 classes",
            "Independent N(0, 1) inputs, classes at random: for experiments on first weights.",
            "the activation statistics of CS231n, Stanford 2015",
        ),
        Choice("digits", "Digits", "8x8 grey -> 10 classes", "1,797 handwritten digits.", f"{_BUNDLED}; Alpaydin & Kaynak 1998"),
        Choice("iris", "Iris", "4 numbers -> 3 classes", "150 flowers of three species.", f"{_BUNDLED}; Fisher 1936"),
        Choice("wine", "Wine", "13 numbers -> 3 classes", "178 wines of three cultivars.", f"{_BUNDLED}; Forina et al. 1991"),
        Choice(
            "breast_cancer",
            "Breast cancer",
            "30 numbers -> 2 classes",
            "569 tumours, malignant or benign.",
            f"{_BUNDLED}; Wolberg et al. 1995",
        ),
        Choice(
            "diabetes",
            "Diabetes",
            "10 numbers -> 1 number",
            "442 patients; progression of the disease after a year.",
            f"{_BUNDLED}; Efron et al. 2004",
        ),
        Choice(
            "mnist", "MNIST", "28x28 grey -> 10 classes", "70,000 handwritten digits.", "LeCun, Bottou, Bengio & Haffner 1998"
        ),
        Choice(
            "fashion_mnist",
            "Fashion-MNIST",
            "28x28 grey -> 10 classes",
            "70,000 articles of clothing.",
            "Xiao, Rasul & Vollgraf 2017",
        ),
        Choice(
            "cifar10",
            "CIFAR-10",
            "32x32 colour -> 10 classes",
            "60,000 small photographs, binary or python version.",
            "Krizhevsky 2009",
        ),
        Choice(
            "shapeset",
            "Shapeset-3x2",
            "32x32 grey -> 9 classes",
            "One or two triangles, parallelograms or ellipses; without end.",
            "Glorot & Bengio 2010, section 2.1",
        ),
        Choice(
            "image_folder",
            "Image folder",
            "pictures -> classes",
            "A folder of your own, with a folder of pictures for each class.",
            "the layout of ImageNet, Deng et al. 2009",
        ),
    ),
)
