"""The gallery: every photo is there with the required packages, and finding it imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cvdemo import samples
from cvdemo.errors import ImageError
from cvdemo.registry import TASKS, Task
from cvdemo.samples import SAMPLES, Sample, available_samples, load_sample


def test_all_come_with_the_requirements() -> None:
    assert [s.name for s in available_samples()] == [s.name for s in SAMPLES]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_loads(sample: Sample) -> None:
    image = load_sample(sample.name)
    assert min(image.size_hw) >= 300
    assert image.pixels.std() > 20  # a photo, not a blank
    assert image.name == sample.title
    assert load_sample(sample.name) is image


def test_names_are_unique_and_fit_an_address() -> None:
    names = [s.name for s in SAMPLES]
    assert len(set(names)) == len(names)
    assert all(name.isalpha() and name.islower() for name in names)
    assert all(s.alt and s.credit and s.tasks for s in SAMPLES)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_starts_with_its_own(task: Task) -> None:
    ordered = available_samples(task)
    assert task in ordered[0].tasks
    assert len(ordered) == len(SAMPLES)
    suits = [task in s.tasks for s in ordered]
    assert suits == sorted(suits, reverse=True)


def test_the_street_is_first_for_streets() -> None:
    assert available_samples("segment")[0].name == "street"


def test_missing_ones_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Sample(
        name="gone", title="Gone", alt="-", tasks=("detect",), package="skimage", path="data/no.png", credit="-"
    )
    no_package = Sample(
        name="nopackage", title="-", alt="-", tasks=("detect",), package="not_installed", path="a.png", credit="-"
    )
    monkeypatch.setattr(samples, "SAMPLES", (gone, no_package, *SAMPLES[:1]))
    assert [s.name for s in available_samples()] == [SAMPLES[0].name]
    with pytest.raises(ImageError, match="choose one of: street"):
        load_sample("gone")


def test_finding_them_imports_none_of_their_packages() -> None:
    code = (
        "import sys; from cvdemo.samples import load_sample; load_sample('street'); load_sample('cat');"
        "print(sorted({'torch', 'cv2', 'ultralytics', 'skimage', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
