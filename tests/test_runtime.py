"""Exporting networks to graphs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import nn

from cvdemo.models import family_of
from cvdemo.registry import REGISTRY
from cvdemo.runtime import OnnxRuntime, export_graph


class _Doubler(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((1,), 2.0))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
        return (x * self.weight,)


def test_many_threads_may_export_at_once() -> None:
    family = family_of(REGISTRY.get("efficientnet-lite0"))
    example = np.ones((1, 3, 4, 4), np.float32)
    with ThreadPoolExecutor(4) as pool:
        graphs = list(pool.map(lambda _: export_graph(_Doubler(), family, example), range(12)))
    for graph in graphs:
        (output,) = OnnxRuntime(graph, 1)(example)
        np.testing.assert_array_equal(output, 2 * example)
