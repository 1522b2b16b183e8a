"""Data: read or made, split, scaled. Everything is NumPy; no torch is loaded."""
