"""Hooks come, see their own thread, and go."""

from __future__ import annotations

import threading
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import call_name, hook_count, split_name, watching
from cvdemo.inspect.progress import CancelledError, stop_if_set


class Pair(NamedTuple):
    near: Tensor
    far: Tensor


class Head(nn.Module):
    def forward(self, x: Tensor) -> Pair:
        return Pair(x + 1, x + 2)


class Net(nn.Module):
    """Uses one activation twice and returns a named tuple."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.act = nn.ReLU()
        self.head = Head()

    def forward(self, x: Tensor) -> Pair:
        found: Pair = self.head(self.act(self.act(self.conv(x)) + 1))
        return found


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    return Net().eval()


X = torch.rand(1, 3, 4, 4)


def test_each_call_of_a_module_has_its_own_name(net: Net) -> None:
    seen: list[str] = []
    with watching(net, ["act", "act:2"], lambda name, _: seen.append(name)):
        net(X)
        net(X)
    assert seen == ["act", "act:2"] * 2
    assert split_name(call_name("a.b", 3)) == ("a.b", 3)
    assert split_name(call_name("a.b", 1)) == ("a.b", 1)


def test_a_replaced_tensor_keeps_its_place_in_the_output(net: Net) -> None:
    plain = net(X)
    with watching(net, ["head"], lambda _, output: output * 0):
        changed = net(X)
    assert isinstance(changed, Pair)
    assert not changed.near.any()
    assert torch.equal(changed.far, plain.far)


def test_an_unknown_layer_is_named(net: Net) -> None:
    with pytest.raises(UsageError, match="no layer 'nose'"), watching(net, ["act", "nose"], lambda *_: None):
        pass
    assert hook_count(net) == 0


def test_no_hook_is_left_after_success_failure_and_cancel(net: Net) -> None:
    with watching(net, ["conv", "act"], lambda *_: None):
        net(X)
        assert hook_count(net) == 3
    assert hook_count(net) == 0

    def fail(_: str, output: Tensor) -> None:
        raise MemoryError

    with pytest.raises(MemoryError), watching(net, ["conv"], fail):
        net(X)
    assert hook_count(net) == 0
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError, match="stopped"), watching(net, ["conv"], lambda *_: stop_if_set(cancel)):
        net(X)
    assert hook_count(net) == 0


def test_forward_passes_of_other_threads_are_left_alone(net: Net) -> None:
    expected = net(X).near
    results: list[Tensor] = []
    seen: list[str] = []

    def zero(name: str, output: Tensor) -> Tensor:
        seen.append(name)
        return output * 0

    with watching(net, ["conv"], zero):
        thread = threading.Thread(target=lambda: results.append(net(X).near))
        thread.start()
        thread.join()
        assert seen == []
        assert not torch.equal(net(X).near, expected)
    assert torch.equal(results[0], expected)
