"""The benchmark measures real networks in processes of their own, and reports what it measured."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from cvdemo.benchmark import report
from cvdemo.benchmark.measure import BATCHES, Measured
from cvdemo.benchmark.runs import measure_all
from cvdemo.cli import main
from cvdemo.errors import BenchmarkError
from cvdemo.registry import REGISTRY


def _row(name: str = "fashion-nano", **changes: object) -> Measured:
    spec = REGISTRY.get(name)
    values = {
        "name": name, "task": spec.task, "title": spec.title, "device": "cpu", "threads": 1, "runs": 9, "first_s": 1.5,
        "p50_s": 0.0121, "p95_s": 0.02, "forward_s": 0.004, "throughput": {str(size): 100.0 for size in BATCHES},
        "peak_bytes": 300_000_000,
    }  # fmt: skip
    return Measured(**{**values, **changes})  # type: ignore[arg-type]


def test_two_networks_are_measured_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["fashion-nano", "movenet-lightning"]
    assert main(["benchmark", "--models", *names, "--seconds", "0.1", "--output", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "benchmark.json").read_text())
    assert [row["name"] for row in found["networks"]] == names
    for row in found["networks"]:
        assert 0 < row["forward_s"] <= row["p50_s"] <= row["p95_s"]
        assert row["runs"] >= 3
        assert set(row["throughput"]) == {"1", "4", "16"}
        assert min(row["throughput"].values()) > 0
        assert row["peak_bytes"] > 50e6
    text = (tmp_path / "benchmark.md").read_text()
    assert all(f"`{name}`" in text for name in names)
    assert text in capsys.readouterr().out


def test_every_measured_answer_is_a_real_forward_pass() -> None:
    from cvdemo.benchmark.measure import measure
    from cvdemo.engine import engine

    before = engine().forward_count
    row = measure(REGISTRY.get("fashion-nano"), 0.05)
    assert engine().forward_count - before >= row.runs


def test_a_network_that_fails_is_named_and_the_others_are_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CVDEMO_WEIGHTS_DIR", str(tmp_path))
    told: list[Measured | BenchmarkError] = []
    assert measure_all([REGISTRY.get("centernet")], 0.1, done=told.append) == []
    assert isinstance(told[0], BenchmarkError)
    assert "CenterNet" in str(told[0])
    assert "Traceback" not in str(told[0])


def test_it_stops_when_asked() -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    start = time.monotonic()
    assert measure_all(list(REGISTRY.of_task("pose")), 60, stop=stop) == []
    assert time.monotonic() - start < 60


def test_the_report_says_what_was_measured() -> None:
    text = report.as_markdown([_row(), _row("centernet", peak_device_bytes=5_000_000, device="cuda:0")])
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert "| 12.1 | 20.0 | 4.0 | 1.5 | 100.0 | 100.0 | 100.0 | 300 | accuracy 0.931 on Fashion-MNIST test" in lines[0]
    assert "| 5 | mAP 0.340" in lines[1]
    heads = text.splitlines()[4]
    assert all(line.count("|") == heads.count("|") for line in lines)
    assert "cpu, cuda:0" in text


@pytest.mark.parametrize("arguments", [["--seconds", "0"], ["--seconds", "x"]])
def test_nonsense_gets_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["benchmark", *arguments])
    assert capsys.readouterr().err.count("\n") == 1


def test_unknown_networks_and_devices_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "--models", "resnet"]) == 2
    assert main(["benchmark", "--models", "fashion-nano", "--device", "cuda:99"]) == 2
    assert capsys.readouterr().err.count("\n") == 2
