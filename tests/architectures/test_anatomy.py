"""What is said of a network is what its real module has and does."""

from __future__ import annotations

import pytest
import torch
import torchinfo
from torch import nn

from cvdemo.architectures.anatomy import Anatomy, anatomy
from cvdemo.architectures.catalogue import ARCHITECTURES, Architecture
from cvdemo.architectures.measure import free_memory, measure
from cvdemo.architectures.memory import peak_bytes
from cvdemo.models import family_of
from cvdemo.types import Image

#: Weights and multiply-adds (in billions, a bias as one) that the papers and torchvision state, to their precision.
PUBLISHED = {
    "alexnet": (61_100_840, 0.71),
    "vgg16": (138_357_544, 15.47),
    "vgg19": (143_667_240, 19.63),
    "googlenet": (6_624_904, 1.50),
    "xception": (22_855_952, 8.4),
    "efficientnet-lite0": (4_652_008, 0.39),
}


@pytest.fixture(scope="module", params=ARCHITECTURES, ids=lambda entry: entry.name)
def entry(request: pytest.FixtureRequest) -> Architecture:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def built(entry: Architecture) -> Anatomy:
    return anatomy(entry.spec)


def test_costs_are_the_published_ones(entry: Architecture, built: Anatomy) -> None:
    params, billions = PUBLISHED[entry.name]
    assert built.params == params
    assert built.macs / 1e9 == pytest.approx(billions, rel=0.02)
    assert built.weight_bytes == 4 * params


def test_costs_are_those_that_torchinfo_counts(entry: Architecture, built: Anatomy) -> None:
    with torch.device("meta"):
        module = family_of(entry.spec).build(entry.spec).eval()
        counted = torchinfo.summary(module, (1, 3, *entry.spec.input_hw), verbose=0, device="meta")
    assert built.params == counted.total_params
    assert built.macs == pytest.approx(counted.total_mult_adds, rel=0.01)


def test_blocks_and_rows_account_for_everything(built: Anatomy) -> None:
    assert sum(block.params for block in built.blocks) == built.params
    assert sum(block.macs for block in built.blocks) == built.macs
    assert sum(row.params for row in built.rows) == built.params
    assert sum(row.macs for row in built.rows) == built.macs
    for i, block in enumerate(built.blocks):
        assert sum(row.params for row in built.rows if row.block == i) == block.params


def test_resolution_falls_and_the_view_widens(built: Anatomy) -> None:
    maps = [block for block in built.blocks if len(block.shape) == 3]
    sides = [block.shape[1] for block in maps]
    assert sides == sorted(sides, reverse=True)
    widths = [block.field_box[2] - block.field_box[0] for block in maps if block.field_box]
    assert len(widths) == len(maps)
    assert widths == sorted(widths)
    assert built.blocks[-1].kind == "dense"
    assert built.blocks[-1].shape == (1000,)


def test_every_block_has_words(built: Anatomy) -> None:
    for block in built.blocks:
        assert block.label
        assert block.what
    assert all(row.what and not row.what[0].isupper() for row in built.rows), "a class name stands for words"


def test_known_blocks() -> None:
    by_name = {entry.name: anatomy(entry.spec) for entry in ARCHITECTURES}
    vgg = by_name["vgg16"].blocks
    assert [block.label for block in vgg] == [f"conv 3 × 3 ({n})" for n in (2, 2, 3, 3, 3)] + ["dense"] * 3
    assert [block.shape[0] for block in vgg] == [64, 128, 256, 512, 512, 4096, 4096, 1000]
    assert all(block.then == "max-pool 2 × 2 / 2" for block in vgg[:5])
    assert by_name["alexnet"].blocks[0].what == "conv 11 × 11"
    assert sum(block.kind == "inception" for block in by_name["googlenet"].blocks) == 9
    assert by_name["googlenet"].blocks[3].label == "inception 3a"
    assert sum(block.label.startswith("block") for block in by_name["xception"].blocks) == 12
    first = by_name["vgg16"].rows[0]
    assert (first.what, first.output_shape, first.field_hw) == ("conv 3 × 3", (64, 224, 224), (3, 3))


def test_peak_memory_of_a_row_of_layers() -> None:
    row = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1)).to("meta")
    inputs = torch.empty(1, 3, 16, 16, device="meta")
    cells = 16 * 16 * 4
    assert peak_bytes(row, inputs) == (3 + 8 + 8) * cells  # the picture, the convolution and what ReLU makes of it


def test_peak_memory_of_a_short_cut() -> None:
    class ShortCut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.conv(self.conv(x)) + x

    inputs = torch.empty(1, 3, 10, 10, device="meta")
    assert peak_bytes(ShortCut().to("meta"), inputs) == 3 * 3 * 400


def test_peak_memory_is_the_same_on_the_cpu() -> None:
    from cvdemo.registry import REGISTRY

    spec = REGISTRY.get("efficientnet-lite0")
    module = family_of(spec).build(spec).eval()
    assert peak_bytes(module, torch.zeros(1, 3, 224, 224)) == anatomy(spec).map_bytes


def test_measuring_leaves_threads_alone_and_counts_runs(bus: Image) -> None:
    from cvdemo.registry import REGISTRY

    before = torch.get_num_threads()
    found = measure(REGISTRY.get("efficientnet-lite0"), bus, budget_s=0.0)
    assert torch.get_num_threads() == before
    assert found.runs == 3
    assert 0 < found.fastest_s <= found.forward_s <= found.slowest_s
    assert found.picture == bus.name


def test_too_little_memory_is_one_sentence(bus: Image, monkeypatch: pytest.MonkeyPatch) -> None:
    from cvdemo.architectures import measure as module
    from cvdemo.registry import REGISTRY

    monkeypatch.setattr(module, "free_memory", lambda: 100e6)
    with pytest.raises(module.TooLittleMemoryError, match=r"takes 0\.2 GB of memory and 0\.1 GB are free; close other"):
        measure(REGISTRY.get("efficientnet-lite0"), bus)


def test_free_memory_where_the_system_does_not_say(tmp_path: object) -> None:
    from pathlib import Path

    assert free_memory(Path(str(tmp_path)) / "none") is None
