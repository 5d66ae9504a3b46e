"""The rules of operations that work along height and width: convolution, pooling, interpolation, padding."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from cvdemo.inspect.reach import WHOLE, Axes, Reach, adaptive_taps, along, over, padding_taps, window_taps
from cvdemo.inspect.reach_call import Call, hull, pair

aten = torch.ops.aten


def convolution(call: Call) -> Reach:
    image, weight, _, stride, padding, dilation, transposed, _, groups = call.args[:9]
    if image.ndim != 4:
        return hull(call)
    source, taps, axes = call.source, [], []
    for dim in (0, 1):
        n_in, n_out = image.shape[2 + dim], call.out.shape[2 + dim]
        kernel = weight.shape[2 + dim]
        window = kernel, pair(stride)[dim], pair(padding)[dim], pair(dilation)[dim]
        if transposed:
            # What cell o reads from is what would write to it: the forward window seen from the other side.
            taps.append(window_taps(n_out, n_in, *window).T)
            axes.append(source.axes and source.axes[dim].resized(taps[-1], 1 / window[1]))
        else:
            taps.append(window_taps(n_in, n_out, *window))
            axes.append(source.axes and source.axes[dim].window(*window))
    mixed = source.each(lambda plane: _mix_channels(plane, groups, call.out.shape[1]), None)
    return spatial(mixed, taps, (axes[0], axes[1]) if axes[0] and axes[1] else None)


def _mix_channels(plane: Tensor, groups: int, channels_out: int) -> Tensor:
    """(N, C, h, w) -> what each output channel reads of its group."""
    if plane.shape[1] == 1 or groups == 1:
        return over(plane, [1])
    grouped = plane.unflatten(1, (groups, -1)).amax(2)
    return grouped.repeat_interleave(channels_out // groups, dim=1)


def spatial(source: Reach, taps: list[Tensor], axes: Axes | None) -> Reach:
    """An operation that works along height and width one after the other."""
    return source.each(lambda plane: along(along(plane, taps[0], -2), taps[1], -1), axes)


def pool(call: Call) -> Reach:
    """Over height and width, or over one more dimension before them (local response normalisation pools channels)."""
    image, count = call.args[0], 3 if "3d" in call.func.__name__ else 2
    kernel = _sizes(call.args[1], count)
    stride, padding = _sizes(call.arg(2, kernel), count), _sizes(call.arg(3, 0), count)
    dilation = _sizes(call.arg(4, 1) if "max" in call.func.__name__ else 1, count)
    out = call.out[0] if isinstance(call.out, tuple) else call.out
    windows = list(zip(kernel, stride, padding, dilation, strict=True))
    source, axes = call.source, call.source.axes
    for dim, window in zip(range(-count, 0), windows, strict=True):
        taps = window_taps(image.shape[dim], out.shape[dim], *window)
        source = source.each(lambda plane, t=taps, d=dim: along(plane, t, d), None)  # type: ignore[misc]
    return Reach(source.planes, axes and (axes[0].window(*windows[-2]), axes[1].window(*windows[-1])))


def _sizes(value: Any, count: int) -> list[int]:
    """Sizes of so many dimensions as torch takes them: a number, or one or all of them in a list."""
    values = [value] if isinstance(value, int) else list(value)
    return [int(each) for each in (values * count if len(values) == 1 else values)]


def adaptive_pool(call: Call) -> Reach:
    out = call.out[0] if isinstance(call.out, tuple) else call.out
    taps = [adaptive_taps(call.args[0].shape[d], out.shape[d]) for d in (-2, -1)]
    return spatial(call.source, taps, _resized(call.source.axes, taps, [t.shape[1] / t.shape[0] for t in taps]))


def _resized(axes: Axes | None, taps: list[Tensor], steps: list[float]) -> Axes | None:
    """Axes behind a change of resolution; from many cells to one means the whole picture."""
    if axes is None:
        return None
    made = [
        WHOLE if len(t) == 1 < t.shape[1] else axis.resized(t, step)
        for axis, t, step in zip(axes, taps, steps, strict=True)
    ]
    return made[0], made[1]


def resize(call: Call) -> Reach:
    """Interpolation: it is asked itself which cells it mixes, one axis at a time."""
    name, _, overload = call.func.__name__.partition(".")
    scales = call.args[-2:] if overload != "vec" else call.arg(len(call.args) - 1, (None, None))
    extra = call.args[2 : -1 if overload == "vec" else -2]
    taps, steps = [], []
    for dim, scale in zip((-2, -1), scales, strict=True):
        n_in, n_out = call.args[0].shape[dim], call.out.shape[dim]
        # Two columns wide: torch's smoothed interpolation goes wrong on one.
        basis = torch.eye(n_in, dtype=torch.float64)[None, :, :, None].repeat(1, 1, 1, 2)
        weights = getattr(aten, name).default(basis, [n_out, 2], *extra, scale, None)[0, :, :, 0]
        taps.append(weights.T.abs() > 1e-9)
        corners = extra[:1] == (True,) and n_out > 1
        steps.append((n_in - 1) / (n_out - 1) if corners else 1 / scale if scale else n_in / n_out)
    return spatial(call.source, taps, _resized(call.source.axes, taps, steps))


def pad(call: Call) -> Reach:
    image, amounts = call.args[0], list(call.args[1])
    mode = call.func.__name__.split("_")[0]
    left, right, top, bottom = [*amounts, 0, 0][:4]
    taps = [padding_taps(image.shape[-2], top, bottom, mode), padding_taps(image.shape[-1], left, right, mode)]
    axes = call.source.axes
    return spatial(call.source, taps, axes and (axes[0].shifted(-top), axes[1].shifted(-left)))
