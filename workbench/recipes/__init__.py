"""Recipes: experiments that answer one question, how they vary, and claims that their runs must bear out.

`records` says what a recipe is, `reading` reads one from its file, `shelf` finds them, `planning` makes its experiments.
"""
