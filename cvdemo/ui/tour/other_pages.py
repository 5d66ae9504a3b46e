"""The tours of the explorer and of moving pictures."""

from __future__ import annotations

from cvdemo.ui.tour.steps import Step, Tours

OTHER_PAGES: Tours = {
    "inside": (
        Step(
            title="The picture turns into features",
            text="From left to right, each tile is a stage of the network, brighter where it answers more strongly. "
            "Choose one, or open the tree and search: every convolution in between is there, with its size, its "
            "weights and its cost.",
            place=("explorer-layers",),
        ),
        Step(
            title="Every channel is a detector",
            text="A channel is one small pattern, looked for at every place of the picture; bright means found. In "
            "stage 1 these are edges and colours, in the middle textures, later parts of things. Crossed out ones "
            "say nothing about this picture.",
            place=("explorer-grid",),
        ),
        Step(
            title="One channel on your picture",
            text="Click any place: the white frame is its receptive field, all that a cell there can possibly know. "
            "Early on it is tiny. In the last layers it covers the picture, though its middle counts far more than its "
            "rim.",
            place=("explorer-focus",),
        ),
        Step(
            title="All channels at once",
            text="“Colours” squeezes all channels into three: places of one colour look alike to the layer. In early "
            "layers alike means the same texture, in late ones often the same kind of thing. “Groups” says it in hard "
            "boundaries.",
            place=("explorer-focus",),
        ),
        Step(
            title="Beside another",
            text="Open the comparison and set the layer on a second picture, or a second network beside this one. "
            "Networks trained apart find much the same early features; number 12 here may be number 87 there.",
            place=("compare",),
        ),
        Step(
            title="Take a channel away",
            text="If a channel matters, the answer must change without it. Switch one off, or let the page find those "
            "that matter most. It is a stronger test than looking bright: many bright channels change nothing.",
            place=("what-if",),
        ),
        Step(
            title="Why this answer",
            text="The map shows which places raised one score. Then shuffle what later layers learnt: an honest map "
            "falls apart. One that stays was showing edges of your picture, not reasons of the network.",
            place=("why-panel",),
        ),
    ),
    "live": (
        Step(
            title="One picture at a time",
            text="The camera sends a picture, the network answers, then the next one is sent. Nothing piles up: if the "
            "network is slow, pictures in between are skipped, and what you see is always the newest answer.",
        ),
        Step(
            title="Nothing is kept",
            text="Pictures are worked on in memory and forgotten. They go to the machine that runs this app, and "
            "nowhere else.",
        ),
        Step(
            title="Each picture on its own",
            text="The network has no memory: it meets every picture for the first time. So boxes and joints tremble "
            "although you stand still, for tiny changes of the pixels change the numbers.",
        ),
        Step(
            title="Make it fail",
            text="Turn your head, cover half your face, switch off the light, hold the picture of a thing into the "
            "camera. What it confuses tells you what it has learnt to look at.",
        ),
        Step(
            title="Speed against care",
            text="Change to a smaller network and watch the rate. Small ones see coarser grids: they lose what is far "
            "away first.",
        ),
    ),
    "video": (
        Step(
            title="A film is many pictures",
            text="The network answers to each picture on its own, and the answers are put together again as a film. "
            "Neighbouring pictures are nearly alike, so it does much work twice.",
        ),
        Step(
            title="The same thing again?",
            text="To follow a thing, boxes of neighbouring pictures that overlap most are taken to be the same. When "
            "two people cross, this can go wrong: watch for swapped numbers.",
        ),
        Step(
            title="Trembling",
            text="Scores near the threshold come and go from picture to picture. Lower the threshold, and the "
            "flicker becomes rarer but wrong boxes more frequent.",
        ),
        Step(
            title="Blur and compression",
            text="Fast things are smeared, and compression removes just the fine detail that early channels answer to. "
            "Stop at such a picture and look at it on a task’s page.",
        ),
        Step(
            title="How long it takes",
            text="The time is the number of pictures times the time for one. Looking at every second picture halves "
            "it, and for slow scenes loses little.",
        ),
    ),
}
