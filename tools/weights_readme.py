"""Write the tables of weights/README.md from weights/manifest.json, between two marker lines.

    python tools/weights_readme.py [--check]

--check changes nothing and exits with 1 when the file is not up to date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cvdemo.registry import REGISTRY  # noqa: E402
from cvdemo.weights import Accuracy, WeightsFile, read_manifest  # noqa: E402

BEGIN = "<!-- The tables below are written by tools/weights_readme.py from manifest.json. -->"
END = "<!-- End of the generated tables. -->"


def accuracy_text(accuracy: Accuracy) -> str:
    """A figure with its data set, and whose it is where it is not the file's own."""
    whose = "" if accuracy.of == "this file" else f" ({accuracy.of})"
    return f"{accuracy.metric} {accuracy.value:.3f} on {accuracy.dataset}{whose}"


def tables(rows: dict[str, WeightsFile]) -> Iterator[str]:
    """Lines of Markdown: what each file is, where it comes from, how to make it again and how to check it."""
    titles = {spec.weights: spec.title for spec in REGISTRY}
    yield "| File | Network | Parameters | Size, MB | Accuracy | Licence |"
    yield "|---|---|--:|--:|---|---|"
    for name, row in rows.items():
        figures = "; ".join(accuracy_text(a) for a in row.accuracy) or "not measured"
        yield (
            f"| `{name}` | {titles.get(name, '')} | {row.parameters:,} | {row.bytes / 1e6:.1f} | {figures} "
            f"| {row.licence} |"
        )
    yield ""
    yield "| File | Source | Upstream | Made by |"
    yield "|---|---|---|---|"
    for name, row in rows.items():
        yield f"| `{name}` | {row.source} | {row.upstream or 'this project'} | `{row.regenerate}` |"
    yield ""
    yield "SHA-256, to check with `sha256sum`:"
    yield ""
    yield "```"
    for name, row in rows.items():
        yield f"{row.sha256}  {name}"
    yield "```"


def updated(text: str, rows: dict[str, WeightsFile]) -> str:
    """The text with what lies between the markers replaced. Raises ValueError when a marker is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks the line {BEGIN if not begin else END}")
    return f"{before}{BEGIN}\n\n" + "\n".join(tables(rows)) + f"\n\n{END}{after}"


def update(folder: Path, check: bool = False) -> bool:
    """Rewrite folder/README.md; returns whether it had been up to date."""
    path = folder / "README.md"
    text = path.read_text(encoding="utf-8")
    new = updated(text, read_manifest(folder))
    if new != text and not check:
        path.write_text(new, encoding="utf-8")
    return new == text


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    check = parser.parse_args().check
    current = update(ROOT / "weights", check)
    if check and not current:
        print("weights/README.md is not up to date; run python tools/weights_readme.py", file=sys.stderr)
    return int(check and not current)


if __name__ == "__main__":
    sys.exit(main())
