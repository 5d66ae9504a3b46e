"""Layers that TensorFlow has and torch lacks."""

from __future__ import annotations

import pytest
import torch

from cvdemo.models.layers import Conv2dSame, UpsampleAsymmetric, same_padding


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("size", [1, 7, 8, 33])
def test_same_convolution_sees_the_windows_that_tensorflow_defines(size: int, kernel: int, stride: int) -> None:
    """Output i is centred so that the zeros before and after differ by at most one, the extra one after."""
    conv = Conv2dSame(1, 1, kernel, stride, bias=False).requires_grad_(False)
    x = torch.arange(1.0, size + 1).expand(1, 1, size, size)
    conv.weight.zero_()
    conv.weight[0, 0, kernel // 2] = torch.arange(1.0, kernel + 1)
    row = conv(x)[0, 0, 0].tolist()
    count = -(-size // stride)
    before = max((count - 1) * stride + kernel - size, 0) // 2
    expected = [
        sum((k + 1) * (p + 1) for k in range(kernel) if 0 <= (p := i * stride - before + k) < size)
        for i in range(count)
    ]
    assert row == expected


def test_same_padding_puts_the_odd_pixel_after() -> None:
    assert same_padding(512, 3, 2) == (0, 1)
    assert same_padding(513, 3, 2) == (1, 1)
    assert same_padding(512, 5, 2) == (1, 2)
    assert same_padding(4, 1, 2) == (0, 0)


def test_asymmetric_upsampling_keeps_pixels_and_puts_means_between() -> None:
    x = torch.randn(2, 3, 4, 5, requires_grad=True)
    y = UpsampleAsymmetric()(x)
    assert y.shape == (2, 3, 8, 10)
    torch.testing.assert_close(y[..., ::2, ::2], x)
    torch.testing.assert_close(y[..., ::2, 1:-1:2], (x[..., :-1] + x[..., 1:]) / 2)
    torch.testing.assert_close(y[..., -1, ::2], x[..., -1, :])
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.sum().item() == pytest.approx(y.numel(), rel=1e-5)
