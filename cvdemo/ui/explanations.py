"""What happened to the picture, four sentences for each family of networks."""

from __future__ import annotations

from cvdemo.models.tiles import LARGE
from cvdemo.registry import ModelSpec
from cvdemo.types import Image

_LEARNT = {"camvid": "street scenes", "clothing": "photos of people in the street"}
_OVERLAP = "Scores below your threshold are dropped, and of two boxes of a kind that overlap by more than 60 % only "
_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "centernet": (
        "Your picture of {w} × {h} pixels was scaled to fit {iw} × {ih} and centred on black, so nothing is stretched.",
        "The network turned it into {n} heatmaps of 128 × 128 cells, one for each kind of thing: a bright peak "
        "says that the middle of one is here.",
        "At every peak four more numbers say how far it is to the left, top, right and bottom edge of the thing.",
        _OVERLAP + "the stronger stays.",
    ),
    "nanodet": (
        "Your picture of {w} × {h} pixels was scaled to fit {iw} × {ih}, and its colours put into the order the "
        "network learnt with.",
        "Three grids of 52, 26 and 13 cells a side look for small, medium and large things; every cell scores {n} "
        "kinds.",
        "The distance to each edge is not one number but a vote over several distances, and the average of the "
        "votes places the edge.",
        _OVERLAP + "the stronger stays.",
    ),
    "yolo": (
        "Your picture of {w} × {h} pixels was scaled to fit {iw} × {ih}.",
        "Three grids, from fine to coarse, look for small, medium and large things.",
        "Every cell of a grid proposes a place and a score for each kind of thing it knows.",
        _OVERLAP + "the stronger stays.",
    ),
    "imagenet": (
        "The middle of your picture, a square of 87.5 % of its shorter side, was scaled to {iw} × {ih}; what lies "
        "outside was not seen.",
        "Sixteen blocks of convolutions turned it into 1,280 feature maps of 7 × 7 cells.",
        "Each map was averaged to one number, and from these 1,280 numbers every class got its score.",
        "Softmax turned the scores into shares of 100 %, so there is always a winner, also for a picture that "
        "shows none of the {n} classes.",
    ),
    "classics": (
        "The middle of your picture, a square of almost 90 % of its shorter side, was scaled to {iw} × {ih}; what lies "
        "outside was not seen.",
        "Blocks of convolutions and pooling turned it into ever more feature maps of ever fewer cells.",
        "From the last maps, or their averages, dense layers gave each of the {n} classes a score.",
        "Softmax turned the scores into shares of 100 %, so there is always a winner, also for a picture that "
        "shows none of the {n} classes.",
    ),
    "fashion": (
        "The garment was brought to {iw} × {ih} grey pixels, light on black, like the pictures the network learnt "
        "from.",
        "Layers of small convolutions looked for edges and textures, and pooling kept the strongest answers.",
        "From what was left each of the {n} kinds of garment got a score.",
        "Softmax turned the scores into shares of 100 %, so there is always a winner, also for a picture of no "
        "garment.",
    ),
    "fcn": (
        "The picture is scaled so that its long side fits and padded to a multiple of 32.",
        "An encoder trained on ImageNet halves it five times and gathers what is where.",
        "The classes are scored on the grids of stride 32, 16 and 8; coarse scores are added to the finer ones.",
        "The sum is enlarged to the picture's size, and every pixel takes the class with the highest score.",
    ),
    "unet": (
        "Your picture of {w} × {h} pixels was scaled so that its longer side has {iw} pixels{tiled}.",
        "An encoder made it smaller and smaller in five steps, and richer in meaning at each.",
        "A decoder made it large again and took the fine detail of every size from the encoder over a short cut.",
        "Every pixel got a score for each of the {n} classes and the highest one won; the network learnt from "
        "{learnt} only, so elsewhere it guesses.",
    ),
    "movenet": (
        "CenterNet found the people first, and each of them was cut out a quarter larger than their box and "
        "scaled to {iw} × {ih}.",
        "For each person the network drew 17 heatmaps, one for each joint, and guessed from the middle of the "
        "body where every joint should be.",
        "Near each guess the best peak of its heatmap was taken, and moved by a fraction of a cell for precision.",
        "A person's score is the detector's score times the average of the joints; joints below your joint score "
        "are not drawn.",
    ),
    "multipose": (
        "Your picture of {w} × {h} pixels was scaled to fit {iw} × {ih} and centred on black.",
        "In one pass the network marked the middles of up to six people, and 17 heatmaps for the joints of all of "
        "them.",
        "From each middle it guessed where that person's joints are, and took the peaks near the guesses.",
        "People below your score are dropped, joints below your joint score are not drawn.",
    ),
    "posenet": (
        "Your picture of {w} × {h} pixels was scaled to fit {iw} × {ih} and centred on black.",
        "The network drew 17 heatmaps, one for each kind of joint, without knowing which joint is whose.",
        "More maps point from every joint to its neighbours in the body; following them from the surest joint "
        "outwards puts a person together.",
        "A joint too close to one that is already somebody's is skipped, and people below your score are dropped.",
    ),
}


def sentences(spec: ModelSpec, image: Image) -> tuple[str, ...]:
    """Four sentences with this picture's and this network's own numbers."""
    height, width = image.size_hw
    numbers = {"w": width, "h": height, "iw": spec.input_hw[1], "ih": spec.input_hw[0], "n": len(spec.class_names)}
    asked = {"learnt": _LEARNT.get(spec.labels, "its own training pictures"), "tiled": ""}
    if max(image.size_hw) > LARGE:
        asked["tiled"] = ", and, being large, also looked at in overlapping tiles that show it larger"
    return tuple(text.format(**numbers, **asked) for text in _TEXTS.get(spec.family, ()))
