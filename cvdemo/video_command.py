"""`python -m cvdemo video`: the annotated film and its data on disk. Importing this loads neither torch nor a codec."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cvdemo.errors import UsageError
from cvdemo.registry import REGISTRY, TASKS
from cvdemo.video.limits import LIMITS

if TYPE_CHECKING:
    from cvdemo.video.annotate import Outputs, VideoRequest


def add_command(commands: Any) -> None:
    """Add `video` to the program's argparse subparsers; args.run(args) carries it out."""
    from cvdemo.cli import share

    parser = commands.add_parser(
        "video",
        help="run a model on every frame of a video",
        description="Run a model on every frame of a video. Writes OUTPUT/NAME-MODEL.mp4 with the answers drawn on it, "
        "OUTPUT/NAME-MODEL.json with a record for each frame, and OUTPUT/NAME-MODEL.csv with the same as a table. "
        f"Accepted: {LIMITS.sentence}; frames are scaled down to {LIMITS.side} pixels, and of a faster video "
        f"{LIMITS.fps:g} frames a second are taken.",
        epilog="exit status: 0 done, 2 the request could not be carried out",
    )
    parser.add_argument("--task", choices=TASKS, required=True)
    parser.add_argument("--model", metavar="NAME", help="a name that the command models lists for the task")
    parser.add_argument(
        "--score-threshold", type=share, metavar="T", help="lowest score drawn and written, 0 to 1, for detect and pose"
    )
    parser.add_argument("--no-track", action="store_true", help="do not number things and people from frame to frame")
    parser.add_argument("--device", default="auto", help="auto, cpu, mps, cuda or cuda:N (default: auto)")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("file", type=Path, metavar="FILE", help="a video")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from cvdemo.batch import check_available
    from cvdemo.cli import params_for, use_device

    spec = REGISTRY.get(arguments.model, arguments.task) if arguments.model else REGISTRY.default(arguments.task)
    check_available(spec)
    use_device(arguments.device)
    from cvdemo.video.annotate import Outputs, VideoRequest

    request = VideoRequest(
        spec=spec,
        params=params_for(spec, arguments.score_threshold),
        name=str(arguments.file),
        track=not arguments.no_track,
    )
    outputs = Outputs.in_folder(arguments.output, f"{arguments.file.stem}-{spec.name}")
    _annotate(arguments.file, request, outputs)
    print(outputs.video)
    return 0


def _annotate(file: Path, request: VideoRequest, outputs: Outputs) -> None:
    """Do it with a bar on a terminal. The folder is made only once the file has turned out to be a video."""
    from tqdm import tqdm

    from cvdemo.video.annotate import Step, annotate_video
    from cvdemo.video.reading import VideoInfo
    from cvdemo.video.series import Series

    bar = tqdm(desc=request.spec.name, unit="frame", file=sys.stderr, disable=None)

    def began(info: VideoInfo, series: Series) -> None:
        bar.total = info.frames_within(request.limits)
        if info.note:
            tqdm.write(info.note, file=sys.stderr)
        try:
            outputs.video.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = error.strerror or error
            where = outputs.video.parent
            raise UsageError(f"Cannot write into {where} ({reason}); choose another --output folder.") from error

    def done(step: Step) -> bool:
        bar.update()
        return True

    with bar:
        annotate_video(file, request, outputs, began, done)
