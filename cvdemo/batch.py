"""Many pictures through one model, with the results in a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cvdemo.errors import ImageError, UsageError, WeightsMissingError
from cvdemo.export import mask_png, overlay, to_json, to_records
from cvdemo.imaging import SUFFIXES, load_file
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.types import Image, Segmentation
from cvdemo.viz.encode import png
from cvdemo.weights import unavailable_reason


@dataclass(slots=True)
class Job:
    """A model, its parameters, and where its results go: output/predictions.json, errors.json, masks/, overlays/.

    params: of the model's task, see cvdemo.tasks. overlays: also draw the results.
    """

    spec: ModelSpec
    params: Any
    output: Path
    overlays: bool = False
    records: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, str]] = field(default_factory=list)

    def run(self, inputs: Sequence[Path]) -> int:
        """Do all files and folders; returns 0, or 1 when some could not be read.

        What is done when a run is interrupted is written. Raises WeightsError, DeviceError, UsageError.
        """
        check_available(self.spec)
        files = self._find(inputs)
        self._make_folders()
        names = unique_stems(files)
        try:
            for file, name in zip(self._progress(files), names, strict=True):
                self._do(file, name)
        finally:
            self._write()
        return 1 if self.errors else 0

    def _find(self, inputs: Sequence[Path]) -> list[Path]:
        """The files named, and the pictures directly inside the folders named, each once, in that order."""
        found: dict[Path, None] = {}
        for path in inputs:
            if path.is_dir():
                try:
                    inside = pictures_in(path)
                except OSError as error:
                    self._failed(path, f"This folder cannot be listed ({error.strerror}); check its permissions.")
                    continue
                if not inside:
                    self._failed(path, "This folder holds no pictures; name one that does.")
                found.update(dict.fromkeys(inside))
            else:
                found[path] = None
        return list(found)

    def _make_folders(self) -> None:
        segments = self.spec.task == "segment"
        try:
            for folder, wanted in ((".", True), ("masks", segments), ("overlays", self.overlays)):
                if wanted:
                    (self.output / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            raise UsageError(f"Cannot write into {self.output} ({reason}); choose another --output folder.") from error

    def _do(self, file: Path, name: str) -> None:
        from cvdemo.tasks import run

        try:
            image = load_file(file)
        except ImageError as error:
            self._failed(file, str(error))
            return
        result = run(self.spec, image, self.params).result
        record = to_records(self.spec, str(file), result)[0]
        if isinstance(result, Segmentation):
            (self.output / "masks" / f"{name}.png").write_bytes(mask_png(result))
            record["mask"] = f"masks/{name}.png"
        if self.overlays:
            self._draw(image, result, name)
            record["overlay"] = f"overlays/{name}.png"
        self.records.append(record)

    def _draw(self, image: Image, result: Any, name: str) -> None:
        threshold = getattr(self.params, "keypoint_threshold", 0.0)
        (self.output / "overlays" / f"{name}.png").write_bytes(png(overlay(self.spec, image, result, threshold)))

    def _failed(self, file: Path, reason: str) -> None:
        self.errors.append({"file": str(file), "error": reason})
        _say(f"{file}: {reason}")

    def _write(self) -> None:
        (self.output / "predictions.json").write_text(to_json(self.records), encoding="utf-8")
        if self.spec.task == "segment":
            classes = json.dumps(list(self.spec.class_names)) + "\n"
            (self.output / "classes.json").write_text(classes, encoding="utf-8")
        errors = self.output / "errors.json"
        if self.errors:
            errors.write_text(json.dumps(self.errors, indent=1) + "\n", encoding="utf-8")
        else:
            errors.unlink(missing_ok=True)  # of an earlier run into the same folder

    def _progress(self, files: Sequence[Path]) -> Iterable[Path]:
        """The files, with a bar on a terminal."""
        from tqdm import tqdm

        return tqdm(files, desc=self.spec.name, unit="picture", file=sys.stderr, disable=None, leave=True)


def check_available(spec: ModelSpec) -> None:
    """Raises WeightsMissingError when the weights of a model, or of its detector, are not on this machine."""
    for model in (spec, *([REGISTRY.get(spec.detector)] if spec.detector else [])):
        if reason := unavailable_reason(model):
            raise WeightsMissingError(reason)


def pictures_in(folder: Path) -> list[Path]:
    """The picture files directly inside a folder, by name; hidden ones are left out."""
    inside = (f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES and not f.name.startswith("."))
    return sorted(file for file in inside if not file.is_dir())


def unique_stems(files: Sequence[Path]) -> list[str]:
    """A name for the results of each file: its stem, or stem-2, stem-3, ... where an earlier file has it already.

    Upper and lower case count as the same, as they are on many file systems. The first file of a stem always
    keeps it, whatever the numbered names are.
    """
    taken = {file.stem.casefold() for file in files}
    seen: set[str] = set()
    names = []
    for file in files:
        name = file.stem
        if name.casefold() in seen:
            number = 2
            while (name := f"{file.stem}-{number}").casefold() in taken:
                number += 1
            taken.add(name.casefold())
        seen.add(name.casefold())
        names.append(name)
    return names


def _say(text: str) -> None:
    """A line on stderr that does not tear the progress bar."""
    from tqdm import tqdm

    tqdm.write(text, file=sys.stderr)
