"""Numbers and names as the pages say them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

_IRREGULAR = {
    "person": "people", "knife": "knives", "mouse": "mice", "sheep": "sheep", "skis": "skis", "scissors": "scissors",
    "broccoli": "broccoli", "wine glass": "wine glasses", "cyclist": "cyclists", "epoch": "epochs",
}  # fmt: skip


def plural(name: str) -> str:
    """The plural of a class name: "bus" -> "buses"."""
    if name in _IRREGULAR:
        return _IRREGULAR[name]
    if name.endswith(("s", "x", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def counted(n: int, name: str) -> str:
    """ "3 people", "1 bus"."""
    return f"{n} {name if n == 1 else plural(name)}"


def listed(names: Iterable[str]) -> str:
    """Things found, in order of first appearance: "3 people, 1 bus"; empty for none."""
    return ", ".join(counted(n, name) for name, n in Counter(names).items())


def duration(seconds: float) -> str:
    """Two to three significant digits: "0.4 ms", "54 ms", "1.2 s"."""
    ms = seconds * 1000
    if ms >= 1000:
        return f"{seconds:.1f} s"
    return f"{ms:.0f} ms" if ms >= 9.95 else f"{ms:.1f} ms"


def clock(seconds: float) -> str:
    """A time to wait: "8 s", "3 min 5 s"."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def amount(n: int) -> str:
    """A count with its scale: "2.0 M", "98 k", "512"."""
    if n >= 999_500:
        return f"{n / 1e6:.1f} M"
    return f"{n / 1e3:.0f} k" if n >= 1000 else str(n)


def size(n_bytes: int) -> str:
    """Bytes as people read them: "4.2 MB", "98 kB"."""
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1e6 else f"{n_bytes / 1e3:.0f} kB"


def percent(share: float) -> str:
    """A share of one: "41 %", "3.2 %"."""
    return f"{share * 100:.0f} %" if share >= 0.0995 else f"{share * 100:.1f} %"
