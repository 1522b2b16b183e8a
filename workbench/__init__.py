"""The workbench: command line, terminal interface, history and everything else a person uses around the engine."""

import os

# Threads of torch that have nothing to do must sleep, not spin: spinning takes the processor from the screen and from other
# programs, and slows training itself many times over. OpenMP reads this once, when torch is imported; so it stands here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
