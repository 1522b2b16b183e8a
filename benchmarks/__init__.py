"""Side-by-side measurements: the engine against bare loops and other tools, in one process, in turns."""
