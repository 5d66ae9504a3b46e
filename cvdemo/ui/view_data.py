"""What the result component is told: every candidate once, in picture pixels, so that sliders need no server."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PilImage

from cvdemo.labels import KEYPOINTS, foreground
from cvdemo.tasks.certainty import entropy
from cvdemo.types import Detections, Image, Poses, Segmentation
from cvdemo.ui.words import plural
from cvdemo.viz import class_hex
from cvdemo.viz.palette import LEFT, MIDDLE, RGB, RIGHT

#: Longest side of what is drawn in the browser; downloads have the picture's own size.
DISPLAY_SIDE = 1600
#: Pictures up to this side are shown as squares, not blurred.
TINY_SIDE = 96
#: Lowest score a candidate is sent with, and so the lowest the slider goes.
SCORE_FLOOR = 0.05
#: About the longest side of the grid on which a segmentation's probabilities are sent.
_CERTAINTY_SIDE = 480
#: Colours of the uncertainty map from sure to open: magma, in nine steps.
DOUBT_RAMP = ["#000004", "#1c1044", "#4f127b", "#812581", "#b5367a", "#e55064", "#fb8761", "#fec287", "#fcfdbf"]


def jpeg_url(pixels: NDArray[np.uint8], side: int = DISPLAY_SIDE, quality: int = 86) -> str:
    """pixels: (H, W, 3) uint8 RGB. A JPEG data URL, scaled down to that longest side."""
    picture = PilImage.fromarray(pixels)
    picture.thumbnail((side, side), PilImage.Resampling.LANCZOS)
    return _url(picture, "JPEG", quality=quality)


def png_url(pixels: NDArray[np.uint8]) -> str:
    """pixels: (H, W) grey or (H, W, 3) RGB uint8. A lossless data URL."""
    return _url(PilImage.fromarray(pixels), "PNG", optimize=False)


def _url(picture: PilImage.Image, kind: str, **options: Any) -> str:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def picture_data(image: Image, url: str) -> dict[str, Any]:
    """The picture's address and its own size, in which all coordinates are given."""
    height, width = image.size_hw
    tiny = max(height, width) <= TINY_SIDE
    return {"src": url, "width": width, "height": height, "name": image.name, "tiny": tiny}


def detections_data(found: Detections, class_names: tuple[str, ...]) -> dict[str, Any]:
    """Boxes by falling score."""
    rows = zip(found.xyxy.round(1).tolist(), found.scores.tolist(), found.class_ids.tolist(), strict=True)
    items = [
        _item(i, box, score, class_id, class_names[class_id], class_hex(class_id))
        for i, (box, score, class_id) in enumerate(rows)
    ]
    return {
        "items": items,
        "controls": ["view", "score", "labels"],
        "nothing": "The network has no guess at all here. Try a picture with people, animals, vehicles or "
        "household things, seen closer.",
    }


def poses_data(poses: Poses) -> dict[str, Any]:
    """People by falling score; the person's left side, right side and middle have a colour each."""
    sides = [LEFT if name.startswith("left") else RIGHT if name.startswith("right") else MIDDLE for name in KEYPOINTS]
    joints = np.concatenate([poses.keypoints.round(1), poses.keypoint_scores[..., None].round(3)], axis=2)
    items = [
        _item(i, box, score, 0, "person", class_hex(0)) | {"name": f"Person {i + 1}", "joints": joints[i].tolist()}
        for i, (box, score) in enumerate(
            zip(poses.boxes.xyxy.round(1).tolist(), poses.boxes.scores.tolist(), strict=True)
        )
    ]
    return {
        "items": items,
        "joints": list(KEYPOINTS),
        "jointColors": [_hex(color) for color in sides],
        "skeleton": [[a, b, _hex(sides[a] if sides[a] == sides[b] else MIDDLE)] for a, b in poses.skeleton],
        "controls": ["view", "score", "joint", "labels"],
        "nothing": "No person was found. Try a picture in which people are seen from head to knee.",
    }


def segmentation_data(result: Segmentation, class_names: tuple[str, ...]) -> dict[str, Any]:
    """The class map at display size, the share of each class, and, on a coarser grid, the best classes of each place
    with their probabilities and how spread out these are."""
    shares, painted = result.shares(), foreground(class_names)
    classes = [
        {
            "id": int(i),
            "name": class_names[i],
            "color": class_hex(int(i)),
            "share": float(shares[i]),
            "plain": int(i) not in painted,
        }
        for i in np.argsort(-shares, kind="stable")
    ]
    probs = result.probs[:, :: _step(result), :: _step(result)]
    best = np.argsort(-probs, axis=0, kind="stable")[:3]
    sure = (np.take_along_axis(probs, best, axis=0) * 255).round()
    return {
        "items": [],
        "mask": {
            "src": png_url(_shrunk(result.class_map)),
            "best": png_url(_as_colors(best)),
            "sure": png_url(_as_colors(sure)),
            "doubt": png_url((entropy(probs).clip(0, 1) * 255).round().astype(np.uint8)),
            "ramp": DOUBT_RAMP,
            "classes": classes,
        },
        "controls": ["view", "paint", "opacity", "fade"],
    }


def _step(result: Segmentation) -> int:
    """Every how many cells of the probabilities the browser is told one."""
    return max(1, round(max(result.probs.shape[1:]) / _CERTAINTY_SIDE))


def _as_colors(maps: NDArray[Any]) -> NDArray[np.uint8]:
    """(up to 3, h, w) numbers of 0 to 255 as red, green and blue; what is missing is 0."""
    colors = np.zeros((*maps.shape[1:], 3), np.uint8)
    colors[..., : len(maps)] = maps.transpose(1, 2, 0)
    return colors


def _shrunk(class_map: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Class indices at display size: nearest neighbour, an average of two classes is neither."""
    height, width = class_map.shape
    scale = min(1.0, DISPLAY_SIDE / max(height, width))
    to = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(PilImage.fromarray(class_map).resize(to, PilImage.Resampling.NEAREST))


def _hex(color: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _item(i: int, box: list[float], score: float, class_id: int, name: str, color: str) -> dict[str, Any]:
    return {
        "id": i, "box": box, "score": round(score, 4), "classId": class_id, "name": name, "one": name,
        "many": plural(name), "color": color,
    }  # fmt: skip


def classification_data(seen: tuple[float, float, float, float], sentence: str) -> dict[str, Any]:
    """Nothing is drawn but the part that the network was shown. seen: its left, top, right, bottom in pixels."""
    return {"items": [], "controls": ["seen"], "seen": [round(v, 1) for v in seen], "alt": sentence}
