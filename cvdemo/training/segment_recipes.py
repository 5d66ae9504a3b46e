"""How each segmentation network was trained, and on what. Importing this loads no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cvdemo.errors import UnknownModelError


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """A folder of pictures with masks. variable: names the folder where --data is not given; terms: of use."""

    title: str
    variable: str
    unit: str
    source: str
    terms: str


DATA_SETS = {
    "camvid": DataSet(
        title="CamVid",
        variable="CVDEMO_CAMVID",
        unit="scenes",
        source="CamVid train, 367 scenes (Brostow et al., 2008)",
        terms="free for research",
    ),
    "clothing": DataSet(
        title="Clothing Co-Parsing",
        variable="CVDEMO_CLOTHING",
        unit="photos",
        source="Clothing Co-Parsing train, 704 photos with the classes merged to 13 (Yang, Luo and Lin, CVPR 2014)",
        terms="Apache-2.0",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRecipe:
    """How a segmentation network is trained.

    crop_hw: size of the views. scale: range of the random scale, 1 being the size at which the app shows a picture
    to the network. balance: power on the class weights, 0.5 being the square root of median-frequency balancing.
    learning_rate: of decoder and head; the pretrained encoder moves at a third of it. encoder_of: the installed
    network whose encoder this one starts with; None starts with ImageNet's. stage: from the second
    on it starts with its own installed weights instead.
    """

    epochs: int
    crop_hw: tuple[int, int] = (288, 384)
    batch_size: int = 8
    scale: tuple[float, float] = (0.5, 2.0)
    turn: float = 7.0
    balance: float = 0.5
    smoothing: float = 0.05
    learning_rate: float = 1.5e-3
    ema_decay: float = 0.995
    encoder_of: str | None = None
    stage: int = 1


RECIPES = {
    "unet-street": SegmentRecipe(
        epochs=45,
        crop_hw=(256, 320),
        batch_size=4,
        scale=(0.6, 1.8),
        balance=0.4,
        smoothing=0.0,
        learning_rate=1e-3,
        ema_decay=0.998,
    ),
    "fcn-street": SegmentRecipe(epochs=8, smoothing=0.0, learning_rate=1e-3, encoder_of="unet-street"),
    "unet-clothing": SegmentRecipe(
        epochs=20,
        crop_hw=(288, 224),
        batch_size=4,
        scale=(0.35, 2.0),
        turn=12.0,
        balance=0.5,
        smoothing=0.0,
        learning_rate=1.5e-3,
        ema_decay=0.997,
    ),
}
#: Later stages: a network goes on from its installed weights, on other views at a lower rate.
LATER = {
    "unet-street": (
        replace(RECIPES["unet-street"], epochs=20, crop_hw=(320, 448), scale=(0.7, 1.6), learning_rate=6e-4, stage=2),
    ),
    "unet-clothing": (
        replace(
            RECIPES["unet-clothing"],
            epochs=10,
            crop_hw=(352, 256),
            scale=(0.4, 1.8),
            balance=0.6,
            learning_rate=8e-4,
            stage=2,
        ),
        # Close-ups in the shape of a webcam's picture.
        replace(
            RECIPES["unet-clothing"],
            epochs=6,
            crop_hw=(288, 320),
            scale=(0.45, 3.2),
            balance=0.6,
            learning_rate=6e-4,
            stage=3,
        ),
    ),
}


def recipe_of(model: str, stage: int = 1) -> SegmentRecipe:
    """The recipe of a stage of a network's training, from 1 on. Raises UnknownModelError."""
    if model not in RECIPES:
        raise UnknownModelError(f"'{model}' cannot be trained here; choose one of: {', '.join(RECIPES)}.")
    stages = (RECIPES[model], *LATER.get(model, ()))
    if stage > len(stages):
        raise UnknownModelError(f"'{model}' has no stage {stage}; its last one is {len(stages)}.")
    return stages[stage - 1]
