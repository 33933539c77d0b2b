"""Which number format this machine computes fastest in."""

from __future__ import annotations

import torch


def multiplies_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16; others emulate it, which is many times slower."""
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def fastest_attention() -> str:
    """Plain matrix products in bfloat16 are faster than PyTorch's fused attention for a processor."""
    return "eager" if multiplies_bfloat16() else "sdpa"
