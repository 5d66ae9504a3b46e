"""Write the tables of README.md and weights/README.md from weights/manifest.json, between two marker lines.

    python tools/model_tables.py [--check]

--check changes nothing and exits with 1 when a file is not up to date.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from cvdemo.registry import REGISTRY  # noqa: E402
from cvdemo.weights import Accuracy, WeightsFile, read_manifest  # noqa: E402

BEGIN = "<!-- The tables below are written by tools/model_tables.py from manifest.json. -->"
END = "<!-- End of the generated tables. -->"

Rows = dict[str, WeightsFile]


def accuracy_text(accuracy: Accuracy) -> str:
    """A figure with its data set, and whose it is where it is not the file's own."""
    whose = "" if accuracy.of == "this file" else f" ({accuracy.of})"
    return f"{accuracy.metric} {accuracy.value:.3f} on {accuracy.dataset}{whose}"


def model_table(rows: Rows) -> Iterator[str]:
    """Lines of Markdown: what each shipped network does, how large it is and how good."""
    yield "| Name | Task | Parameters | Accuracy |"
    yield "|---|---|--:|---|"
    for spec in REGISTRY:
        if row := rows.get(spec.weights):
            figures = "; ".join(accuracy_text(a) for a in row.accuracy) or "not measured"
            yield f"| `{spec.name}` | {spec.task} | {row.parameters:,} | {figures} |"


def papers_tables(rows: Rows) -> Iterator[str]:
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


def updated(text: str, lines: Iterator[str]) -> str:
    """The text with what lies between the markers replaced. Raises ValueError when a marker is missing."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md lacks the line {BEGIN if not begin else END}")
    return f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}"


def update(path: Path, table: Callable[[Rows], Iterator[str]], weights: Path, check: bool = False) -> bool:
    """Rewrite the tables of a Markdown file; returns whether they had been up to date."""
    text = path.read_text(encoding="utf-8")
    new = updated(text, table(read_manifest(weights)))
    if new != text and not check:
        path.write_text(new, encoding="utf-8")
    return new == text


def update_all(check: bool = False) -> list[Path]:
    """Rewrite the tables of the repository's own files; returns those that had not been up to date."""
    weights = ROOT / "weights"
    files = ((ROOT / "README.md", model_table), (weights / "README.md", papers_tables))
    return [path for path, table in files if not update(path, table, weights, check)]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="only say whether they are up to date")
    check = parser.parse_args().check
    stale = update_all(check)
    if check and stale:
        print("Not up to date; run python tools/model_tables.py: " + ", ".join(map(str, stale)), file=sys.stderr)
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
