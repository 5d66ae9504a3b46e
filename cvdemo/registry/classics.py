"""The classics of ImageNet, whose official weights are loaded where the user has put or fetched them."""

from __future__ import annotations

from pathlib import Path

from cvdemo.registry.spec import ModelSpec

#: name -> (title, summary, side of the input, the published file of weights). torchvision's files, and timm's for
#: Xception; the hex digits in a name begin the file's SHA-256.
_CLASSICS = {
    "alexnet": ("AlexNet", "The network of 2012 that began it all.", 224, "alexnet-owt-7be5be79.pth"),
    "vgg16": ("VGG-16", "Thirteen 3 x 3 convolutions and three dense layers.", 224, "vgg16-397923af.pth"),
    "vgg19": ("VGG-19", "Sixteen 3 x 3 convolutions and three dense layers.", 224, "vgg19-dcbb9e9d.pth"),
    "googlenet": ("GoogLeNet", "Nine inception modules, four views side by side.", 224, "googlenet-1378be20.pth"),
    "xception": ("Xception", "Depthwise-separable convolutions with short cuts.", 299, "xception-43020ad28.pth"),
}
OFFICIAL = "official"


def classic_spec(name: str, folder: Path) -> ModelSpec:
    """The row of a classic of ImageNet: its file in weights/official/, or the same as NAME.safetensors where that lies
    there."""
    title, summary, side, filename = _CLASSICS[name]
    own = f"{name}.safetensors"
    return ModelSpec(
        name=name,
        task="classify",
        title=title,
        summary=summary,
        family="classics",
        variant=name,
        weights=f"{OFFICIAL}/{own if (folder / OFFICIAL / own).is_file() else filename}",
        labels="imagenet",
        input_hw=(side, side),
    )


def classic_specs(folder: Path) -> list[ModelSpec]:
    """The rows of all of them, for a weights folder."""
    return [classic_spec(name, folder) for name in _CLASSICS]
