"""The one place that chooses a compute device."""

from __future__ import annotations

import platform
from pathlib import Path

from cvdemo.errors import DeviceError

#: Device files of NVIDIA, WSL and AMD drivers: without one of them Linux has no GPU that torch could use.
_GPU_FILES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")


def resolve_device(name: str = "auto") -> str:
    """Turn auto, cpu, mps, cuda or cuda:N into a device that exists here.

    Asks torch only where a GPU may be, so that a CPU-only machine does not pay for the import.
    Raises DeviceError when the device is unknown or absent.
    """
    if name == "cpu" or (name == "auto" and not _may_have_gpu()):
        return "cpu"
    kind, _, index = name.partition(":")
    if kind not in ("auto", "cuda", "mps") or (index and (kind != "cuda" or not index.isdecimal())):
        raise DeviceError(f"There is no device '{name}'; choose auto, cpu, mps, cuda or cuda:N.")
    import torch

    cuda_devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind in ("auto", "cuda") and int(index or 0) < cuda_devices:
        return f"cuda:{index or 0}"
    if kind in ("auto", "mps") and torch.backends.mps.is_available():
        return "mps"
    if kind == "auto":
        return "cpu"
    raise DeviceError(f"Device '{name}' is not on this machine; choose auto or cpu.")


def _may_have_gpu() -> bool:
    return platform.system() != "Linux" or any(Path(file).exists() for file in _GPU_FILES)
