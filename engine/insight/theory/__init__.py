"""Mean-field theory of networks at initialization: moments of signals and gradients, worked out without torch and without data."""
