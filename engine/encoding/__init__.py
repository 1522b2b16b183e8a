"""Examples that no training saw, encoded and scaled as a network's training examples were.

How is not kept with the network: the training data are read again, as the experiment describes them, and the training rows teach
once more what they taught then. Equal files teach equal things, to the last digit; `engine.training.prepare.fingerprint` tells
whether they are still equal.
"""

from engine.encoding.other import of_other_data
from engine.encoding.questions import Part, Questions, of_part

__all__ = ["Part", "Questions", "of_other_data", "of_part"]
