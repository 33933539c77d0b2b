"""A start that already looks back: heads that see the previous token, and heads that find where it stood before.

Transformers learn to copy only once two such heads have formed together (Olsson et al., 2022,
arXiv 2209.11895), which takes most of a short training run. Here they are set by construction, with random
projections, so that nothing but the mechanism is given; training shapes it like all other weights.
"""

from __future__ import annotations

import torch
from transformers import Qwen2ForCausalLM

_EMBEDDING_DEVIATION = 0.06
_LOOK_BACK_STRENGTH = 7.0
_MATCH_STRENGTH = 1.5
_STABLE_RADIANS_PER_TOKEN = 0.012
_MATCHING_LAYERS = (1, 2)
_MATCHED_TOKENS = 3


@torch.no_grad()
def set_induction_heads(model: Qwen2ForCausalLM) -> None:
    """Layer 0: the heads of one key group attend 1, 2, 3 tokens back. Layers 1 and 2: one head each that matches.

    The match compares the last three tokens with the three before a place, because inside a word one letter
    is ambiguous. It is soft, and all other heads are left as they are: heads set too firmly hardly learn.
    """
    config = model.config
    width, size = config.hidden_size, config.head_dim if hasattr(config, "head_dim") else 0
    size = size or width // config.num_attention_heads
    heads = config.num_attention_heads // (config.num_key_value_heads or config.num_attention_heads)
    frequencies = model.model.rotary_emb.inv_freq
    model.model.embed_tokens.weight.normal_(std=_EMBEDDING_DEVIATION)
    written_norm = _EMBEDDING_DEVIATION * width**0.5

    # Apart from each other, so that a token is not taken for the one before it.
    token, *written = _orthonormal_rows((heads + 1) * size, width).split(size)
    look_back = model.model.layers[0].self_attn
    look_back.v_proj.weight[:size] = token
    look_back.k_proj.bias[:size] = _phases(frequencies, 0)
    seen_norm = width**0.5 * (size / width) ** 0.5
    for head in range(heads):
        rows = slice(head * size, (head + 1) * size)
        look_back.q_proj.bias[rows] = _phases(frequencies, head + 1)
        look_back.o_proj.weight[:, rows] = written[head].T * (written_norm / seen_norm)

    # Only slowly turning dimensions can compare contents over a distance.
    stable = (frequencies < _STABLE_RADIANS_PER_TOKEN).repeat(2).float()[:, None]
    for index in _MATCHING_LAYERS:
        attention = model.model.layers[index].self_attn
        copied = _orthonormal_rows(size, width)
        attention.v_proj.weight[:size] = copied
        sought, found = [token, *written[: _MATCHED_TOKENS - 1]], written[:_MATCHED_TOKENS]
        # A rotation for each distance, so that the same tokens in another order do not match.
        turns = [_orthonormal_rows(size, size) for _ in range(_MATCHED_TOKENS)]
        attention.q_proj.weight[:size] = _MATCH_STRENGTH * _sum_of_products(turns, sought) * stable
        attention.k_proj.weight[:size] = _MATCH_STRENGTH * _sum_of_products(turns, found) * stable
        attention.o_proj.weight[:, :size] = copied.T * (written_norm / seen_norm)


def _phases(frequencies: torch.Tensor, distance: int) -> torch.Tensor:
    """A query of these phases meets a key of phase 0 best when it stands ``distance`` tokens later."""
    turned = frequencies * distance
    return _LOOK_BACK_STRENGTH * torch.cat([turned.cos(), -turned.sin()])


def _sum_of_products(turns: list[torch.Tensor], contents: list[torch.Tensor]) -> torch.Tensor:
    return torch.stack([turn @ content for turn, content in zip(turns, contents, strict=True)]).sum(0)


def _orthonormal_rows(rows: int, columns: int) -> torch.Tensor:
    return torch.linalg.qr(torch.randn(columns, rows))[0].T
