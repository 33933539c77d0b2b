"""One vector per word piece, distilled from a sentence-embedding model: a sentence is then their mean.

In the manner of model2vec (Tulkens and van Dongen, 2024): each piece passes through the model on its own, the vectors
are rotated to their principal components and cut to the first of them, and each is weighted by how seldom its piece is
(smooth inverse frequency; Arora, Liang and Ma, 2017). Nothing is drawn at random.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

PIECES_AT_ONCE = 512
SMOOTHING = 1e-3


def distil(model_folder: Path, *, dimension: int) -> tuple[list[str], np.ndarray]:
    """The pieces that occur in text, and their vectors: float32 of shape (pieces, dimension)."""
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415 # takes seconds

    tokenizer = AutoTokenizer.from_pretrained(model_folder, local_files_only=True)
    model = AutoModel.from_pretrained(model_folder, local_files_only=True).eval()
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    special = set(tokenizer.all_special_tokens)
    kept = [(piece, at) for piece, at in by_id if piece not in special and not piece.startswith("[unused")]
    vectors = piece_vectors(model, [at for _, at in kept], begin=tokenizer.cls_token_id, end=tokenizer.sep_token_id)
    return [piece for piece, _ in kept], weighted(principal_components(vectors, dimension))


@torch.no_grad()
def piece_vectors(model: torch.nn.Module, pieces: list[int], *, begin: int, end: int) -> np.ndarray:
    """The mean of the last layer over ``begin piece end``, as the model embeds a text of one piece."""
    parts = []
    for start in range(0, len(pieces), PIECES_AT_ONCE):
        ids = torch.tensor([[begin, piece, end] for piece in pieces[start : start + PIECES_AT_ONCE]])
        hidden = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        parts.append(hidden.mean(dim=1).numpy())
    return np.concatenate(parts).astype(np.float64)


def principal_components(vectors: np.ndarray, dimension: int) -> np.ndarray:
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    leading = directions[:, ::-1][:, :dimension]
    # The sign of a direction is arbitrary; made the same everywhere.
    signs = np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(dimension)])
    return centred @ (leading * signs)


def weighted(vectors: np.ndarray) -> np.ndarray:
    """The vocabulary is ordered by frequency; by Zipf's law the frequency of a piece falls with its rank."""
    shares = 1 / np.arange(1, len(vectors) + 1)
    shares /= shares.sum()
    return (vectors * (SMOOTHING / (SMOOTHING + shares))[:, None]).astype(np.float32)


def write_table(folder: Path, pieces: list[str], vectors: np.ndarray) -> None:
    """``vocabulary.txt``: a piece a line. ``vectors.bin``: a float32 scale a piece, then its components as int8."""
    scales = (np.abs(vectors).max(axis=1) / 127).astype("<f4")
    components = np.round(vectors / np.maximum(scales, np.finfo(np.float32).tiny)[:, None]).astype(np.int8)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocabulary.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    (folder / "vectors.bin").write_bytes(scales.tobytes() + components.tobytes())
