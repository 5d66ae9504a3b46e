"""Cut-outs of many pictures on the command line: a class or the person, on nothing or made unrecognisable."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cvdemo import tasks
from cvdemo.batch import check_available, pictures_in, unique_stems
from cvdemo.errors import ImageError, UsageError
from cvdemo.imaging import load_file
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.tasks import cutout, subject
from cvdemo.tasks.cutout import Pixels
from cvdemo.types import Image
from cvdemo.viz.encode import png

How = Literal["transparent", "pixelate", "blur"]
PERSON = "person"
#: The network of each subject, see cvdemo.tasks.subject.
_NETWORKS = {"streets": "unet-street", "clothes": "unet-clothing"}
#: A class that covers less of a picture is not in it.
_LEAST = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class CutoutJob:
    """what: names of classes, or PERSON for all that belongs to people. how: what becomes of them. output: folder for
    NAME.png. model: of the registry; without it each picture gets, of the networks that know these classes, the one
    that suits it by what the detector sees. strength: of pixelate and blur, a share of the picture's longer side."""

    what: tuple[str, ...]
    how: How
    output: Path
    model: str | None = None
    strength: float = 0.03

    def run(self, inputs: Sequence[Path]) -> int:
        """Do all files and folders; returns 0, or 1 when some could not be read or have nothing to cut out.

        Raises WeightsError, DeviceError, UsageError.
        """
        networks = self._networks()
        for spec in networks:
            check_available(spec)
        files = list(dict.fromkeys(file for path in inputs for file in _files(path)))
        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"Cannot write into {self.output} ({reason}); choose another --output folder.") from error
        names = unique_stems(files)
        done = [self._do(networks, file, name) for file, name in zip(files, names, strict=True)]
        return 0 if done and all(done) else 1

    def _networks(self) -> list[ModelSpec]:
        """Those that know all the classes."""
        asked = [REGISTRY.get(name, "segment") for name in ([self.model] if self.model else _NETWORKS.values())]
        fit = [spec for spec in asked if all(_ids(spec, name) for name in self.what)]
        if fit:
            return fit
        known = "; ".join(
            f"{spec.name} knows {', '.join(dict.fromkeys((PERSON, *spec.class_names)))}" for spec in asked
        )
        together = " together" if len(self.what) > 1 else ""
        raise UsageError(f"No network knows {' and '.join(self.what)}{together}: {known}.")

    def _do(self, networks: Sequence[ModelSpec], file: Path, name: str) -> bool:
        """One picture; False where it could not be read or has nothing to cut out."""
        try:
            image = load_file(file)
        except ImageError as error:
            _say(file, str(error))
            return False
        spec = networks[0] if len(networks) == 1 else _suited(image)
        made = self._made(spec, image)
        if made is None:
            said = f"{spec.title} finds no {' or '.join(self.what)} here"
            if self.how == "transparent":
                _say(file, f"{said}, so there is nothing to cut out.")
                return False
            _say(file, f"{said}; the picture is written as it is.")
        (self.output / f"{name}.png").write_bytes(png(image.pixels if made is None else made, compression=3))
        return True

    def _made(self, spec: ModelSpec, image: Image) -> Pixels | None:
        """The new picture at full size, None where the classes are not in it."""
        result = tasks.run(spec, image).result
        ids = sorted({i for name in self.what for i in _ids(spec, name)})
        if result.shares()[ids].sum() < _LEAST:
            return None
        alpha = cutout.opacity(result, ids, image.pixels)
        if self.how == "transparent":
            return cutout.cut_out(image.pixels, alpha)
        return cutout.hide(image.pixels, alpha, self.how, self.strength)


def _ids(spec: ModelSpec, name: str) -> tuple[int, ...]:
    """The class ids that a name stands for, none where the network does not know it."""
    if name == PERSON and PERSON not in spec.class_names:
        return cutout.person_classes(spec.class_names)
    return (spec.class_names.index(name),) if name in spec.class_names else ()


def _suited(image: Image) -> ModelSpec:
    return REGISTRY.get(_NETWORKS[subject.choose(image).name])


def _files(path: Path) -> list[Path]:
    """A file itself, or the pictures directly inside a folder."""
    if not path.is_dir():
        return [path]
    if not (inside := pictures_in(path)):
        _say(path, "This folder holds no pictures; name one that does.")
    return inside


def _say(file: Path, sentence: str) -> None:
    print(f"{file}: {sentence}", file=sys.stderr)
