"""Loading the student and the adapter that is trained on it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from village_trainer.job import Job, JobError
from village_trainer.precision import fastest_attention
from village_trainer.rendering import END_TOKEN, PAD_TOKEN


def check_student(job: Job) -> None:
    """Raise ``JobError`` when the folder does not hold the weights that the job names."""
    weights = job.student / "model.safetensors"
    if not weights.is_file():
        raise JobError(f"there is no student at {job.student}: model.safetensors is missing")
    found = hashlib.sha256(weights.read_bytes()).hexdigest()
    if found != job.student_hash:
        raise JobError(f"the student at {job.student} has hash {found}, the job names {job.student_hash}")


def load_tokenizer(student: Path) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_file=str(student / "tokenizer.json"), eos_token=END_TOKEN, pad_token=PAD_TOKEN
    )


def load_model(job: Job) -> Any:
    """The student in 32-bit floats with a trainable adapter: a new one, or the one to go on from."""
    base = AutoModelForCausalLM.from_pretrained(
        job.student,
        dtype=torch.float32,
        local_files_only=True,
        attn_implementation="sdpa" if torch.cuda.is_available() else fastest_attention(),
    )
    if job.start_from is not None:
        if not (job.start_from / "adapter_config.json").is_file():
            raise JobError(f"there is no adapter to start from at {job.start_from}")
        return PeftModel.from_pretrained(base, str(job.start_from), is_trainable=True)
    config = LoraConfig(
        r=job.lora_rank,
        lora_alpha=job.lora_alpha,
        target_modules="all-linear",
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
    )
    return get_peft_model(base, config)
