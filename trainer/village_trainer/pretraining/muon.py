"""Muon: momentum whose matrix is made orthogonal before it is applied (Jordan et al., kellerjordan.github.io/posts/muon).

PyTorch's own runs its iteration in bfloat16, which is ten times slower on a CPU without such instructions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import torch

_A, _B, _C = 3.4445, -4.7750, 2.0315


class Muon(torch.optim.Optimizer):
    """For the matrices of hidden layers; embeddings, biases and norms belong to AdamW."""

    def __init__(self, weights: Iterable[torch.nn.Parameter], lr: float, momentum: float = 0.95, decay: float = 0.01):
        super().__init__(weights, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure=None):  # pyright: ignore[reportIncompatibleMethodOverride]
        for group in self.param_groups:
            same_shape: dict[torch.Size, list[torch.nn.Parameter]] = defaultdict(list)
            for weight in group["params"]:
                if weight.grad is not None:
                    same_shape[weight.shape].append(weight)
            for weights in same_shape.values():
                self._update(weights, group)

    def _update(self, weights: list[torch.nn.Parameter], group: dict) -> None:
        moved = []
        for weight in weights:
            momentum = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
            momentum.lerp_(weight.grad, 1 - group["momentum"])
            moved.append(torch.lerp(weight.grad, momentum, group["momentum"]))
        rows, columns = weights[0].shape
        step = group["lr"] * max(1.0, rows / columns) ** 0.5
        for weight, direction in zip(weights, orthogonal(torch.stack(moved)), strict=True):
            weight.mul_(1 - group["lr"] * group["decay"]).add_(direction, alpha=-step)


def orthogonal(matrices: torch.Tensor, iterations: int = 5) -> torch.Tensor:
    """Each matrix of a batch with its singular values brought near one, by Newton-Schulz iterations."""
    tall = matrices.shape[-2] > matrices.shape[-1]
    made = matrices.mT if tall else matrices
    made = made / (made.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(iterations):
        product = made @ made.mT
        made = _A * made + (_B * product + _C * product @ product) @ made
    return made.mT if tall else made
