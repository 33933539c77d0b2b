from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from village_trainer.job import Job, job_from
from village_trainer.pretraining.tokenizer import CHAT_TEMPLATE, build_tokenizer
from village_trainer.rendering import ConversationRenderer

REPOSITORY = Path(__file__).parents[2]
CONVERTER = REPOSITORY / ".venv" / "llama.cpp"
WORDS = ["river", "stone", "cloud", "maple", "amber", "falcon", "harbor", "meadow"]


@pytest.fixture(scope="session")
def student(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of the student's architecture, far too small to be of use but for tests."""
    folder = tmp_path_factory.mktemp("student")
    tokenizer = build_tokenizer()
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        intermediate_size=64,
        initializer_range=0.3,
        tie_word_embeddings=True,
    )
    Qwen2ForCausalLM(config).half().save_pretrained(folder)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>")
    fast.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def renderer(student: Path) -> ConversationRenderer:
    return ConversationRenderer.load(student)


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def user(content: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": content}]


@pytest.fixture
def job_content(student: Path, tmp_path: Path) -> dict[str, Any]:
    """A job that learns to answer every word with ``ok``, and pairs that prefer ``ok`` to ``no``."""
    sft = write_rows(tmp_path / "sft.jsonl", [{"messages": user(word), "completion": "ok"} for word in WORDS])
    pairs = [{"messages": user(word), "chosen": "ok", "rejected": "no"} for word in WORDS]
    return {
        "version": 1,
        "runId": "run_test",
        "agent": "king",
        "student": {
            "path": str(student),
            "hash": hashlib.sha256((student / "model.safetensors").read_bytes()).hexdigest(),
        },
        "startFrom": None,
        "dataset": {
            "versionId": "ds_test",
            "sft": str(sft),
            "preferences": str(write_rows(tmp_path / "pairs.jsonl", pairs)),
        },
        "output": str(tmp_path / "checkpoint"),
        "seed": 1,
        "threads": 1,
        "lora": {"rank": 8, "alpha": 16},
        "sft": {"learningRate": 1e-2, "batchSize": 4, "maxSteps": 60, "maxLength": 64},
        "dpo": None,
        "converter": str(CONVERTER),
        "saveEverySteps": 5,
    }


@pytest.fixture
def make_job(job_content: dict[str, Any]) -> Callable[..., Job]:
    def make(**changes: Any) -> Job:
        return job_from({**job_content, **changes})

    return make
