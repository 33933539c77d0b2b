"""Pretraining of the tiny student from nothing: a seeded corpus, a curriculum, the loss on answers alone."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
import torch.distributed
import torch.multiprocessing
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import Qwen2Config, Qwen2ForCausalLM

from village_trainer.memory import keep_freed_memory
from village_trainer.precision import fastest_attention, multiplies_bfloat16
from village_trainer.pretraining.corpus import make_sample, make_second_sample
from village_trainer.pretraining.induction import set_induction_heads
from village_trainer.pretraining.tokenizer import CHAT_TEMPLATE, build_tokenizer
from village_trainer.rendering import ConversationRenderer

IGNORED = -100


@dataclass(frozen=True)
class PretrainingPlan:
    """``steps`` repeats a run exactly; ``seconds`` makes as many steps as fit."""

    seed: int
    steps: int | None = None
    seconds: float | None = None
    processes: int = 2
    tokens_per_batch: int = 2048
    peak_learning_rate: float = 1.5e-3
    second_learning_rate: float = 1e-3
    warmup: float = 0.02
    batches_per_draw: int = 16
    save_every_seconds: float = 90.0
    # The folder of a first stage, whose weights the second one goes on from.
    continue_from: str | None = None

    def progress(self, step: int, elapsed_seconds: float) -> float:
        return step / self.steps if self.steps else elapsed_seconds / (self.seconds or 1.0)

    def learning_rate(self, progress: float) -> float:
        """Linear warm-up, then a cosine down to a twentieth of the peak."""
        peak = self.peak_learning_rate if self.continue_from is None else self.second_learning_rate
        if progress < self.warmup:
            return peak * (progress + 0.002) / (self.warmup + 0.002)
        return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))


def student_config(tokenizer: Tokenizer) -> Qwen2Config:
    end, pad = tokenizer.token_to_id("<|end|>"), tokenizer.token_to_id("<|pad|>")
    return Qwen2Config(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=192,
        num_hidden_layers=6,
        num_attention_heads=6,
        num_key_value_heads=2,
        intermediate_size=512,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=pad,
    )


def pretrain(plan: PretrainingPlan, work: Path) -> int:
    """Train in ``plan.processes`` processes of one thread each; returns the steps taken.

    On two shared cores two processes that average their gradients once a step are faster than one
    with two threads, which wait for each other at every operation. ``work`` gets ``model.pt``.
    """
    work.mkdir(parents=True, exist_ok=True)
    rendezvous = work / "rendezvous"
    rendezvous.unlink(missing_ok=True)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    torch.multiprocessing.spawn(_train_share, (plan, str(work)), nprocs=plan.processes)  # pyright: ignore
    return int((work / "steps").read_text())


def _train_share(rank: int, plan: PretrainingPlan, work_path: str) -> None:
    work = Path(work_path)
    keep_freed_memory()
    torch.manual_seed(plan.seed)
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{work}/rendezvous", rank=rank, world_size=plan.processes
    )
    tokenizer = build_tokenizer()
    model = _model_to_train(plan, tokenizer)
    model.train()
    weights = list(model.parameters())
    decayed = [weight for weight in weights if weight.dim() > 1]
    plain = [weight for weight in weights if weight.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)
    batches = _Batches(plan, rank, ConversationRenderer(tokenizer, CHAT_TEMPLATE))
    started = saved = reported = time.monotonic()
    step, tokens, losses, elapsed = 0, 0, [], 0.0
    while (progress := plan.progress(step, elapsed)) < 1:
        ids, labels = batches.next(progress)
        for group in optimizer.param_groups:
            group["lr"] = plan.learning_rate(progress)
        with torch.autocast("cpu", torch.bfloat16, enabled=multiplies_bfloat16()):
            loss = answer_loss(model, ids, labels)
        loss.backward()
        elapsed, mean_loss = _average_gradients(weights, [time.monotonic() - started, loss.item()], plan.processes)
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        step, tokens = step + 1, tokens + ids.numel()
        losses.append(mean_loss)
        now = time.monotonic()
        if rank == 0 and now - reported > 15:
            speed, mean = plan.processes * tokens / (now - started), sum(losses) / len(losses)
            print(f"{progress:6.1%} step {step} loss {mean:.3f} tokens/s {speed:.0f}", file=sys.stderr, flush=True)
            reported, losses = now, []
        if rank == 0 and now - saved > plan.save_every_seconds:
            _save(model, step, work)
            saved = now
    if rank == 0:
        _save(model, step, work)
    torch.distributed.destroy_process_group()


def _model_to_train(plan: PretrainingPlan, tokenizer: Tokenizer) -> Qwen2ForCausalLM:
    attention = fastest_attention()
    if plan.continue_from is not None:
        return Qwen2ForCausalLM.from_pretrained(
            plan.continue_from, dtype=torch.float32, attn_implementation=attention, local_files_only=True
        )
    config = student_config(tokenizer)
    config._attn_implementation = attention
    model = Qwen2ForCausalLM(config)
    set_induction_heads(model)
    return model


def _average_gradients(weights: list[torch.nn.Parameter], numbers: list[float], processes: int) -> list[float]:
    """Average the gradients over all processes, in one message; ``numbers`` travel along and come back averaged."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    message = torch.cat([gradient.flatten() for gradient in gradients] + [torch.tensor(numbers)])
    torch.distributed.all_reduce(message)
    message /= processes
    sizes = [gradient.numel() for gradient in gradients]
    for gradient, averaged in zip(gradients, message.split([*sizes, len(numbers)])[:-1], strict=True):
        gradient.copy_(averaged.view_as(gradient))
    return message[-len(numbers) :].tolist()


def _save(model: Qwen2ForCausalLM, step: int, work: Path) -> None:
    torch.save(model.state_dict(), work / "model.pt.new")
    (work / "model.pt.new").replace(work / "model.pt")
    (work / "steps").write_text(str(step))


def answer_loss(model: Qwen2ForCausalLM, ids: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy over the answers. Rows are padded on the right, so causal attention needs no mask."""
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    wanted = labels[:, 1:]
    chosen = wanted != IGNORED
    return cross_entropy(model.lm_head(hidden[chosen]), wanted[chosen])


class _Batches:
    """Batches of samples of like length, so that little is padded."""

    def __init__(self, plan: PretrainingPlan, rank: int, renderer: ConversationRenderer) -> None:
        self._plan, self._renderer = plan, renderer
        self._rng = Random(plan.seed * 1000 + rank)
        self._ready: list[list[tuple[list[int], list[int]]]] = []

    def next(self, progress: float) -> tuple[torch.Tensor, torch.Tensor]:
        if not self._ready:
            self._ready = list(self._draw(progress))
            self._rng.shuffle(self._ready)
        rows = self._ready.pop()
        longest = max(len(prompt) + len(answer) for prompt, answer in rows)
        ids = torch.full((len(rows), longest), self._renderer.pad_id)
        labels = torch.full((len(rows), longest), IGNORED)
        for row, (prompt, answer) in enumerate(rows):
            end = len(prompt) + len(answer)
            ids[row, :end] = torch.tensor(prompt + answer)
            labels[row, len(prompt) : end] = torch.tensor(answer)
        return ids, labels

    def _draw(self, progress: float) -> Iterator[list[tuple[list[int], list[int]]]]:
        wanted = self._plan.tokens_per_batch * self._plan.batches_per_draw
        make = make_sample if self._plan.continue_from is None else make_second_sample
        rows, drawn = [], 0
        while drawn < wanted:
            sample = make(self._rng, progress)
            row = self._renderer.prompt_ids(sample.messages), self._renderer.completion_ids(sample.completion)
            rows.append(row)
            drawn += len(row[0]) + len(row[1])
        rows.sort(key=lambda row: len(row[0]) + len(row[1]))
        batch: list[tuple[list[int], list[int]]] = []
        for row in rows:
            longest = len(row[0]) + len(row[1])
            if batch and longest * (len(batch) + 1) > self._plan.tokens_per_batch:
                yield batch
                batch = []
            batch.append(row)
        yield batch


def load_pretrained(work: Path) -> Qwen2ForCausalLM:
    """The model that ``pretrain`` left in ``work``."""
    model = Qwen2ForCausalLM(student_config(build_tokenizer()))
    model.load_state_dict(torch.load(work / "model.pt", weights_only=True))
    return model.eval()
