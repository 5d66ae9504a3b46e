"""The gallery: photos that come with the installed packages, so that a first visit shows a result offline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from cvdemo.errors import ImageError
from cvdemo.imaging import load_image
from cvdemo.registry import Task
from cvdemo.types import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A photo to start with.

    name: unique key, fit for an address bar. title: caption. alt: what it shows, for those who cannot see it.
    tasks: what it suits, the best first use first. package, path: where it lies. credit: who took it and under
    which terms.
    """

    name: str
    title: str
    alt: str
    tasks: tuple[Task, ...]
    package: str
    path: str
    credit: str

    @property
    def file(self) -> Path | None:
        """The photo on this machine, None when its package does not bring it. Imports nothing."""
        spec = find_spec(self.package)
        if spec is None or spec.origin is None:
            return None
        file = Path(spec.origin).parent / self.path
        return file if file.is_file() else None


SAMPLES = (
    Sample(
        name="street",
        title="Street",
        alt="Four people on a pavement in front of a blue and white city bus",
        tasks=("detect", "segment", "pose"),
        package="ultralytics",
        path="assets/bus.jpg",
        credit="Ultralytics assets, AGPL-3.0",
    ),
    Sample(
        name="sideline",
        title="Sideline",
        alt="Two men in dark suits at the edge of a football pitch, one of them pointing and shouting",
        tasks=("pose", "detect"),
        package="ultralytics",
        path="assets/zidane.jpg",
        credit="Ultralytics assets, AGPL-3.0",
    ),
    Sample(
        name="cat",
        title="Cat",
        alt="The face of a tabby cat, close up",
        tasks=("classify", "detect"),
        package="skimage",
        path="data/chelsea.png",
        credit="Stefan van der Walt, CC0",
    ),
    Sample(
        name="coffee",
        title="Coffee",
        alt="A cup of espresso with a spoon on a red saucer",
        tasks=("classify", "detect"),
        package="skimage",
        path="data/coffee.png",
        credit="Rachel Michetti, CC0",
    ),
    Sample(
        name="motorcycle",
        title="Motorcycle",
        alt="A red motorcycle in a workshop with shelves",
        tasks=("detect", "classify"),
        package="skimage",
        path="data/motorcycle_left.png",
        credit="Middlebury stereo data 2014, Scharstein et al.",
    ),
    Sample(
        name="astronaut",
        title="Astronaut",
        alt="An astronaut in an orange suit, smiling, with a flag and a model of the space shuttle behind her",
        tasks=("pose", "classify", "detect"),
        package="skimage",
        path="data/astronaut.png",
        credit="NASA, public domain",
    ),
    Sample(
        name="photographer",
        title="Photographer",
        alt="A man in a dark coat looking through a camera on a tripod on a lawn, in black and white",
        tasks=("pose", "detect"),
        package="skimage",
        path="data/camera.png",
        credit="Lav Varshney, CC0",
    ),
    Sample(
        name="admiral",
        title="Admiral",
        alt="Rear Admiral Grace Hopper in uniform, a portrait in front of a flag",
        tasks=("classify", "pose", "detect"),
        package="matplotlib",
        path="mpl-data/sample_data/grace_hopper.jpg",
        credit="US Navy, public domain",
    ),
    Sample(
        name="rocket",
        title="Rocket",
        alt="A white rocket on its launch pad at dusk",
        tasks=("classify",),
        package="skimage",
        path="data/rocket.jpg",
        credit="SpaceX, CC0",
    ),
)


def available_samples(task: Task | None = None) -> list[Sample]:
    """The samples that are on this machine; with a task, those made for it first, then the rest."""
    found = [sample for sample in SAMPLES if sample.file]
    return found if task is None else sorted(found, key=lambda sample: _rank(sample, task))


def _rank(sample: Sample, task: Task) -> int:
    return sample.tasks.index(task) if task in sample.tasks else len(sample.tasks) + 1


@lru_cache(maxsize=len(SAMPLES))
def load_sample(name: str) -> Image:
    """The sample of that name, decoded once. Raises ImageError when there is none, naming those there are."""
    sample = next((s for s in available_samples() if s.name == name), None)
    if sample is None or sample.file is None:
        names = ", ".join(s.name for s in available_samples()) or "none on this machine"
        raise ImageError(f"There is no sample '{name}'; choose one of: {names}.")
    return load_image(sample.file.read_bytes(), sample.title)
