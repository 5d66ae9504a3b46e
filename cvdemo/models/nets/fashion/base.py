"""What the garment networks are made of."""

from __future__ import annotations

from torch import Tensor, nn

CLASSES = 10


class GarmentNet(nn.Module):
    """What the garment networks share: embed() turns pictures into D features, classifier names the garment."""

    classifier: nn.Linear

    def embed(self, x: Tensor) -> Tensor:
        """(N, 1, 28, 28) -> (N, D) features."""
        raise TypeError(f"{type(self).__name__} does not say how it embeds a picture")

    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.classifier(self.embed(x)),)


class ConvUnit(nn.Module):
    """Convolution without bias, batch norm, ReLU: the brick of everything after 2015."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.norm(self.conv(x)))


def projection(inputs: int, outputs: int, stride: int) -> nn.Sequential:
    """A shortcut that changes the number of channels and, with stride 2, halves the map."""
    layers = nn.Sequential()
    layers.add_module("conv", nn.Conv2d(inputs, outputs, 1, stride, bias=False))
    layers.add_module("norm", nn.BatchNorm2d(outputs))
    return layers


def start_for_relu(network: nn.Module) -> None:
    """He's initialisation (2015) of every convolution: without batch norm, a deep stack starts too quiet to learn."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
