"""Feature maps are those of an independent extractor, come from one pass, and stay within their budget."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

from cvdemo.engine import Engine, engine
from cvdemo.errors import UsageError
from cvdemo.inspect.hooks import hook_count
from cvdemo.inspect.progress import CancelledError
from cvdemo.inspect.recording import capture_layers, plan
from cvdemo.inspect.store import ActivationStore, network_input
from cvdemo.inspect.tree import layer_tree, tree_of
from cvdemo.registry import REGISTRY
from cvdemo.settings import settings
from cvdemo.types import Image
from tests.inspect.networks import of_torchvision

NET = REGISTRY.get("efficientnet-lite0")
LAYER = "efficientnet.blocks.2"


@pytest.fixture
def store() -> ActivationStore:
    return ActivationStore()


@pytest.fixture(scope="module")
def other(bus: Image) -> Image:
    return Image(bus.pixels[:, ::-1].copy(), "mirrored", "mirrored")


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "vgg11", "googlenet"])
def test_maps_equal_those_of_torchvisions_extractor(name: str) -> None:
    torch.manual_seed(1)
    module = of_torchvision(name)().eval().requires_grad_(False)
    x = torch.rand(1, 3, 96, 96)
    tree = layer_tree(module, x)
    # The extractor keeps references, so that a layer that is overwritten afterwards would show the next one's values.
    traced = set(get_graph_node_names(module)[1])
    names = [node.name for node in tree.maps if not node.overwritten and node.name in traced][::2]
    assert len(names) > 4
    expected = create_feature_extractor(module, {each: each for each in names})(x)
    found = capture_layers(module, x, dict.fromkeys(names, "float32"))
    for each in names:
        np.testing.assert_array_equal(found[each], expected[each][0].numpy())


def test_maps_of_a_real_network_equal_those_that_timm_gives_out(bus: Image, store: ActivationStore) -> None:
    network = engine().module(NET).efficientnet
    with torch.no_grad():
        expected = network.forward_intermediates(network_input(NET, bus), intermediates_only=True)
    places = [info["module"] for info in network.feature_info]
    assert len(places) == len(expected) == 5
    for place, maps in zip(places, expected, strict=True):
        np.testing.assert_array_equal(store.maps(NET, bus, f"efficientnet.{place}", exact=True), maps[0].numpy())


def test_an_overwritten_layer_keeps_its_own_values() -> None:
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True)).eval()
    x = torch.rand(1, 3, 8, 8) - 0.5
    with torch.no_grad():
        expected = module[0](x)[0].numpy().copy()
    assert expected.min() < 0
    np.testing.assert_array_equal(capture_layers(module, x, {"0": "float32"})["0"], expected)


def test_one_pass_feeds_every_layer(bus: Image, store: ActivationStore) -> None:
    for node in tree_of(NET, bus).maps:
        maps = store.maps(NET, bus, node.name)
        assert maps.shape == node.output_shape
        assert maps.dtype == np.float32
    assert store.passes == 1


def test_predictions_are_the_same_bit_for_bit(bus: Image, store: ActivationStore) -> None:
    before = engine().forward(NET, bus).outputs["logits"].copy()
    module, x = engine().module(NET), network_input(NET, bus)
    with torch.no_grad():
        plain = module(x)[0]
        store.maps(NET, bus, LAYER)
        assert torch.equal(module(x)[0], plain)
    assert not module.training
    np.testing.assert_array_equal(Engine(settings()).forward(NET, bus).outputs["logits"], before)


@pytest.mark.parametrize("budget_mb", [8, 30, 60, 256])
def test_the_budget_holds(bus: Image, other: Image, budget_mb: int) -> None:
    store = ActivationStore(budget_mb)
    for image in (bus, other, bus):
        store.maps(NET, image, LAYER)
        assert 0 < store.nbytes <= budget_mb * 2**20
    assert store.maps(NET, bus, "efficientnet.conv_stem").shape == (32, 112, 112)
    assert store.nbytes <= budget_mb * 2**20


def test_plan_leaves_the_largest_for_later(bus: Image) -> None:
    tree = tree_of(NET, bus)
    size = {node.name: 2 * int(np.prod(node.output_shape or ())) for node in tree.maps if node.same_as is None}
    total = sum(size.values())
    assert plan(tree, total + 64 * len(size)).keys() == size.keys()
    small = plan(tree, total // 3)
    assert 0 < len(small) < len(size)
    assert max(size[name] for name in small) <= min(size[name] for name in size.keys() - small.keys())
    assert sum(size[name] for name in small) + max(size.values()) <= total // 3


def test_half_precision_is_close_and_exact_is_exact(bus: Image) -> None:
    store = ActivationStore()
    with torch.no_grad():
        expected = engine().module(NET).efficientnet.conv_stem(network_input(NET, bus))[0].numpy()
    found = store.maps(NET, bus, "efficientnet.conv_stem")
    assert found.dtype == np.float32
    assert not np.array_equal(found, expected)
    np.testing.assert_allclose(found, expected, rtol=5e-4, atol=1e-4)
    np.testing.assert_array_equal(store.maps(NET, bus, "efficientnet.conv_stem", exact=True), expected)


def test_memory_is_used_again_and_never_shows_another_picture(bus: Image, other: Image) -> None:
    budget = ActivationStore()
    budget.maps(NET, bus, LAYER)
    store = ActivationStore(-(-budget.nbytes // 2**20))
    first = store.maps(NET, bus, LAYER)
    before, held = first.copy(), store.nbytes
    second = store.maps(NET, other, LAYER)
    assert store.nbytes == held
    np.testing.assert_array_equal(first, before)
    np.testing.assert_array_equal(second, ActivationStore().maps(NET, other, LAYER))


def test_values_beyond_half_precision_come_back_whole(bus: Image) -> None:
    layer = "efficientnet.blocks.2.0.conv_pw"
    handle = (
        engine().module(NET).get_submodule(layer).register_forward_hook(lambda _module, _inputs, output: output * 1e6)
    )
    try:
        maps = ActivationStore().maps(NET, bus, layer)
    finally:
        handle.remove()
    assert np.isfinite(maps).all()
    assert np.abs(maps).max() > 65504


def test_a_layer_beyond_the_budget_is_refused_in_a_sentence(bus: Image) -> None:
    with pytest.raises(UsageError, match=r"needs 1 MB, more than the 0 MB .* choose"):
        ActivationStore(0).maps(NET, bus, "efficientnet.conv_stem")


def test_what_is_no_map_is_refused(bus: Image, store: ActivationStore) -> None:
    with pytest.raises(UsageError, match="no feature maps"):
        store.maps(NET, bus, "efficientnet.classifier")
    with pytest.raises(UsageError, match="no layer"):
        store.maps(NET, bus, "nose")


def test_the_picture_seen_longest_ago_is_forgotten_first(bus: Image, other: Image) -> None:
    third = Image(bus.pixels[::2, ::2].copy(), "third", "third")
    store = ActivationStore(80, side_by_side=2)
    for image in (bus, other, bus):
        store.maps(NET, image, LAYER)
    assert store.passes == 2
    store.maps(NET, third, LAYER)
    store.maps(NET, bus, LAYER)
    assert store.passes == 3
    store.maps(NET, other, LAYER)
    assert store.passes == 4


@pytest.fixture
def clean() -> Iterator[nn.Module]:
    module = engine().module(NET)
    yield module
    assert hook_count(module) == 0


def test_cancel_leaves_nothing_behind(bus: Image, store: ActivationStore, clean: nn.Module) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        store.maps(NET, bus, LAYER, cancel=cancel)
    assert store.nbytes == 0
    assert hook_count(clean) == 0


def test_two_threads_get_their_own_pictures(bus: Image, other: Image, clean: nn.Module) -> None:
    alone = {image.sha256: ActivationStore().maps(NET, image, LAYER) for image in (bus, other)}
    shared = ActivationStore()
    wrong: list[str] = []

    def look(image: Image) -> None:
        for _ in range(6):
            shared.clear()
            if not np.array_equal(shared.maps(NET, image, LAYER), alone[image.sha256]):
                wrong.append(image.name)

    threads = [threading.Thread(target=look, args=(image,)) for image in (bus, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
