"""The engine: one load, one forward, no mixing between threads, nothing believed that was not verified."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from cvdemo import tasks
from cvdemo.device import resolve_device
from cvdemo.engine import Engine, _Lru, engine
from cvdemo.errors import DeviceError, UsageError, WeightsError, WeightsMissingError
from cvdemo.imaging import image_from_pixels
from cvdemo.registry import REGISTRY
from cvdemo.settings import Settings, read_settings, settings
from cvdemo.tasks import DetectParams, PoseParams
from cvdemo.types import Image
from cvdemo.weights import MANIFEST, read_manifest


def test_parameters_never_run_a_network(bus: Image) -> None:
    spec = REGISTRY.get("centernet")
    tasks.run(spec, bus)
    before = engine().forward_count
    counts = [
        len(tasks.run(spec, bus, DetectParams(score_threshold=t, class_ids=c, iou_threshold=i)).result)
        for t in (0.1, 0.3, 0.6)
        for c in (None, (0,), (5,))
        for i in (0.3, 0.6)
    ]
    pose = REGISTRY.get("movenet-thunder")
    tasks.run(pose, bus)
    after_pose = engine().forward_count
    for threshold in (0.1, 0.25, 0.5):
        tasks.run(pose, bus, PoseParams(score_threshold=threshold, keypoint_threshold=threshold))
    assert len(set(counts)) > 3
    assert after_pose - before <= 1
    assert engine().forward_count == after_pose


def test_two_threads_never_get_each_others_results(bus: Image) -> None:
    """Different thresholds and different pictures at once, 200 calls: each answer is the caller's own."""
    spec = REGISTRY.get("centernet")
    flipped = image_from_pixels(np.ascontiguousarray(bus.pixels[:, ::-1]), "flipped")
    jobs = [(bus, 0.2), (flipped, 0.5)]
    expected = [tasks.run(spec, image, DetectParams(score_threshold=t)).result for image, t in jobs]
    assert len(expected[0]) != len(expected[1])
    cold = Engine(Settings(device="cpu", threads=1, cache_dir=settings().cache_dir, raw_cache_mb=1))
    start = threading.Barrier(2)

    def work(job: int) -> int:
        image, threshold = jobs[job]
        start.wait()
        mixed = 0
        for _ in range(100):
            # A cache of 1 MB holds one output at most, so that most calls really run the network.
            raw = cold.forward(spec, image)
            found = tasks.decode(spec, raw, DetectParams(score_threshold=threshold))
            mixed += not np.allclose(found.xyxy, expected[job].xyxy, atol=1e-2)
        return mixed

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, range(2))) == [0, 0]
    assert cold.forward_count > 4  # they did get in each other's way


def test_many_askers_of_one_picture_share_one_forward(bus: Image) -> None:
    fresh = Engine(Settings(device="cpu", threads=1, cache_dir=settings().cache_dir))
    spec = REGISTRY.get("nanodet")
    with ThreadPoolExecutor(8) as pool:
        raws = list(pool.map(lambda _: fresh.forward(spec, bus), range(8)))
    assert fresh.forward_count == 1
    assert all(raw is raws[0] for raw in raws)


def test_looking_inside_touches_no_prediction(bus: Image) -> None:
    import torch

    spec = REGISTRY.get("efficientnet-lite0")
    before = engine().forward(spec, bus).outputs["logits"].copy()
    module = engine().module(spec)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1.0)
    fresh = image_from_pixels(bus.pixels.copy(), "again")
    np.testing.assert_array_equal(engine().forward(spec, fresh).outputs["logits"], before)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.sub_(1.0)
    engine()._modules = _Lru(4)


@pytest.fixture
def copied(tmp_path: Path, fresh_settings: pytest.MonkeyPatch) -> Path:
    """A weights folder of its own with NanoDet in it."""
    source = settings().weights_dir
    for name in ("nanodet.safetensors", MANIFEST):
        shutil.copy(source / name, tmp_path / name)
    fresh_settings.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    settings.cache_clear()
    return tmp_path


def test_a_changed_weights_file_is_refused(copied: Path, bus: Image) -> None:
    path = copied / "nanodet.safetensors"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(WeightsError, match=r"nanodet\.safetensors is not the file it should be .*restore it"):
        Engine(Settings(device="cpu")).forward(REGISTRY.get("nanodet"), bus)


def test_a_missing_weights_file_says_so(copied: Path, bus: Image) -> None:
    (copied / "nanodet.safetensors").unlink()
    with pytest.raises(WeightsMissingError, match=r"nanodet\.safetensors is missing; restore it"):
        Engine(Settings(device="cpu")).forward(REGISTRY.get("nanodet"), bus)


def test_an_unlisted_weights_file_is_not_trusted(copied: Path, bus: Image) -> None:
    (copied / MANIFEST).write_text("{}")
    assert read_manifest() == {}
    with pytest.raises(WeightsError, match="cannot be trusted"):
        Engine(Settings(device="cpu")).forward(REGISTRY.get("nanodet"), bus)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 3}', '{"a": {"unknown": 1}}'])
def test_a_broken_manifest_is_one_sentence(copied: Path, text: str) -> None:
    (copied / MANIFEST).write_text(text)
    with pytest.raises(WeightsError, match="cannot be read"):
        read_manifest()


def test_a_damaged_or_unwritable_graph_cache_only_costs_time(tmp_path: Path, bus: Image) -> None:
    spec = REGISTRY.get("nanodet")
    config = Settings(device="cpu", threads=1, cache_dir=tmp_path)
    first = Engine(config).forward(spec, bus).outputs
    (graph,) = (tmp_path / "graphs").glob("*.onnx")
    graph.write_bytes(graph.read_bytes()[:1000])
    again = Engine(config).forward(spec, bus).outputs
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    third = Engine(Settings(device="cpu", threads=1, cache_dir=blocked)).forward(spec, bus).outputs
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
        np.testing.assert_array_equal(array, third[name])


def test_the_cache_is_bounded_by_cost_and_forgets_the_oldest() -> None:
    cache: _Lru[int] = _Lru(10, cost=lambda value: value)
    for key, value in (("a", 4), ("b", 4), ("c", 4)):
        cache.put(key, value)
    assert cache.get("a") is None
    assert cache.get("b") == 4
    cache.put("d", 6)
    assert cache.get("c") is None
    assert cache.get("b") == 4
    cache.put("e", 50)
    assert cache.get("e") == 50
    assert cache.get("b") is None


def test_devices() -> None:
    assert resolve_device("cpu") == "cpu"
    with pytest.raises(DeviceError, match="choose auto, cpu, mps, cuda or cuda:N"):
        resolve_device("tpu")
    with pytest.raises(DeviceError, match="not on this machine"):
        resolve_device("cuda:99")


def test_settings_name_the_variable_that_makes_no_sense() -> None:
    with pytest.raises(UsageError, match="CVDEMO_THREADS is 'many'"):
        read_settings({"CVDEMO_THREADS": "many"})
    assert read_settings({"CVDEMO_CACHE_DIR": ""}).cache_dir is None


@pytest.mark.cuda
def test_half_precision_on_cuda_gives_the_same_boxes(bus: Image) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    spec = REGISTRY.get("centernet")
    here = tasks.decode(spec, Engine(Settings(device="cpu")).forward(spec, bus), DetectParams())
    there = tasks.decode(spec, Engine(Settings(device="cuda")).forward(spec, bus), DetectParams())
    np.testing.assert_allclose(here.xyxy, there.xyxy, atol=2)
