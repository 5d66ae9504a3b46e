"""Small descendants of the networks that made history, for pictures of 28x28."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from cvdemo.models.nets.fashion.base import CLASSES, ConvUnit, GarmentNet, projection, start_for_relu


class ArticleCNN(GarmentNet):
    """The textbook network: one convolution, one pooling, two dense layers, started as Keras' he_uniform does."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.relu_conv = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.dense = nn.Linear(32 * 13 * 13, 100)
        self.relu_dense = nn.ReLU()
        self.classifier = nn.Linear(100, CLASSES)
        for weight in (self.conv.weight, self.dense.weight):
            nn.init.kaiming_uniform_(weight, nonlinearity="relu")
        nn.init.xavier_uniform_(self.classifier.weight)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)

    def embed(self, x: Tensor) -> Tensor:
        maps = self.pool(self.relu_conv(self.conv(x)))
        return self.relu_dense(self.dense(maps.flatten(1)))


class MiniAlexNet(GarmentNet):
    """After AlexNet (Krizhevsky, Sutskever and Hinton, 2012).

    Kept: five convolutions from large kernels to small ones, ReLU, local response normalisation of the first two,
    two groups in the second, fourth and fifth, overlapping 3x3 pooling, two dense layers with dropout. Shrunk: the
    first kernel from 11x11 with stride 4 to 5x5 with stride 1, widths to about a quarter, dense layers from 4096 to
    256; the normalisation comes after the pooling, where it costs a quarter.
    """

    def __init__(self) -> None:
        super().__init__()
        self.block1 = self._block(nn.Conv2d(1, 32, 5, padding=2), respond=True)
        self.block2 = self._block(nn.Conv2d(32, 64, 5, padding=2, groups=2), respond=True)
        self.conv3 = nn.Conv2d(64, 96, 3, padding=1)
        self.relu3 = nn.ReLU()
        self.conv4 = nn.Conv2d(96, 96, 3, padding=1, groups=2)
        self.relu4 = nn.ReLU()
        self.block5 = self._block(nn.Conv2d(96, 64, 3, padding=1, groups=2), respond=False)
        self.dropout = nn.Dropout(0.5)
        self.dense6 = nn.Linear(64 * 2 * 2, 256)
        self.relu6 = nn.ReLU()
        self.dense7 = nn.Linear(256, 256)
        self.relu7 = nn.ReLU()
        self.classifier = nn.Linear(256, CLASSES)
        start_for_relu(self)

    @staticmethod
    def _block(conv: nn.Conv2d, respond: bool) -> nn.Sequential:
        layers = nn.Sequential()
        layers.add_module("conv", conv)
        layers.add_module("relu", nn.ReLU())
        layers.add_module("pool", nn.MaxPool2d(3, stride=2))
        if respond:
            layers.add_module("respond", nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0))
        return layers

    def embed(self, x: Tensor) -> Tensor:
        x = self.block2(self.block1(x))
        x = self.relu4(self.conv4(self.relu3(self.conv3(x))))
        x = self.block5(x)
        x = self.relu6(self.dense6(self.dropout(x.flatten(1))))
        return self.relu7(self.dense7(self.dropout(x)))


class MiniVGG(GarmentNet):
    """After VGG (Simonyan and Zisserman, 2014).

    Kept: nothing but 3x3 convolutions, in blocks that end in 2x2 pooling and double the width, dense layers with
    dropout. Shrunk: five blocks to three (28x28 allows no more), widths from 64..512 to 32..128, dense layers from
    4096 to 256.
    """

    def __init__(self) -> None:
        super().__init__()
        self.block1 = self._block(1, 32, 2)
        self.block2 = self._block(32, 64, 2)
        self.block3 = self._block(64, 128, 3)
        self.dropout = nn.Dropout(0.5)
        self.dense1 = nn.Linear(128 * 3 * 3, 256)
        self.relu1 = nn.ReLU()
        self.dense2 = nn.Linear(256, 256)
        self.relu2 = nn.ReLU()
        self.classifier = nn.Linear(256, CLASSES)
        start_for_relu(self)

    @staticmethod
    def _block(inputs: int, outputs: int, depth: int) -> nn.Sequential:
        layers = nn.Sequential()
        for index in range(1, depth + 1):
            layers.add_module(f"conv{index}", nn.Conv2d(inputs, outputs, 3, padding=1))
            layers.add_module(f"relu{index}", nn.ReLU())
            inputs = outputs
        layers.add_module("pool", nn.MaxPool2d(2))
        return layers

    def embed(self, x: Tensor) -> Tensor:
        maps = self.block3(self.block2(self.block1(x)))
        x = self.relu1(self.dense1(self.dropout(maps.flatten(1))))
        return self.relu2(self.dense2(self.dropout(x)))


class Inception(nn.Module):
    """Four views of the same maps side by side: 1x1, 3x3, 5x5 and pooled; 1x1 convolutions keep the cost down."""

    def __init__(self, inputs: int, one: int, three: tuple[int, int], five: tuple[int, int], pooled: int) -> None:
        super().__init__()
        self.branch1x1 = ConvUnit(inputs, one, 1)
        self.reduce3x3 = ConvUnit(inputs, three[0], 1)
        self.branch3x3 = ConvUnit(three[0], three[1], 3)
        self.reduce5x5 = ConvUnit(inputs, five[0], 1)
        self.branch5x5 = ConvUnit(five[0], five[1], 5)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.branch_pool = ConvUnit(inputs, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        views = (
            self.branch1x1(x),
            self.branch3x3(self.reduce3x3(x)),
            self.branch5x5(self.reduce5x5(x)),
            self.branch_pool(self.pool(x)),
        )
        return torch.cat(views, dim=1)


class MiniGoogLeNet(GarmentNet):
    """After GoogLeNet (Szegedy et al., 2014), with the batch norm of its 2015 revision.

    Kept: inception modules, pooling between their stages, global average pooling and no dense layers but the last.
    Shrunk: nine modules to four, widths to about a quarter, the stem to one 3x3 convolution; the two auxiliary
    classifiers are gone, since batch norm does their work at this depth.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvUnit(1, 32, 3)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.inception3a = Inception(32, 16, (16, 32), (8, 16), 16)
        self.inception3b = Inception(80, 32, (32, 48), (8, 24), 16)
        self.inception4a = Inception(120, 48, (48, 72), (12, 24), 24)
        self.inception4b = Inception(168, 64, (48, 96), (16, 32), 32)
        self.dropout = nn.Dropout(0.4)
        self.classifier = nn.Linear(224, CLASSES)

    def embed(self, x: Tensor) -> Tensor:
        x = self.pool(self.stem(x))
        x = self.pool(self.inception3b(self.inception3a(x)))
        x = self.inception4b(self.inception4a(x))
        return self.dropout(x.mean((2, 3)))


class SeparableUnit(nn.Module):
    """A 3x3 convolution taken apart: depthwise looks around within each channel, pointwise mixes the channels."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, padding=1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.pointwise(self.depthwise(x)))


class XceptionBlock(nn.Module):
    """Two separable convolutions and a shortcut around them; with stride 2 both ways end in a halved map."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.relu1 = nn.ReLU()
        self.separable1 = SeparableUnit(inputs, outputs)
        self.relu2 = nn.ReLU()
        self.separable2 = SeparableUnit(outputs, outputs)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1) if stride == 2 else nn.Identity()
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else projection(inputs, outputs, stride)

    def forward(self, x: Tensor) -> Tensor:
        deep = self.separable2(self.relu2(self.separable1(self.relu1(x))))
        return self.pool(deep) + self.shortcut(x)


class MiniXception(GarmentNet):
    """After Xception (Chollet, 2016).

    Kept: depthwise-separable convolutions throughout, ReLU before and not within them, linear shortcuts, entry,
    middle and exit flow, global average pooling. Shrunk: 36 convolutions to ten, widths from 728..2048 to 160..256,
    the stem to its first convolution; one of the entry blocks keeps the size.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvUnit(1, 32, 3, stride=2)
        self.entry1 = XceptionBlock(32, 96, stride=1)
        self.entry2 = XceptionBlock(96, 160, stride=2)
        self.middle1 = XceptionBlock(160, 160, stride=1)
        self.middle2 = XceptionBlock(160, 160, stride=1)
        self.exit = SeparableUnit(160, 256)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.3)
        self.classifier = nn.Linear(256, CLASSES)

    def embed(self, x: Tensor) -> Tensor:
        x = self.entry2(self.entry1(self.stem(x)))
        x = self.middle2(self.middle1(x))
        return self.dropout(self.relu(self.exit(x)).mean((2, 3)))
