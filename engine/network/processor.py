"""What is known of the processor, where one way to reckon is faster on some than on others."""

from __future__ import annotations

import platform
from functools import cache

import torch


@cache
def is_intel() -> bool:
    """Whether the processor is Intel's own, for which MKL has kernels that it does not use on others."""
    capabilities = getattr(torch.cpu, "get_capabilities", None)
    name = platform.processor() if capabilities is None else capabilities().get("cpu_name", "")
    return "Intel" in name
