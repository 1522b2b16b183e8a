"""Examples that no training saw, encoded and scaled as a network's training examples were.

How is not kept with the network: the training data are read again, as the experiment describes them, and the training rows teach
once more what they taught then. Equal files teach equal things, to the last digit; `engine.training.prepare.fingerprint` tells
whether they are still equal.
"""

from engine.encoding.examples import Examples, Part, of_part
from engine.encoding.other import of_other_data, of_rows

__all__ = ["Examples", "Part", "of_other_data", "of_part", "of_rows"]
