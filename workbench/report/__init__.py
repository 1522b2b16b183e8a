"""What recipes came to, as tables and pictures.

`stored` finds the runs of a recipe in the history, `showing` makes plain data of what the recipe asks to see, `drawing` makes text of
that, `figures` pages for print, `results` a page of Markdown.
"""
