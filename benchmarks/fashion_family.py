"""python -m benchmarks.fashion_family: accuracy, size and speed of the garment networks beside published figures."""

from __future__ import annotations

from cvdemo.architectures.family import PUBLISHED, SOURCE, family, latency, points
from cvdemo.engine import engine
from cvdemo.settings import settings


def main() -> int:
    """Print the table; returns the exit status."""
    specs = family()
    if not specs:
        print("No garment network is on this machine; restore weights/ from the repository.")
        return 1
    found = points(specs, {spec.name: latency(spec) for spec in specs})
    print(f"{'network':<18}{'accuracy':>10}{'parameters':>13}{'ms':>8}")
    for point in sorted(found, key=lambda p: -p.accuracy):
        print(f"{point.title:<18}{point.accuracy:>10.2%}{point.parameters:>13,}{1000 * (point.latency_s or 0):>8.2f}")
    print(f"measured on {engine().device}, {settings().threads} thread(s); accuracy from weights/manifest.json")
    print(f"published ({SOURCE}):")
    for reference in PUBLISHED:
        size = f"{reference.parameters:,}" if reference.parameters else "not stated"
        print(f"{reference.title:<18}{reference.accuracy:>10.1%}{size:>13}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
