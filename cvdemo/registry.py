"""One row per model. Importing this module loads neither torch nor any weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cvdemo.errors import UnknownModelError
from cvdemo.labels import label_set
from cvdemo.settings import settings

Task = Literal["classify", "detect", "segment", "pose"]
TASKS: tuple[Task, ...] = ("classify", "detect", "segment", "pose")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """What is known about a model without loading it.

    name: unique key, as used on the command line. family: the module of cvdemo.models that builds it.
    variant: which member of the family, in the family's own terms. weights: file name in weights/, whose
    source, licence, SHA-256 and accuracy stand in weights/manifest.json. labels: name of a set in
    cvdemo.labels. input_hw: height and width of the network's input in pixels; for families that keep the
    picture's aspect, the largest side. detector: for top-down pose, the registered model that finds the people.
    score_threshold: the useful default. default: first choice of its task. licence: of weights
    that have no row in the manifest. aliases: other names accepted for it.
    """

    name: str
    task: Task
    title: str
    summary: str
    family: str
    variant: str = ""
    weights: str
    labels: str
    input_hw: tuple[int, int]
    detector: str | None = None
    score_threshold: float = field(default=0.3)
    default: bool = False
    licence: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the network's outputs."""
        return label_set(self.labels)


class Registry:
    """Models by name; refuses duplicates, and an unknown name is answered with the known ones."""

    def __init__(self, specs: Iterable[ModelSpec] = ()) -> None:
        self._specs: dict[str, ModelSpec] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: ModelSpec) -> None:
        """Register a model. Raises ValueError when the name is taken or the task already has a default."""
        taken = {name for known in self for name in (known.name, *known.aliases)}
        if clash := taken & {spec.name, *spec.aliases}:
            raise ValueError(f"model name {clash.pop()!r} is registered already")
        if spec.default and any(s.default for s in self.of_task(spec.task)):
            raise ValueError(f"task {spec.task!r} has a default model already")
        self._specs[spec.name] = spec

    def __iter__(self) -> Iterator[ModelSpec]:
        return iter(self._specs.values())

    def of_task(self, task: str) -> list[ModelSpec]:
        """All models of a task, default first."""
        return sorted((s for s in self if s.task == task), key=lambda s: not s.default)

    def get(self, name: str, task: str | None = None) -> ModelSpec:
        """The model of that name (and task). Raises UnknownModelError."""
        specs = self.of_task(task) if task else list(self)
        for spec in specs:
            if name in (spec.name, *spec.aliases):
                return spec
        kind = f" for {task}" if task else ""
        names = ", ".join(spec.name for spec in specs)
        raise UnknownModelError(f"There is no model '{name}'{kind}; choose one of: {names}.")

    def default(self, task: str) -> ModelSpec:
        """The model a task starts with. Raises UnknownModelError when the task has none."""
        specs = self.of_task(task)
        if not specs:
            raise UnknownModelError(f"There is no task '{task}'; choose one of: {', '.join(TASKS)}.")
        return specs[0]


def _garments(name: str, title: str, summary: str, *aliases: str) -> ModelSpec:
    """The row of a garment network."""
    return ModelSpec(
        name=name,
        task="classify",
        title=title,
        summary=summary,
        family="fashion",
        variant=name,
        weights=f"{name}.safetensors",
        labels="fashion",
        input_hw=(28, 28),
        aliases=aliases,
    )


REGISTRY = Registry(
    [
        ModelSpec(
            name="efficientnet-lite0",
            task="classify",
            title="EfficientNet-Lite0",
            summary="Names the main thing in the picture, out of 1,000 ImageNet classes.",
            family="imagenet",
            weights="efficientnet-lite0.safetensors",
            labels="imagenet",
            input_hw=(224, 224),
            default=True,
            aliases=("imagenet",),
        ),
        _garments(
            "fashion-nano", "Fashion nano", "Tells ten kinds of garment apart from a 28 x 28 picture.", "fashion"
        ),
        _garments(
            "fashion-net",
            "Fashion net",
            "Our best on the ten kinds of garment: residual, under a million parameters.",
        ),
        _garments(
            "article-cnn", "The article's CNN", "One convolution and two dense layers, as the article builds it."
        ),
        _garments(
            "mini-alexnet", "Mini AlexNet", "AlexNet's idea at 28 x 28: large kernels first, two groups, dropout."
        ),
        _garments("mini-vgg", "Mini VGG", "VGG's idea at 28 x 28: nothing but stacks of 3 x 3 convolutions."),
        _garments("mini-googlenet", "Mini GoogLeNet", "GoogLeNet's idea at 28 x 28: four views of the maps at once."),
        _garments(
            "mini-xception", "Mini Xception", "Xception's idea at 28 x 28: look around first, mix channels after."
        ),
        ModelSpec(
            name="centernet",
            task="detect",
            title="CenterNet (MobileNetV3)",
            summary="Finds 80 kinds of things as peaks of a heatmap, one peak a thing.",
            family="centernet",
            weights="centernet.safetensors",
            labels="coco",
            input_hw=(512, 512),
            score_threshold=0.30,
            default=True,
        ),
        ModelSpec(
            name="nanodet",
            task="detect",
            title="NanoDet-g",
            summary="Finds 80 kinds of things on three grids, from fine to coarse.",
            family="nanodet",
            weights="nanodet.safetensors",
            labels="coco",
            input_hw=(416, 416),
            score_threshold=0.40,
        ),
        ModelSpec(
            name="unet-street",
            task="segment",
            title="U-Net, streets",
            summary="Gives every pixel of a road scene one of 11 classes.",
            family="unet",
            variant="tu-tf_efficientnet_lite0",
            weights="unet-street.safetensors",
            labels="camvid",
            input_hw=(480, 480),
            default=True,
        ),
        ModelSpec(
            name="fcn-street",
            task="segment",
            title="FCN-8s, streets",
            summary="The same encoder and data as the U-Net, with FCN's three scores instead of a decoder.",
            family="fcn",
            variant="tu-tf_efficientnet_lite0",
            weights="fcn-street.safetensors",
            labels="camvid",
            input_hw=(480, 480),
        ),
        ModelSpec(
            name="unet-clothing",
            task="segment",
            title="U-Net, clothes",
            summary="Finds people, their skin and hair, and what they wear, in 13 classes.",
            family="unet",
            variant="tu-tf_efficientnet_lite0/128-64-32-24",
            weights="unet-clothing.safetensors",
            labels="clothing",
            input_hw=(512, 512),
        ),
        ModelSpec(
            name="movenet-thunder",
            task="pose",
            title="MoveNet Thunder on detected people",
            summary="Finds each person first, then 17 joints in each.",
            family="movenet",
            variant="thunder",
            weights="movenet-thunder.safetensors",
            labels="person",
            input_hw=(256, 256),
            detector="centernet",
            score_threshold=0.15,
            default=True,
        ),
        ModelSpec(
            name="movenet-lightning",
            task="pose",
            title="MoveNet Lightning on detected people",
            summary="Like Thunder, smaller and faster.",
            family="movenet",
            variant="lightning",
            weights="movenet-lightning.safetensors",
            labels="person",
            input_hw=(192, 192),
            detector="centernet",
            score_threshold=0.12,
        ),
        ModelSpec(
            name="movenet-multipose",
            task="pose",
            title="MoveNet MultiPose",
            summary="Finds up to six people and their joints in one pass.",
            family="multipose",
            weights="movenet-multipose.safetensors",
            labels="person",
            input_hw=(384, 384),
            score_threshold=0.20,
        ),
        ModelSpec(
            name="posenet",
            task="pose",
            title="PoseNet (MobileNetV1)",
            summary="Finds joints first and joins them into people afterwards.",
            family="posenet",
            weights="posenet.safetensors",
            labels="person",
            input_hw=(385, 385),
            score_threshold=0.37,
        ),
    ]
)

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


for _name in _CLASSICS:
    REGISTRY.add(classic_spec(_name, settings().weights_dir))

_YOLO_SUFFIXES: dict[str, Task] = {"-seg": "segment", "-pose": "pose"}
_YOLO_KNOWN = ("yolo11n.pt", "yolo11n-pose.pt")


def yolo_spec(filename: str, folder: Path) -> ModelSpec:
    """The row of an Ultralytics YOLO file in weights/: its name tells the task (NAME-seg, NAME-pose, else boxes).

    Classes are COCO's unless NAME.names beside it lists others.
    """
    stem = Path(filename).stem
    task: Task = next((task for suffix, task in _YOLO_SUFFIXES.items() if stem.endswith(suffix)), "detect")
    labels = {"detect": "coco", "segment": "coco-background", "pose": "person"}[task]
    if (names := folder / f"{stem}.names").is_file():
        labels = f"file:{names}"
    return ModelSpec(
        name=stem,
        task=task,
        title=f"Ultralytics {stem}",
        summary="A YOLO network from the weights folder.",
        family="yolo",
        weights=filename,
        labels=labels,
        input_hw=(640, 640),
        score_threshold=0.25,
        licence="AGPL-3.0" if filename in _YOLO_KNOWN else "",
    )


def _add_yolo(registry: Registry, folder: Path) -> None:
    """Rows for the well-known YOLO files, present or not, and for every other one that lies in the folder."""
    present = sorted(path.name for path in folder.glob("*") if path.suffix in (".pt", ".onnx"))
    taken = {spec.name for spec in registry}
    for filename in dict.fromkeys([*_YOLO_KNOWN, *present]):
        if Path(filename).stem not in taken and not filename.endswith(("-cls.pt", "-obb.pt", "-cls.onnx", "-obb.onnx")):
            registry.add(yolo_spec(filename, folder))
            taken.add(Path(filename).stem)


_add_yolo(REGISTRY, settings().weights_dir)
