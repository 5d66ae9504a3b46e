"""Networks of every architecture family with random weights, and tools to make them transparent to gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from cvdemo.models import family_of
from cvdemo.models.nets.fashion import NETWORKS
from cvdemo.registry import REGISTRY


def of_registry(name: str) -> Callable[[], nn.Module]:
    """Builds a registered model without its weights."""

    def build() -> nn.Module:
        spec = REGISTRY.get(name)
        return family_of(spec).build(spec)

    return build


def of_fashion(name: str) -> Callable[[], nn.Module]:
    return lambda: NETWORKS[name]()


def of_torchvision(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        import torchvision

        extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        return torchvision.models.get_model(name, weights=None, **extra)

    return build


def of_timm(name: str) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        import timm

        return timm.create_model(name, pretrained=False)

    return build


#: Family -> (builder, input channels, a small input side that its forward pass accepts).
FAMILIES: dict[str, tuple[Callable[[], nn.Module], int, int]] = {
    "centernet": (of_registry("centernet"), 3, 128),
    "nanodet": (of_registry("nanodet"), 3, 160),
    "movenet": (of_registry("movenet-lightning"), 3, 192),
    "multipose": (of_registry("movenet-multipose"), 3, 128),
    "posenet": (of_registry("posenet"), 3, 129),
    "efficientnet": (of_registry("efficientnet-lite0"), 3, 128),
    "unet": (of_registry("unet-street"), 3, 64),
    "fcn": (of_registry("fcn-street"), 3, 64),
    **{name: (of_fashion(name), 1, 28) for name in NETWORKS},
    "alexnet": (of_torchvision("alexnet"), 3, 200),
    "vgg": (of_torchvision("vgg16"), 3, 64),
    "googlenet": (of_torchvision("googlenet"), 3, 131),
    "resnet": (of_torchvision("resnet18"), 3, 97),
    "xception": (of_timm("legacy_xception"), 3, 96),
}


class _Linear(TorchFunctionMode):
    """Activations become the identity, maxima means: what depends on what stays, and gradients reach all of it."""

    SAME = frozenset(("relu", "relu_", "relu6", "hardtanh", "hardtanh_", "hardswish", "hardsigmoid", "sigmoid", "silu"))

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in self.SAME:
            return args[0]
        if name == "local_response_norm":
            return args[0]
        if name in ("max_pool2d", "boolean_dispatch", "_max_pool2d"):
            return _mean_pool(*args, **kwargs)
        return func(*args, **kwargs)


def _mean_pool(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, *_: Any, **kwargs: Any) -> Tensor:
    return F.avg_pool2d(x, kernel_size, stride, padding, bool(kwargs.get("ceil_mode", False)))


def make_positive(module: nn.Module) -> nn.Module:
    """Every weight becomes the same positive share of its sum, so that no two paths cancel; double precision."""
    module = module.double().eval()
    for name, parameter in module.named_parameters():
        fan_in = parameter[0].numel() if parameter.ndim > 1 else 1
        positive = 1.0 / fan_in if parameter.ndim > 1 or name.endswith("weight") else 0.0
        parameter.data.fill_(positive)
    for child in module.modules():
        if isinstance(child, nn.BatchNorm2d):
            assert child.running_mean is not None
            assert child.running_var is not None
            child.running_mean.zero_()
            child.running_var.fill_(1.0)
    return module


@contextmanager
def linear() -> Iterator[None]:
    """Within the block, forward passes are linear but for products of maps."""
    with _Linear():
        yield
