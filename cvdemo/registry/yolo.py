"""Ultralytics YOLO files that lie in the weights folder."""

from __future__ import annotations

from pathlib import Path

from cvdemo.registry.spec import ModelSpec, Registry, Task

_YOLO_SUFFIXES: dict[str, Task] = {"-seg": "segment", "-pose": "pose"}
#: Published files that the app knows by name, whether or not they are here.
PUBLISHED = tuple(
    f"{generation}{size}{suffix}.pt"
    for generation in ("yolo11", "yolo26")
    for suffix in ("", *_YOLO_SUFFIXES)
    for size in "nsm"
)


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
        licence="AGPL-3.0" if filename in PUBLISHED else "",
    )


def add_yolo(registry: Registry, folder: Path) -> None:
    """Rows for the well-known YOLO files, present or not, and for every other one that lies in the folder."""
    present = sorted(path.name for path in folder.glob("*") if path.suffix in (".pt", ".onnx"))
    taken = {spec.name for spec in registry}
    for filename in dict.fromkeys([*PUBLISHED, *present]):
        if Path(filename).stem not in taken and not filename.endswith(("-cls.pt", "-obb.pt", "-cls.onnx", "-obb.onnx")):
            registry.add(yolo_spec(filename, folder))
            taken.add(Path(filename).stem)
