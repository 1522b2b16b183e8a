"""The workbench: command line, terminal interface, history and everything else a person uses around the engine.

```
import workbench

network = workbench.load_network("latest")  # a torch.nn.Module; see engine.loading.TrainedNetwork
```
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.stored import load_network

__all__ = ["load_network"]

# Threads of torch that have nothing to do must sleep, not spin: spinning takes the processor from the screen and from other
# programs, and slows training itself many times over. OpenMP reads this once, when torch is imported; so it stands here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def __getattr__(name: str) -> Any:
    """Load what is named only when it is."""
    if name == "load_network":
        from workbench.stored import load_network

        return load_network
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
