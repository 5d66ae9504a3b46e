"""The tours of the four tasks."""

from __future__ import annotations

from cvdemo.ui.tour.steps import Step, Tours, inside

_WHY = Step(
    title="Ask why",
    text="A score does not say where it comes from. Choose an answer and ask why: the explorer follows the score back "
    "through the network and colours the places that raised it. Colours on the wrong thing are a warning, even when "
    "the answer is right.",
    place=("why-links", "below-result"),
)
_STAGES = Step(
    title="From left to right",
    text="Each small picture is one stage of the network. The first stages keep fine grids and answer to edges and "
    "colours; later ones have coarser grids but more channels, and answer to textures, then to parts of things. Detail "
    "of place is given away for detail of meaning.",
    place=("inside-view",),
)

TASK_PAGES: Tours = {
    "classify": (
        Step(
            title="One label for the whole picture",
            text="A classifier does not look for things. It gives the picture as a whole one score for each class it "
            "knows, and the scores become shares of 100 %. So there is always a winner, even for a picture that shows "
            "none of its classes.",
            place=("bars-classify",),
        ),
        Step(
            title="What it really gets to see",
            text="Tick “What the network sees”: only the middle of the picture goes in, scaled to a small square. A "
            "thing at the edge is not overlooked; it was never shown.",
            place=("result-classify",),
        ),
        _STAGES,
        Step(
            title="Edges first",
            text="Choose the leftmost stage and look through its channels. Many light up along edges of one direction, "
            "or on one colour against its opposite. Nobody programmed this: it is what training found useful.",
            place=("inside-view",),
            link=inside("Open the first layer", layer="efficientnet.conv_stem", model="efficientnet-lite0"),
        ),
        Step(
            title="The place gets lost, on purpose",
            text="After the last stage every channel is averaged to a single number, and the classes are weighted sums "
            "of these numbers. A cat on the left and a cat on the right now give nearly the same: the network knows "
            "what, hardly where.",
            place=("inside-view",),
        ),
        _WHY,
    ),
    "detect": (
        Step(
            title="Many answers, each with a place",
            text="A detector says what is there, where, and how sure it is. Move the score slider: nothing is computed "
            "again. All candidates came out of one pass, and the slider only decides which of them you get to see.",
            place=("result-detect",),
        ),
        Step(
            title="A heatmap for every class",
            text="CenterNet paints one coarse picture a class, with a bright spot where it believes the middle of such "
            "a thing to be. Every box you see began as such a spot. Find the channel of people or cars and compare it "
            "with the boxes.",
            place=("inside-view",),
            link=inside("Open CenterNet’s class heatmaps", model="centernet", layer="head.heatmap_act"),
        ),
        Step(
            title="From a spot to a box",
            text="At each spot four more channels hold the distances to the left, top, right and bottom edge. They are "
            "filled everywhere, but read only at the spots; elsewhere they mean nothing.",
            place=("inside-view",),
            link=inside("Open the distances", model="centernet", layer="head.distances"),
        ),
        _STAGES,
        Step(
            title="Small things need fine grids",
            text="Coarse stages know much about a large neighbourhood, fine ones know exactly where. The neck adds "
            "the coarse answers, enlarged, to the fine ones, so that a small thing is found by the knowledge of both.",
            place=("inside-view",),
            link=inside("Open the neck’s last merge", model="centernet", layer="neck.merge2"),
        ),
        _WHY,
    ),
    "segment": (
        Step(
            title="A class for every pixel",
            text="Here the network answers for each pixel on its own: which class is it? Point at the picture to see "
            "what it took a place for. Two cars side by side become one area: pixels are labelled, things are not "
            "counted.",
            place=("result-segment",),
        ),
        Step(
            title="Down, then up",
            text="The encoder makes the grid smaller step by step and learns what is there. The decoder makes it "
            "larger again, to say where. Watch the strip of stages: the grids shrink, then grow.",
            place=("inside-view",),
        ),
        Step(
            title="The bottom of the U",
            text="At the coarsest stage one cell stands for many pixels of your picture and sees far around it. It can "
            "tell a road from a pavement, but could never draw the kerb between them.",
            place=("inside-view",),
        ),
        Step(
            title="The skip",
            text="That is why a U-Net has short cuts: each step of the decoder gets the encoder’s map of the same size "
            "handed over, unharmed by the way down. Under “Inside the decoder” you can cut them and watch the outlines "
            "go soft: meaning comes from below, sharpness from the side.",
            place=("unet-walk", "segment-panels"),
            link=inside("Open a late decoder block", model="unet-street", layer="decoder.blocks.3"),
        ),
        Step(
            title="Where it is unsure",
            text="Switch the paint to “Uncertainty”. Doubt gathers along outlines, where a pixel holds a bit of both, "
            "and on things the network has never learnt. A wide dark area that is nevertheless wrong is the "
            "dangerous case: sure and mistaken.",
            place=("result-segment",),
        ),
        Step(
            title="Ask about a region",
            text="In the explorer you can click a place of the picture: the connected region of its class becomes the "
            "question, and the map shows what speaks for it. Often that lies around the region, not on it: context "
            "decides.",
            place=("why-links", "below-result"),
        ),
    ),
    "pose": (
        Step(
            title="Seventeen joints",
            text="The network marks seventeen points of a body and gives each a score. Open a person’s row and point "
            "at a joint. Left is the person’s own left, and hidden joints are guessed, with a low score if all goes "
            "well.",
            place=("result-pose",),
        ),
        Step(
            title="A heatmap for every joint",
            text="MoveNet paints one picture a joint: bright where it may be. Channel 0 is the nose, 5 and 6 are the "
            "shoulders, 15 and 16 the ankles. Look at left and right ankle: both often light up on both feet, and the "
            "brighter spot decides.",
            place=("inside-view",),
            link=inside("Open MoveNet’s joint heatmaps", model="movenet-lightning", layer="head.keypoint_heatmap"),
        ),
        Step(
            title="Whose joint is it?",
            text="A spot does not say whose nose it is. So a second set of channels points, from the middle of a body, "
            "to where each of its joints should be; the nearest good spot wins. Together: one set knows exactly where, "
            "the other to whom.",
            place=("inside-view",),
            link=inside("Open the pointers", model="movenet-lightning", layer="head.keypoint_regression"),
        ),
        Step(
            title="First find the person",
            text="MoveNet Lightning and Thunder look at one person at a time, cut out of the picture by a detector. "
            "MultiPose and PoseNet take the whole picture at once: faster for a crowd, coarser for each. Change the "
            "model and compare the time.",
            place=("header",),
        ),
        _STAGES,
        _WHY,
    ),
}
