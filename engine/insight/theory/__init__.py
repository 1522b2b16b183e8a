"""Mean-field theory of networks at initialization: moments of signals and gradients, without torch and without data."""
