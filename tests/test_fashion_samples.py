"""The thousand garments that come with the package."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cvdemo.fashion_samples import fashion_samples
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.training.evaluate import evaluate_fashion
from cvdemo.training.fashion_mnist import Garments
from cvdemo.weights import papers

NETWORKS = [spec for spec in REGISTRY if spec.family == "fashion"]


def test_a_hundred_of_each_class_all_different() -> None:
    samples = fashion_samples()
    assert samples.images.shape == (1000, 28, 28)
    assert samples.images.dtype == np.uint8
    assert samples.labels.tolist() == np.repeat(np.arange(10), 100).tolist()
    assert len(np.unique(samples.test_index)) == 1000
    assert not samples.images.flags.writeable


def test_reading_them_loads_no_torch() -> None:
    code = "import sys, cvdemo.fashion_samples as f; f.fashion_samples(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("spec", NETWORKS, ids=[spec.name for spec in NETWORKS])
def test_a_shipped_network_is_as_good_on_them_as_its_papers_say(spec: ModelSpec) -> None:
    row = papers(spec)
    assert row is not None
    known = {figure.metric: figure.value for figure in row.accuracy}["accuracy"]
    samples = fashion_samples()
    result = evaluate_fashion(spec, Garments(samples.images, samples.labels))
    # Three standard errors of a share measured on 1,000 pictures.
    assert result.matrix.accuracy() == pytest.approx(known, abs=3 * (known * (1 - known) / 1000) ** 0.5)
    assert result.matrix.counts.sum() == 1000
