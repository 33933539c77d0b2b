"""The student's folder: weights in two formats, tokenizer, template, a fixture of token ids, where it came from."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM

from village_trainer.converting import convert_student
from village_trainer.pretraining.conversations import make_conversations
from village_trainer.pretraining.corpus import ALL_SKILLS, sample_of
from village_trainer.pretraining.tokenizer import CHAT_TEMPLATE, build_tokenizer
from village_trainer.rendering import ConversationRenderer


@dataclass(frozen=True)
class Provenance:
    command: str
    seed: int
    steps: int
    seconds: float
    # The STUDENT.md of the first stage, or nothing.
    first_stage: str = ""


def write_student(model: Qwen2ForCausalLM, folder: Path, converter: Path, provenance: Provenance) -> dict[str, float]:
    """Write the whole folder beside ``folder`` first, then put it in its place; returns the skill accuracies."""
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    accuracies = measure_skills(model, ConversationRenderer(build_tokenizer(), CHAT_TEMPLATE))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=build_tokenizer(),
        eos_token="<|end|>",
        pad_token="<|pad|>",
        clean_up_tokenization_spaces=False,
        model_max_length=2048,
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    model.half().save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    write_conversations(ConversationRenderer.load(partial), partial / "conversations.json")
    convert_student(partial, converter, partial / "base.gguf")
    write_origin(partial, provenance, accuracies, sum(weight.numel() for weight in model.parameters()))
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return accuracies


def write_conversations(renderer: ConversationRenderer, path: Path) -> None:
    rows = [
        {
            "messages": messages,
            "addGenerationPrompt": opened,
            "ids": renderer.prompt_ids(messages, add_generation_prompt=opened),
        }
        for messages, opened in make_conversations(Random(7), 240)
    ]
    path.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=True) for row in rows) + "\n]\n", encoding="utf-8")


def measure_skills(model: Qwen2ForCausalLM, renderer: ConversationRenderer, count: int = 50) -> dict[str, float]:
    """Share of exact answers per pretraining skill on samples that no training run draws."""
    rng = Random("held out")
    accuracies = {}
    for skill in ALL_SKILLS:
        samples = [sample_of(skill, rng) for _ in range(count)]
        prompts = [renderer.prompt_ids(sample.messages) for sample in samples]
        answers = greedy_answers(
            model, renderer, prompts, max(len(renderer.completion_ids(sample.completion)) for sample in samples)
        )
        exact = sum(answer == sample.completion for answer, sample in zip(answers, samples, strict=True))
        accuracies[skill] = exact / count
    return accuracies


@torch.inference_mode()
def greedy_answers(
    model: torch.nn.Module, renderer: ConversationRenderer, prompts: list[list[int]], limit: int
) -> list[str]:
    """The most probable answer to each prompt, decoded as one batch padded on the left."""
    longest = max(map(len, prompts))
    ids = torch.tensor([[renderer.pad_id] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    made = model.generate(  # pyright: ignore[reportCallIssue]
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=limit,
        do_sample=False,
        eos_token_id=renderer.end_id,
        pad_token_id=renderer.pad_id,
    )
    return [renderer.text(row) for row in made[:, longest:].tolist()]


def write_origin(folder: Path, provenance: Provenance, accuracies: dict[str, float], parameters: int) -> None:
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    rows = "\n".join(f"| {skill} | {accuracy:.0%} |" for skill, accuracy in accuracies.items())
    text = f"""# The tiny student

A `Qwen2ForCausalLM` of {parameters:,} parameters, pretrained on synthetic skills over random words
(`trainer/village_trainer/pretraining/corpus.py`), from random weights in which a few attention heads are set by
construction to look back and to match (`induction.py` there). Nothing of the demo's tasks is in that corpus.

- command: `{provenance.command}`
- seed {provenance.seed}, {provenance.steps:,} steps, {provenance.seconds:,.0f} s on two CPU cores
- sha256 of `model.safetensors`: `{digest}`
- `base.gguf` holds the same weights for llama.cpp; `conversations.json` holds token ids that the serving
  side must reproduce

Exact answers on held-out samples of each pretraining skill:

| skill | exact |
|---|---|
{rows}
"""
    if provenance.first_stage:
        made = [
            line for line in provenance.first_stage.splitlines() if line.startswith(("- command", "- seed", "- sha256"))
        ]
        text += "\nFIRST_STAGE, whose weights this run went on from, was made so:\n\n" + "\n".join(made) + "\n"
    (folder / "STUDENT.md").write_text(text, encoding="utf-8")
