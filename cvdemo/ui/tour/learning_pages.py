"""The tours of the pages that teach."""

from __future__ import annotations

from cvdemo.ui.tour.steps import Step, Tours, inside

LEARNING_PAGES: Tours = {
    "fashion_lab": (
        Step(
            title="Small enough to understand",
            text="These networks see 28 × 28 grey pixels and know ten kinds of garment. Everything that happens in a "
            "large network happens here too, but it fits on a page and trains in minutes.",
            place=("header",),
        ),
        Step(
            title="Draw something",
            text="Draw a garment, light on dark, and watch the answer follow. Then add sleeves to a dress, or cut a "
            "trouser leg: where the answer tips over tells you what the network pays attention to.",
            place=("lab-canvas", "lab-tabs"),
        ),
        Step(
            title="Its kernels and its maps",
            text="The first layer’s kernels are so few that you can see each of them, and what each makes of your "
            "drawing. Look for one that answers to upright edges: it draws the sides of a trouser.",
            place=("lab-map", "lab-tabs"),
        ),
        Step(
            title="Not all mistakes are alike",
            text="Under “How good it is” each square counts garments of one kind that were taken for another. Shirt, "
            "coat and pullover are confused with each other, hardly ever with a sandal: from afar they do look alike.",
            place=("lab-confusion", "lab-tabs"),
        ),
        Step(
            title="Sure and right are two things",
            text="If a network says 90 %, nine of ten such answers should be right. The reliability chart checks "
            "that. A curve below the diagonal means that it is surer than it has reason to be.",
            place=("lab-reliability", "lab-tabs"),
        ),
        Step(
            title="Watch it learn",
            text="Under “Train it live” the loss falls and the kernels take shape out of noise. When the training loss "
            "goes on falling but the test loss rises, it has begun to learn the pictures by heart.",
            place=("lab-train-start", "lab-tabs"),
        ),
    ),
    "architectures": (
        Step(
            title="Six ideas",
            text="Each of these networks answered the question its predecessor left open. Read them from left to "
            "right: deeper, then wider, then cheaper for the same accuracy.",
            place=("architecture",),
        ),
        Step(
            title="Drawn to scale",
            text="Each slab is a block: its face is the grid, its depth the number of channels. In all of them the "
            "grid shrinks while the channels grow. Choose a slab to see its layers.",
            place=("stage-diagram",),
        ),
        Step(
            title="Where the weights are, where the work is",
            text="In AlexNet and VGG nearly all weights sit in the dense layers at the end, nearly all multiplications "
            "in the convolutions at the start. A convolution uses the same few weights at every place; a dense layer "
            "uses each of its weights once.",
            place=("stage-diagram",),
        ),
        Step(
            title="What one cell sees",
            text="The column “Sees” is the receptive field. Two 3 × 3 convolutions see as far as one of 5 × 5, with "
            "fewer weights and one more non-linearity in between. That is the whole trick of VGG.",
            place=("stage-diagram",),
        ),
        Step(
            title="Splitting the convolution",
            text="Xception filters every channel on its own and then mixes the channels with 1 × 1 kernels. A 3 × 3 "
            "convolution between many channels costs nearly nine times as much as the two together.",
            place=("all-six", "stage-diagram"),
        ),
        Step(
            title="The family at work",
            text="At the end the descendants of these ideas, small enough to be trained here, are set side by side: "
            "weights, time and accuracy. More of one does not always buy more of the other.",
            place=("family", "all-six"),
        ),
    ),
    "convolution": (
        Step(
            title="Nine numbers and a sum",
            text="Lay the kernel on the picture, multiply each number with the weight on top of it, add it all up: "
            "that is one number of the result. The frame shows which nine numbers go in, the sum what comes out.",
            place=("convolution-lab",),
        ),
        Step(
            title="Find an edge",
            text="Choose “Vertical edges”. Where left and right are equal the products cancel out to 0; where they "
            "differ, the sum is large. Rising and falling edges get opposite signs.",
            place=("convolution-lab",),
        ),
        Step(
            title="The same weights everywhere",
            text="Drag the frame about: the weights stay the same. This is why a network that has learnt an edge in "
            "one corner knows it in all of them, and why nine weights are enough for a whole picture.",
            place=("convolution-lab",),
        ),
        Step(
            title="Cut off below zero",
            text="ReLU keeps what is positive and sets the rest to 0. It looks like a loss, but without it two "
            "convolutions in a row would be no more than one larger convolution.",
            place=("convolution-lab",),
        ),
        Step(
            title="Keep the strongest",
            text="Max pooling keeps the largest number of each little square. The picture shrinks, and a pattern may "
            "move by a pixel without changing the result much.",
            place=("convolution-lab",),
        ),
        Step(
            title="A network learns the weights",
            text="Here you choose the weights. In a network they begin as noise, and training shifts each a little in "
            "the direction that makes the answers better. What comes out in a first layer looks much like the kernels "
            "on this page.",
            place=("convolution-lab",),
            link=inside("See kernels that were learnt", model="efficientnet-lite0", layer="efficientnet.conv_stem"),
        ),
    ),
}
