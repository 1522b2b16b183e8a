"""Recipes reproduced: what is missing is trained, then the claims are judged.

`trials` are what is trained whole or not at all, `matching` finds those that the history holds already, `portions` are as many as are
trained at once, `running` does it all and tells it as `events`, `keeping` writes down what came of it.
"""
