"""Which arithmetic a training step uses here."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is quicker than float32 on this device: AMX or AVX-512 BF16 CPUs, and recent CUDA cards."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu":
        return False
    features: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()  # younger than the oldest torch allowed
    return bool(features.get("amx_bf16") or features.get("avx512_bf16"))


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """Mixed precision in bfloat16 where that is quicker, otherwise plain float32. Weights stay float32."""
    if has_fast_bfloat16(device):
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()
