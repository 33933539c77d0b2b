"""Supervised fine-tuning with TRL on rows that are cut into tokens already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import PreTrainedTokenizerFast
from transformers.trainer_utils import get_last_checkpoint
from trl import SFTConfig, SFTTrainer

from village_trainer.job import Job
from village_trainer.precision import multiplies_bfloat16
from village_trainer.reporting import ReportSteps


def common_arguments(job: Job, folder: Path) -> dict[str, Any]:
    """What SFT and DPO have in common."""
    return {
        "output_dir": str(folder),
        "seed": job.seed,
        "data_seed": job.seed,
        "lr_scheduler_type": "cosine",
        "max_grad_norm": 1.0,
        "optim": "adamw_torch",
        "bf16": torch.cuda.is_available(),
        "use_cpu": not torch.cuda.is_available(),
        "gradient_checkpointing": False,
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": False,
        "logging_steps": 5,
        "logging_first_step": True,
        "include_num_input_tokens_seen": "all",
        "save_strategy": "steps",
        "save_steps": job.save_every_steps,
        "save_total_limit": 1,
        "report_to": "none",
        "disable_tqdm": True,
    }


def train_supervised(
    model: Any, tokenizer: PreTrainedTokenizerFast, dataset: Dataset, job: Job, report: ReportSteps
) -> Any:
    """Train the adapter in place and return the model. Goes on from the newest state in the work folder."""
    folder = job.work / "sft"
    common = common_arguments(job, folder)
    arguments = SFTConfig(
        **{**common, "bf16": common["bf16"] or multiplies_bfloat16()},
        learning_rate=job.sft.learning_rate,
        per_device_train_batch_size=job.sft.batch_size,
        max_steps=job.sft.max_steps,
        warmup_steps=max(1, job.sft.max_steps // 20),
        # Batches of like length would be batches of one kind of task, which undo each other's steps.
        train_sampling_strategy="random",
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
    )
    trainer = SFTTrainer(
        model=model,
        args=arguments,
        train_dataset=dataset,
        processing_class=tokenizer,
        callbacks=[report],
    )
    trainer.train(resume_from_checkpoint=newest_state(folder))
    return trainer.model


def newest_state(folder: Path) -> str | None:
    return get_last_checkpoint(str(folder)) if folder.is_dir() else None


def steps_done(folder: Path) -> int:
    state = newest_state(folder)
    return 0 if state is None else int(state.rsplit("-", 1)[1])
