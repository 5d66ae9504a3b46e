"""The garment networks by name.

All take (N, 1, 28, 28) float32 in 0..1, a light garment on black, and return ((N, 10) logits,). embed() gives the
(N, D) features that the last layer, `classifier`, reads.
"""

from __future__ import annotations

from collections.abc import Callable

from cvdemo.models.nets.fashion.base import GarmentNet
from cvdemo.models.nets.fashion.classics import ArticleCNN, MiniAlexNet, MiniGoogLeNet, MiniVGG, MiniXception
from cvdemo.models.nets.fashion.residual import ResidualNet

NETWORKS: dict[str, Callable[[], GarmentNet]] = {
    "fashion-nano": lambda: ResidualNet(widths=(24, 32, 72), depths=(1, 1), strides=(2, 2), dropout=0.1),
    "fashion-net": lambda: ResidualNet(widths=(32, 32, 64, 128), depths=(1, 3, 2), strides=(1, 2, 2), dropout=0.1),
    "article-cnn": ArticleCNN,
    "mini-alexnet": MiniAlexNet,
    "mini-vgg": MiniVGG,
    "mini-googlenet": MiniGoogLeNet,
    "mini-xception": MiniXception,
}
