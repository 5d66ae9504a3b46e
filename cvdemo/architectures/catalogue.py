"""The facts about each network that no module can tell: when, by whom, and which idea. Loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cvdemo.errors import UnknownModelError
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.weights import unavailable_reason


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """name: of its row in the registry. idea: two sentences. built: how the module here differs from the paper's.
    top1: published ImageNet accuracy of these weights, whose source is named by source. url: the published weights,
    "" for a network that ships with the app; megabytes: their size. descendant: the registered 28x28 network that keeps
    its idea, "" for none; kept: what of the idea it keeps."""

    name: str
    title: str
    year: int
    authors: str
    paper: str
    idea: str
    built: str
    top1: float
    source: str
    url: str = ""
    megabytes: int = 0
    licence: str = ""
    descendant: str = ""
    kept: str = ""

    @cached_property
    def spec(self) -> ModelSpec:
        """Its row in the registry."""
        return REGISTRY.get(self.name)

    @property
    def sha256_prefix(self) -> str:
        """First digits of the SHA-256 of the published file, from its name."""
        return self.url.rpartition("-")[2].partition(".")[0]


_TORCHVISION = "torchvision, ImageNet-1k val"
_PYTORCH = "https://download.pytorch.org/models/"
_BSD = "BSD-3-Clause (torchvision); trained on ImageNet, whose terms allow research"
ARCHITECTURES = (
    Architecture(
        name="alexnet",
        title="AlexNet",
        year=2012,
        authors="Krizhevsky, Sutskever, Hinton",
        paper="https://doi.org/10.1145/3065386",
        idea="Five convolutions and three dense layers, deeper than anyone had trained before, learn their own "
        "features from a million photos on two graphics cards. ReLU makes the training fast enough, and dropout keeps "
        "sixty million weights from learning the photos by heart.",
        built="torchvision's is the one-tower version of 2014: fewer channels, no response normalisation.",
        top1=0.56522,
        source=_TORCHVISION,
        url=f"{_PYTORCH}alexnet-owt-7be5be79.pth",
        megabytes=244,
        licence=_BSD,
        descendant="mini-alexnet",
        kept="large kernels first, overlapping pooling, dense layers with dropout",
    ),
    Architecture(
        name="vgg16",
        title="VGG-16",
        year=2014,
        authors="Simonyan, Zisserman",
        paper="https://arxiv.org/abs/1409.1556",
        idea="Nothing but 3 × 3 convolutions: two in a row see as far as one of 5 × 5, with fewer weights and one more "
        "ReLU. After every pooling the grid is half as fine and the channels are twice as many, a rule so plain that "
        "it became the habit of the field.",
        built="As in the paper.",
        top1=0.71592,
        source=_TORCHVISION,
        url=f"{_PYTORCH}vgg16-397923af.pth",
        megabytes=553,
        licence=_BSD,
        descendant="mini-vgg",
        kept="only 3 × 3 convolutions, in blocks that end in pooling and double the channels",
    ),
    Architecture(
        name="vgg19",
        title="VGG-19",
        year=2014,
        authors="Simonyan, Zisserman",
        paper="https://arxiv.org/abs/1409.1556",
        idea="The same rule with three more convolutions, to see how far depth alone carries. It gains less than one "
        "point over VGG-16: stacking plain layers had come to its end, and short cuts around them were the next step.",
        built="As in the paper.",
        top1=0.72376,
        source=_TORCHVISION,
        url=f"{_PYTORCH}vgg19-dcbb9e9d.pth",
        megabytes=575,
        licence=_BSD,
        descendant="mini-vgg",
        kept="only 3 × 3 convolutions, in blocks that end in pooling and double the channels",
    ),
    Architecture(
        name="googlenet",
        title="GoogLeNet",
        year=2014,
        authors="Szegedy et al.",
        paper="https://arxiv.org/abs/1409.4842",
        idea="An inception module looks at the same maps through windows of several sizes side by side and lets the "
        "next layer choose. Cheap 1 × 1 convolutions shrink the channels first, and an average over each map replaces "
        "the dense layers, so it needs a twentieth of VGG's weights.",
        built="torchvision's has batch norm, and a 3 × 3 window where the paper has 5 × 5; the two auxiliary "
        "classifiers of training are left out.",
        top1=0.69778,
        source=_TORCHVISION,
        url=f"{_PYTORCH}googlenet-1378be20.pth",
        megabytes=52,
        licence=_BSD,
        descendant="mini-googlenet",
        kept="inception modules, pooling between them, an average in place of dense layers",
    ),
    Architecture(
        name="xception",
        title="Xception",
        year=2016,
        authors="Chollet",
        paper="https://arxiv.org/abs/1610.02357",
        idea="Takes inception to its end: one window for every single channel looks around, and a 1 × 1 convolution "
        "then mixes the channels. Fourteen modules of such separable convolutions, with short cuts around them, get "
        "more out of each weight.",
        built="timm's port of the Keras original (legacy_xception), for pictures of 299 × 299.",
        top1=0.7905,
        source="timm, ImageNet-1k val",
        url="https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-cadene/xception-43020ad28.pth",
        megabytes=92,
        licence="as published with timm (Apache-2.0); trained on ImageNet, whose terms allow research",
        descendant="mini-xception",
        kept="depthwise-separable convolutions throughout, short cuts, entry, middle and exit flow",
    ),
    Architecture(
        name="efficientnet-lite0",
        title="EfficientNet-Lite0",
        year=2020,
        authors="Tan, Le; the Lite variants by Liu, Tan",
        paper="https://arxiv.org/abs/1905.11946",
        idea="Each block widens the channels, looks around in every one of them alone, and narrows them again, so the "
        "costly step is the cheap kind of convolution. Depth, width and resolution were scaled together by search, and "
        "the Lite variant leaves out what phones are slow at.",
        built="As published.",
        top1=0.751,
        source="Google, ImageNet-1k val",
    ),
)


def architecture(name: str) -> Architecture:
    """The entry of that name. Raises UnknownModelError."""
    for entry in ARCHITECTURES:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in ARCHITECTURES)
    raise UnknownModelError(f"There is no architecture '{name}'; choose one of: {names}.")


def descendant_spec(entry: Architecture) -> ModelSpec | None:
    """The trained 28x28 network that keeps the idea, None when it is not on this machine."""
    spec = next((spec for spec in REGISTRY if spec.name == entry.descendant), None)
    return spec if spec is not None and unavailable_reason(spec) is None else None
