"""Class activation maps: where in the picture a layer found what speaks for an answer.

The methods are those of torchcam; the answer may be anything that a Target can point to.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import dropwhile, takewhile
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cvdemo.engine import engine
from cvdemo.errors import UsageError
from cvdemo.inspect.layers import LayerTree
from cvdemo.inspect.store import network_input
from cvdemo.inspect.target import Target
from cvdemo.inspect.tree import tree_of
from cvdemo.models import family_of
from cvdemo.registry import ModelSpec
from cvdemo.types import Image

if TYPE_CHECKING:
    from torch import Tensor, nn

Method = Literal["grad-cam", "grad-cam++", "xgrad-cam", "layer-cam"]


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """title, source: name and paper. summary: what it does, in a sentence. torchcam: the class that does it."""

    title: str
    source: str
    summary: str
    torchcam: str


METHODS: dict[Method, MethodInfo] = {
    "grad-cam": MethodInfo(
        "Grad-CAM",
        "Selvaraju et al. 2017, arXiv 1610.02391",
        "Weighs each channel by how much the answer would grow with it, on average over the picture.",
        "GradCAM",
    ),
    "grad-cam++": MethodInfo(
        "Grad-CAM++",
        "Chattopadhyay et al. 2018, arXiv 1710.11063",
        "Like Grad-CAM, but places that help the answer count more: better where a thing is there several times.",
        "GradCAMpp",
    ),
    "xgrad-cam": MethodInfo(
        "XGrad-CAM",
        "Fu et al. 2020, arXiv 2008.02312",
        "Like Grad-CAM, but a channel's weight comes from the places where it is active.",
        "XGradCAM",
    ),
    "layer-cam": MethodInfo(
        "LayerCAM",
        "Jiang et al. 2021, IEEE TIP 30",
        "Weighs every place of every channel by itself: sharp, and the right one for answers about one place.",
        "LayerCAM",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Cam:
    """values: (h, w) float32, 0 where nothing speaks for the answer, over the whole of the network's input; the unit is
    the method's own. score: the target's value in the same pass."""

    values: NDArray[np.float32]
    score: float

    @property
    def scaled(self) -> NDArray[np.float32]:
        """The values with 1 for the largest; all 0 where nothing speaks for the answer."""
        top = float(self.values.max())
        return self.values / top if top > 0 else self.values


def default_method(spec: ModelSpec) -> Method:
    """Averaging gradients over the picture suits answers about the whole picture, and those only."""
    return "grad-cam" if spec.task == "classify" else "layer-cam"


def activation_map(
    network: nn.Module, names: tuple[str, ...], inputs: Tensor, target: Target, layer: str, method: Method
) -> Cam:
    """The map of one layer. inputs: (1, C, H, W) on the network's device. names: of the network's outputs.

    Raises UsageError where the target does not depend on the layer, or the layer is no feature map. The network is left
    as it was.
    """
    from torchcam import methods

    from cvdemo.inspect.gradients import Scored

    scored = Scored(network, names, target, layer)
    with getattr(methods, METHODS[method].torchcam)(scored, scored.tap) as extractor:
        scores = scored(inputs)
        if extractor.hook_a[0] is None or extractor.hook_a[0].ndim != 4:
            raise UsageError(f"Layer '{layer}' has no feature maps; choose another one.")
        try:
            maps = extractor(scores=scores, targets=lambda score: score, normalized=False)
        except RuntimeError as error:
            raise UsageError(f"This answer does not depend on layer '{layer}'; choose an earlier one.") from error
    values = np.maximum(maps[0][0].detach().float().cpu().numpy(), 0)
    return Cam(np.nan_to_num(values).astype(np.float32), float(scores.detach()[0]))


def explain(spec: ModelSpec, image: Image, target: Target, layer: str, method: Method | None = None) -> Cam:
    """Where a layer found what speaks for an answer of a registered model; target.item says in which of its inputs.

    Raises UsageError, WeightsError, DeviceError.
    """
    inputs = network_input(spec, image, target.item)
    names = family_of(spec).output_names
    return activation_map(engine().module(spec), names, inputs, target, layer, method or default_method(spec))


def default_layer(spec: ModelSpec, image: Image) -> str:
    """The layer where an explanation says most: of a classifier the last feature map, of other networks the end of the
    backbone, where the cells are largest."""
    tree = tree_of(spec, image)
    if spec.task == "classify":
        return tree.maps[-1].same_as or tree.maps[-1].name
    stages = [node for node in tree.stages(most=len(tree.by_name)) if node.stride is not None]
    coarsest = max(node.stride for node in stages if node.stride)
    deep = dropwhile(lambda node: node.stride != coarsest, stages)
    first, *rest = takewhile(lambda node: node.stride == coarsest, deep)  # before the grid becomes finer again
    backbone = [first, *(node for node in rest if node.name.partition(".")[0] == first.name.partition(".")[0])]
    return backbone[-1].name


@dataclass(frozen=True, slots=True, eq=False)
class SanityCheck:
    """original, randomised: the maps of the trained network and of one whose later layers are shuffled. correlation:
    Spearman's, between the two; near 1 means that the map does not depend on what the network has learned."""

    original: Cam
    randomised: Cam
    correlation: float


def sanity_check(
    spec: ModelSpec, image: Image, target: Target, layer: str, method: Method | None = None, seed: int = 0
) -> SanityCheck:
    """Does the map change when the network forgets what it has learned? (Adebayo et al. 2018, arXiv 1810.03292.)

    The weights of all layers after the chosen one are shuffled in a copy. Raises as explain does.
    """
    inputs = network_input(spec, image, target.item)
    names, network = family_of(spec).output_names, engine().module(spec)
    method = method or default_method(spec)
    original = activation_map(network, names, inputs, target, layer, method)
    shuffled = with_later_layers_shuffled(network, tree_of(spec, image), layer, seed)
    randomised = activation_map(shuffled, names, inputs, target, layer, method)
    return SanityCheck(original, randomised, rank_correlation(original.values, randomised.values))


def with_later_layers_shuffled(network: nn.Module, tree: LayerTree, layer: str, seed: int = 0) -> nn.Module:
    """A copy in which every weight tensor of the layers that run after this one has its numbers in random order.

    Shuffling keeps each tensor's distribution, so that activations stay in range. Raises UsageError where no layer with
    weights comes after.
    """
    import copy

    import torch

    shuffled = copy.deepcopy(network)
    modules: dict[str, Any] = dict(shuffled.named_modules())
    order = list(tree.by_name.values())
    last = max(order.index(node) for node in tree.find(layer).walk())
    generator = torch.Generator().manual_seed(seed)
    count = 0
    for node in order[last + 1 :]:
        module = modules.get(node.name)
        if node.children or module is None:
            continue
        for parameter in module.parameters():
            mixed = torch.randperm(parameter.numel(), generator=generator).to(parameter.device)
            parameter.data = parameter.data.flatten()[mixed].view_as(parameter)
            count += 1
    if not count:
        raise UsageError(f"No layer with weights comes after '{layer}'; choose an earlier one for this check.")
    return shuffled


def rank_correlation(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Spearman's correlation of two maps over the cells where either says something, -1..1.

    Cells in which both are 0 would make any two maps of a small region look alike. 0 where one is the same everywhere.
    """
    from scipy.stats import rankdata

    either = (first != 0) | (second != 0)
    if not either.any():
        return 0.0
    ranks = [rankdata(each[either]) for each in (first, second)]
    if min(float(each.std()) for each in ranks) == 0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
