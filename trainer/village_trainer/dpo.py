"""Direct preference optimisation (arXiv 2305.18290) with TRL on the adapter that SFT has trained."""

from __future__ import annotations

from typing import Any

from datasets import Dataset
from transformers import PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer

from village_trainer.job import DpoSettings, Job
from village_trainer.reporting import ReportSteps
from village_trainer.sft import common_arguments, newest_state


class TokenisedDPOTrainer(DPOTrainer):
    """Takes ``prompt_ids``, ``chosen_ids`` and ``rejected_ids`` as they are: serving sees the same ids."""

    def _prepare_dataset(self, dataset: Any, *_args: Any, **_kwargs: Any) -> Any:
        return dataset


def train_preferences(
    model: Any,
    tokenizer: PreTrainedTokenizerFast,
    dataset: Dataset,
    job: Job,
    settings: DpoSettings,
    report: ReportSteps,
) -> Any:
    """Train the adapter in place against a frozen copy of itself, with the sft term in the loss."""
    folder = job.work / "dpo"
    arguments = DPOConfig(
        **common_arguments(job, folder),
        learning_rate=settings.learning_rate,
        per_device_train_batch_size=settings.batch_size,
        max_steps=settings.max_steps,
        warmup_steps=max(1, settings.max_steps // 10),
        beta=settings.beta,
        loss_type=["sigmoid", "sft"],
        loss_weights=[1.0, settings.sft_weight],
        max_length=None,
    )
    trainer = TokenisedDPOTrainer(
        model=model,
        args=arguments,
        train_dataset=dataset,
        processing_class=tokenizer,
        callbacks=[report],
    )
    trainer.train(resume_from_checkpoint=newest_state(folder))
    return trainer.model
