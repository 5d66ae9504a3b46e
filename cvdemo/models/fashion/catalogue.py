"""Which garment network goes by which name."""

from __future__ import annotations

from collections.abc import Callable

from cvdemo.models.fashion import networks as nets

NETWORKS: dict[str, Callable[[], nets.GarmentNet]] = {
    "fashion-nano": lambda: nets.ResidualNet(widths=(24, 32, 72), depths=(1, 1), dropout=0.1),
    "fashion-net": lambda: nets.ResidualNet(widths=(32, 64, 128), depths=(3, 2), dropout=0.1),
    "article-cnn": nets.ArticleCNN,
    "mini-alexnet": nets.MiniAlexNet,
    "mini-vgg": nets.MiniVGG,
    "mini-googlenet": nets.MiniGoogLeNet,
    "mini-xception": nets.MiniXception,
}
