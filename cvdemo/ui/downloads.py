"""The answer as files: made when asked for, at the picture's own size, with the settings of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cvdemo import tasks
from cvdemo.labels import foreground
from cvdemo.registry import ModelSpec
from cvdemo.tasks import ClassifyParams, DetectParams, PoseParams, SegmentParams
from cvdemo.tasks.certainty import entropy
from cvdemo.types import Image, Segmentation
from cvdemo.ui.result_view import ViewSettings

Make = Callable[[], bytes]


def menu(spec: ModelSpec, image: Image, settings: ViewSettings, top_k: int = 5, *, selected: int | None = None) -> None:
    """A popover with one button a file; nothing is computed before its button is pressed. selected: the class that
    is shown alone."""
    makers = _makers(spec, image, settings, top_k, selected)
    stem = file_stem(image.name)
    with st.popover("Download", icon=":material/download:", key=f"download-{spec.task}"):
        for label, suffix, mime, make in makers:
            st.download_button(
                label,
                data=make,
                file_name=f"{stem}-{spec.name}{suffix}",
                mime=mime,
                key=f"download-{spec.task}-{suffix}",
                on_click="ignore",
                type="tertiary",
            )


def file_stem(name: str) -> str:
    """A picture's name as the start of a file name."""
    return re.sub(r"[^\w-]+", "-", PurePath(name).stem).strip("-").lower()[:60] or "picture"


def _makers(
    spec: ModelSpec, image: Image, settings: ViewSettings, top_k: int, selected: int | None
) -> list[tuple[str, str, str, Make]]:
    from cvdemo import export

    def answer() -> Any:
        return tasks.run(spec, image, _params(spec, settings, top_k)).result

    def records() -> list[dict[str, Any]]:
        return export.to_records(spec, image.name, answer(), top_k)

    def picture() -> bytes:
        from cvdemo.viz.encode import png

        return png(_drawn(spec, image, answer(), settings, selected), compression=3)

    made: list[tuple[str, str, str, Make]] = [
        ("Annotated picture (PNG)", ".png", "image/png", picture),
        ("Data (JSON)", ".json", "application/json", lambda: export.to_json(records()).encode()),
        ("Table (CSV)", ".csv", "text/csv", lambda: export.to_csv(records()).encode()),
    ]
    if spec.task == "segment":
        made.insert(
            1, ("Class index of every pixel (PNG)", "-mask.png", "image/png", lambda: export.mask_png(answer()))
        )
    return made


def _params(spec: ModelSpec, settings: ViewSettings, top_k: int) -> Any:
    if spec.task == "detect":
        return DetectParams(score_threshold=settings.score, class_ids=settings.only or None)
    if spec.task == "pose":
        return PoseParams(score_threshold=settings.score, keypoint_threshold=settings.joint)
    return ClassifyParams(top_k=top_k) if spec.task == "classify" else SegmentParams()


def _drawn(
    spec: ModelSpec, image: Image, answer: Any, settings: ViewSettings, selected: int | None
) -> NDArray[np.uint8]:
    from cvdemo import viz

    if spec.task == "detect":
        return viz.draw_boxes(image, answer, spec.class_names, labels=settings.labels)
    if spec.task == "pose":
        return viz.draw_poses(image, answer, keypoint_threshold=settings.joint, labels=settings.labels)
    if spec.task == "segment":
        return _mask(spec.class_names, image, answer, settings, selected)
    return viz.draw_classes(image, answer)


def _mask(
    class_names: tuple[str, ...], image: Image, answer: Segmentation, settings: ViewSettings, selected: int | None
) -> NDArray[np.uint8]:
    """Filled, as contours or as the map of doubt, as it is on the page."""
    from cvdemo import viz
    from cvdemo.viz.features import draw_map

    if settings.paint == "doubt":
        return draw_map(image, entropy(answer.probs), opacity=max(settings.opacity, 0.2), limits=(0.0, 1.0))
    shown = foreground(class_names) if selected is None else [selected]
    opacity = 0.0 if settings.paint == "contour" else settings.opacity
    return viz.draw_masks(image, answer, opacity=opacity, class_ids=shown)
