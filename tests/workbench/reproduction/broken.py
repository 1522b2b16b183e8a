"""A callback that breaks a training."""

from engine.training import Callback, Run


class Breaks(Callback):
    """Raises at a step."""

    def __init__(self, step: int = 3) -> None:
        self.step = step

    def on_step_end(self, run: Run) -> None:
        if run.step == self.step:
            raise RuntimeError("broken on purpose")
