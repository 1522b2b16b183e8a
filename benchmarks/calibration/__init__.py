"""How often the rules of `engine.insight` are right: labelled runs, half of which set thresholds while the others only report."""
