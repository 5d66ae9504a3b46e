"""Reference outputs of the pose networks: how they are made and kept small.

    python -m tests.models.pose_oracle --onnx DIR [NAME ...]

DIR holds the networks as ONNX, run by ONNX Runtime. The inputs are cut from a photo that comes with scikit-image as
a lossless file, by slicing alone, so that no decoder and no resampling code has a say.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvdemo.registry import REGISTRY

FOLDER = Path(__file__).parent.parent / "data"
ONNX_FILES = {
    "movenet-thunder": "movenet-thunder",
    "movenet-lightning": "movenet-lightning",
    "movenet-multipose": "movenet-multipose-384",
    "posenet": "posenet",
}
NAMES = tuple(ONNX_FILES)
POSENET_MAPS = ("heatmap", "offset", "displacement_fwd", "displacement_bwd")
#: Of PoseNet's maps every third row and column is stored.
STEP = 3

Arrays = Mapping[str, NDArray[np.float32]]


def scene(name: str) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 RGB at the size of the network's input: the astronaut, and for the networks that see many
    people a smaller mirrored one beside her."""
    from skimage.data import astronaut

    height, width = REGISTRY.get(name).input_hw
    step = 2 if height < 384 else 3
    out = np.zeros((height, width, 3), np.uint8)
    large = astronaut()[::step, ::step][:height, :width]
    out[: large.shape[0], : large.shape[1]] = large
    if height >= 384:
        small = astronaut()[::4, ::-4]
        out[200:328, 240:368] = small
    return out


def run_onnx(folder: Path, name: str, pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """The reference's outputs under the names and in the layout of ours; movenet (1, 17, 3), multipose (1, 6, 56),
    posenet (1, C, 25, 25)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(folder / f"{ONNX_FILES[name]}.onnx", providers=["CPUExecutionProvider"])
    inputs: NDArray[Any] = pixels[None].astype(np.int32)
    if name == "posenet":
        inputs = pixels[None].astype(np.float32) / np.float32(127.5) - np.float32(1)
        names = [f"MobilenetV1/{each}_2/BiasAdd:0" for each in POSENET_MAPS]
        maps = session.run(names, {"image:0": inputs})
        return {key: each.transpose(0, 3, 1, 2) for key, each in zip(POSENET_MAPS, maps, strict=True)}
    (output,) = session.run(None, {"input:0": inputs})
    return {"people": output} if name == "movenet-multipose" else {"keypoints": output[:, 0]}


def thinned(outputs: Arrays) -> dict[str, NDArray[np.float32]]:
    """What is stored of the outputs."""
    return {key: each[..., ::STEP, ::STEP] if each.ndim == 4 else each for key, each in outputs.items()}


def stored(name: str) -> dict[str, NDArray[np.float32]]:
    """The stored outputs of the reference."""
    with np.load(FOLDER / f"oracle_{name}.npz") as arrays:
        return dict(arrays)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("names", nargs="*", default=NAMES)
    args = parser.parse_args()
    for name in args.names:
        outputs = thinned(run_onnx(args.onnx, name, scene(name)))
        np.savez_compressed(FOLDER / f"oracle_{name}.npz", **outputs)


if __name__ == "__main__":
    main()
