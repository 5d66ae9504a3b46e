"""The layers of the program: who may import whom, and what stays out of a light import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: From the ground up; a module may import from its own layer and from those before it.
LAYERS = (
    {"errors"},
    {"labels", "settings", "types"},
    {"registry"},
    {"device", "downloads", "fashion_samples", "imaging", "samples", "weights"},
    {"models"},
    {"runtime", "engine", "background"},
    {
        "tasks",
        "inspect",
        "viz",
        "training",
        "live",
        "export",
        "fashion",
        "architectures",
        "fundamentals",
        "benchmark",
        "official",
    },
    {"video"},
    {"ui", "batch", "cutouts", "cli", "video_command", "__main__"},
    {"app", "pages"},
)
#: Packages that only these places may import.
KEPT_IN = {
    "streamlit": ("app.py", "pages/", "cvdemo/ui/"),
    "ultralytics": ("cvdemo/models/yolo.py",),
    "segmentation_models_pytorch": ("cvdemo/models/",),
}


def _sources() -> list[Path]:
    return [*ROOT.glob("app.py"), *ROOT.glob("pages/**/*.py"), *ROOT.glob("cvdemo/**/*.py")]


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def _layer_of(module: str) -> int | None:
    return next((i for i, layer in enumerate(LAYERS) if module in layer), None)


def _own_module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0] if parts[0] != "cvdemo" else parts[1]


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_downwards(path: Path) -> None:
    own = _own_module(path)
    if own == "__init__":
        return
    layer = _layer_of(own)
    assert layer is not None, f"{own} stands in no layer: give it one"
    for name in _imports(path):
        parts = name.split(".")
        if parts[0] == "cvdemo" and len(parts) > 1 and (other := _layer_of(parts[1])) is not None:
            assert other <= layer, f"{own} imports {name}, which stands above it"


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_packages_stay_in_their_place(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    roots = {name.split(".")[0] for name in _imports(path)}
    for package, places in KEPT_IN.items():
        assert package not in roots or where.startswith(places), f"{where} imports {package}"
    if where.startswith("pages/"):
        assert not roots & {"torch", "cv2", "onnxruntime"}, f"{where} reaches below the layers of a page"


def test_the_registry_loads_neither_torch_nor_a_runtime() -> None:
    code = "import sys, cvdemo.registry, cvdemo.weights; print(*{'torch', 'cv2', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == ""
