"""Bench, History, Compare, and what opens over them."""
