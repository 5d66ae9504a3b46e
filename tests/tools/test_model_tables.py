"""README.md and weights/README.md say what the manifest says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cvdemo.settings import settings
from cvdemo.weights import Accuracy, read_manifest, save_weights
from tools.model_tables import BEGIN, END, papers_tables, update, update_all, updated

PAPERS = {"parameters": 4, "source": "somewhere", "licence": "MIT", "regenerate": "make it"}


def test_shipped_tables_are_up_to_date() -> None:
    assert update_all(check=True) == [], "run python tools/model_tables.py"


def test_every_shipped_file_has_words() -> None:
    words = (settings().weights_dir / "README.md").read_text(encoding="utf-8").partition(END)[2]
    missing = [name for name in read_manifest() if f"`{Path(name).stem}`" not in words]
    assert not missing


def test_update_writes_rows_and_keeps_the_words(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    figure = Accuracy(value=0.9, metric="accuracy", dataset="garments")
    row = save_weights(tmp_path, "a.safetensors", {"x": np.ones(4, np.float32)}, {**PAPERS, "accuracy": (figure,)})
    assert not update(readme, papers_tables, tmp_path)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert f"{row.sha256}  a.safetensors" in text
    assert "accuracy 0.900 on garments" in text
    assert update(readme, papers_tables, tmp_path)


def test_missing_marker_is_named() -> None:
    with pytest.raises(ValueError, match="End of the generated"):
        updated(f"{BEGIN}\n", papers_tables({}))
