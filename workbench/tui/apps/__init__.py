"""The parts of the app, each built on the one before: base, training, leaving, taking, guiding."""
