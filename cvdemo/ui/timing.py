"""Where the time went, as one thin bar."""

from __future__ import annotations

from typing import Any

from cvdemo.types import Timed
from cvdemo.ui import words
from cvdemo.ui.components import component

_HELP = {
    "preprocess": "Scaling the picture and arranging its numbers for the network",
    "forward": "The network itself; done once for a picture, sliders never repeat it",
    "decode": "Turning the network's numbers into the answer; this is what a slider repeats",
}


def bar(timed: Timed[Any]) -> None:
    """Draw the bar. The first two steps show the time they took when they were done."""
    steps = {"preprocess": timed.preprocess_s, "forward": timed.forward_s, "decode": timed.postprocess_s}
    component("timing")(
        key="timing",
        data={
            "parts": [
                {"name": name, "seconds": seconds, "text": words.duration(seconds), "help": _HELP[name]}
                for name, seconds in steps.items()
            ],
            "total": words.duration(sum(steps.values())),
            "where": f"on {timed.device}",
        },
    )
