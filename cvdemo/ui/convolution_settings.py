"""What a visitor set on the convolution page: checked when it comes from a browser or an address, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from cvdemo.errors import UsageError
from cvdemo.fundamentals import PADDINGS, POOLS, PRESETS, SIZES, STRIDES, Channel, Recipe, parse_kernel, preset

CUSTOM = "custom"
CHANNELS: tuple[Channel, ...] = get_args(Channel)
Cells = tuple[tuple[str, ...], ...]
_START = "vertical"
_START_CELLS: Cells = tuple(tuple(row) for row in preset(_START, 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvolutionSettings:
    """preset: a name of PRESETS, or "custom". cells: the kernel as typed. good: the last cells that were numbers.
    at: row and column of the patch's middle in the working picture, None for the liveliest place."""

    preset: str = _START
    cells: Cells = _START_CELLS
    good: Cells = _START_CELLS
    channel: Channel = "grey"
    stride: int = 1
    padding: int = 1
    rectify: bool = True
    pool: int = 2
    at: tuple[int, int] | None = None

    def recipe(self) -> Recipe:
        """The steps with the last good kernel."""
        kernel = parse_kernel(self.good)
        return Recipe(kernel=kernel, stride=self.stride, padding=self.padding, rectify=self.rectify, pool=self.pool)

    def problem(self) -> str | None:
        """One sentence about the kernel as typed, None when there is nothing to say."""
        try:
            kernel = parse_kernel(self.cells)
        except UsageError as error:
            return str(error)
        if not kernel.any():
            return (
                "All weights are 0, so the result is 0 everywhere, whatever the picture shows; "
                "change one of them or choose a kernel above."
            )
        return None


def checked(settings: ConvolutionSettings, told: Mapping[str, Any]) -> ConvolutionSettings:
    """settings with what a browser told on top; what makes no sense is left out."""
    good: dict[str, Any] = {}
    for name, known in (("stride", STRIDES), ("padding", PADDINGS), ("pool", POOLS), ("channel", CHANNELS)):
        if (value := told.get(name)) in known and not isinstance(value, bool):
            good[name] = value
    if isinstance(rectify := told.get("rectify"), bool):
        good["rectify"] = rectify
    if (chosen := told.get("preset")) == CUSTOM or chosen in PRESETS:
        good["preset"] = chosen
    if (cells := _cells(told.get("cells"))) is not None:
        good["cells"] = cells
        if _numbers(cells):
            good["good"] = cells
    at = told.get("at")
    if isinstance(at, list) and len(at) == 2 and all(isinstance(v, int) and 0 <= v < 100_000 for v in at):
        good["at"] = (at[0], at[1])
    return replace(settings, **good)


def from_address(settings: ConvolutionSettings, asked: Mapping[str, str]) -> ConvolutionSettings:
    """settings with what an address asks for on top."""
    told: dict[str, Any] = {name: int(asked[name]) for name in ("stride", "padding", "pool") if _digit(asked.get(name))}
    told["channel"] = asked.get("channel")
    if (relu := asked.get("relu")) in ("on", "off"):
        told["rectify"] = relu == "on"
    name = asked.get("kernel", "")
    if name in PRESETS:
        side = next((n for n in SIZES if asked.get("size") == str(n)), SIZES[0])
        told |= {"preset": name, "cells": preset(name, side)}
    elif ";" in name:
        told |= {"preset": CUSTOM, "cells": [row.split() for row in name.split(";")]}
    return checked(settings, told)


def to_address(settings: ConvolutionSettings) -> dict[str, str | None]:
    """Only what differs from the page's start makes the address longer."""
    usual = ConvolutionSettings()
    side = len(settings.good)
    custom = settings.preset == CUSTOM
    kernel = "; ".join(" ".join(row) for row in settings.good) if custom else settings.preset
    return {
        "kernel": kernel if kernel != usual.preset or side != 3 else None,
        "size": str(side) if side != 3 and not custom else None,
        "stride": str(settings.stride) if settings.stride != usual.stride else None,
        "padding": str(settings.padding) if settings.padding != usual.padding else None,
        "pool": str(settings.pool) if settings.pool != usual.pool else None,
        "relu": None if settings.rectify else "off",
        "channel": settings.channel if settings.channel != usual.channel else None,
    }


ADDRESS_NAMES = tuple(to_address(ConvolutionSettings()))


def _digit(text: str | None) -> bool:
    return text is not None and len(text) == 1 and text.isdecimal()


def _cells(value: Any) -> Cells | None:
    """Typed cells, square and of a known side, else None."""
    if not isinstance(value, list) or len(value) not in SIZES:
        return None
    if not all(isinstance(row, list) and len(row) == len(value) for row in value):
        return None
    if not all(isinstance(cell, str) for row in value for cell in row):
        return None
    return tuple(tuple(cell[:24] for cell in row) for row in value)


def _numbers(cells: Cells) -> bool:
    try:
        parse_kernel(cells)
    except UsageError:
        return False
    return True
