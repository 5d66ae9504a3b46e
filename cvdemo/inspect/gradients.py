"""How a target depends on a layer: its activations, and the target's gradient with respect to them."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from cvdemo.inspect.hooks import watching
from cvdemo.inspect.target import Target


class Tap(nn.Module):
    """Stands where a layer's output is. What comes after can be differentiated with respect to it; what comes before is
    left alone, which makes a backward pass as short as it can be."""

    def forward(self, output: Tensor) -> Tensor:
        leaf: Tensor = output.detach().requires_grad_()
        # The next layer may write into its input, which torch forbids on what gradients are taken of.
        return leaf.clone()


class Scored(nn.Module):
    """A network with its outputs reduced to one number: (N, C, H, W) -> (N,), the target of each item.

    tap: the module through which the layer's output goes. The network itself is no submodule, so that nothing done to
    this module (modes, hooks) reaches it.
    """

    def __init__(self, network: nn.Module, names: Iterable[str], target: Target, layer: str) -> None:
        super().__init__()
        self.tap = Tap()
        self._network = [network]
        self._names = tuple(names)
        self._target = target
        self._layer = layer

    def forward(self, inputs: Tensor) -> Tensor:
        def through(_layer: str, output: Tensor) -> Tensor:
            tapped: Tensor = self.tap(output)
            return tapped

        with torch.enable_grad(), watching(self._network[0], [self._layer], through):
            outputs = self._network[0](inputs)
        score: Tensor = self._target.of(dict(zip(self._names, outputs, strict=False)))
        return score


def activation_and_gradient(scored: Scored, inputs: Tensor) -> tuple[float, Tensor, Tensor]:
    """Score of the first item, the layer's activations and the gradient of the score, both (C, h, w).

    Raises RuntimeError where the score does not depend on the layer.
    """
    seen: list[Tensor] = []
    handle = scored.tap.register_forward_hook(lambda _module, _args, output: seen.append(output))
    try:
        score = scored(inputs)
    finally:
        handle.remove()
    (gradient,) = torch.autograd.grad(score[0], seen[0])
    return float(score[0].detach()), seen[0].detach()[0], gradient[0]
