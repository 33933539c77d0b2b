"""Turns what the trainers log into the events and names of the contract."""

from __future__ import annotations

import time
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from village_trainer.progress import Progress

# Names of Transformers and TRL to names of the contract.
METRIC_NAMES = {
    "loss": "loss",
    "learning_rate": "learningRate",
    "grad_norm": "gradNorm",
    "entropy": "entropy",
    "mean_token_accuracy": "tokenAccuracy",
    "rewards/chosen": "rewardsChosen",
    "rewards/rejected": "rewardsRejected",
    "rewards/margins": "rewardsMargin",
    "rewards/accuracies": "rewardsAccuracy",
    "logps/chosen": "logpsChosen",
    "logps/rejected": "logpsRejected",
}
LOSS_OF_NO_PREFERENCE = 0.693


class ReportSteps(TrainerCallback):
    """Sends every log of one phase on, and DPO's alarms as warnings, each once."""

    def __init__(self, phase: str, progress: Progress) -> None:
        self._phase = phase
        self._progress = progress
        self._began = time.monotonic()
        self._warned: set[str] = set()
        self.last: dict[str, float] = {}

    def on_log(
        self,
        args: TrainingArguments,  # noqa: ARG002 # the callback gets it by position
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        logs: dict[str, Any] | None = None,
        **kwargs: Any,  # noqa: ARG002
    ) -> None:
        metrics = {ours: float(logs[theirs]) for theirs, ours in METRIC_NAMES.items() if logs and theirs in logs}
        if not metrics:
            return
        self.last = metrics
        seconds = time.monotonic() - self._began
        tokens = state.num_input_tokens_seen
        if tokens and seconds > 0:
            metrics = {**metrics, "tokensPerSecond": tokens / seconds}
        self._progress.step(self._phase, state.global_step, state.max_steps, metrics)
        if self._phase == "dpo":
            self._raise_alarms(metrics, state)

    def _raise_alarms(self, metrics: dict[str, float], state: TrainerState) -> None:
        halfway = state.global_step * 2 >= state.max_steps
        if halfway and metrics.get("rewardsChosen", 0.0) < 0:
            self._warn("DPO lowers the chosen answers' own likelihood (rewards/chosen is negative)")
        if halfway and abs(metrics.get("loss", 0.0) - LOSS_OF_NO_PREFERENCE) < 0.001:
            self._warn("DPO's loss stays at 0.693: nothing is being learnt")

    def _warn(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            self._progress.warning(message)
