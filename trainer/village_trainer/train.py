"""One training run from a job to a checkpoint folder: SFT, then DPO when there are pairs, then GGUF."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel

from village_trainer.converting import convert_adapter
from village_trainer.dpo import train_preferences
from village_trainer.job import Job
from village_trainer.memory import keep_freed_memory
from village_trainer.progress import Progress
from village_trainer.rendering import ConversationRenderer
from village_trainer.reporting import ReportSteps
from village_trainer.rows import preference_dataset, supervised_dataset
from village_trainer.sft import steps_done, train_supervised
from village_trainer.student import check_student, load_model, load_tokenizer


@dataclass
class Timings:
    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.monotonic)

    def took(self, phase: str) -> None:
        now = time.monotonic()
        self.seconds[phase] = round(now - self._since, 2)
        self._since = now


def run_job(job: Job, progress: Progress) -> dict[str, Any]:
    """Carry out the job and return its manifest; a job whose output is there already is only read."""
    manifest_path = job.output / "manifest.json"
    if manifest_path.is_file():
        progress.emit("started", runId=job.run_id, resumedFromStep=0)
        return json.loads(manifest_path.read_text(encoding="utf-8"))
    resumed_from = prepare_work_folder(job)
    progress.emit("started", runId=job.run_id, resumedFromStep=resumed_from)
    progress.phase("loading")
    timings = Timings()
    make_repeatable(job)
    check_student(job)
    renderer = ConversationRenderer.load(job.student)
    tokenizer = load_tokenizer(job.student)
    supervised = supervised_dataset(job.sft_rows, renderer, job.sft.max_length)
    trained = job.work / "sft-trained"
    model = load_model(job if not trained.is_dir() else going_on_from(job, trained))
    timings.took("loading")

    final: dict[str, float] = {}
    if not trained.is_dir():
        progress.phase("sft")
        report = ReportSteps("sft", progress)
        model = train_supervised(model, tokenizer, supervised, job, report)
        save_whole(model, trained)
        final |= {f"sft.{name}": value for name, value in report.last.items()}
    timings.took("sft")
    dpo_steps = 0
    if job.dpo is not None and job.preference_rows is not None:
        progress.phase("dpo")
        pairs = preference_dataset(job.preference_rows, renderer, job.sft.max_length)
        report = ReportSteps("dpo", progress)
        model = train_preferences(model, tokenizer, pairs, job, job.dpo, report)
        dpo_steps = job.dpo.max_steps
        final |= {f"dpo.{name}": value for name, value in report.last.items()}
    timings.took("dpo")

    progress.phase("saving")
    shutil.rmtree(job.partial, ignore_errors=True)
    save_adapter(model, job.partial)
    progress.phase("converting")
    gguf = job.partial / "adapter.gguf"
    convert_adapter(job.partial, job.student, job.converter, gguf)
    timings.took("converting")
    manifest = {
        "version": 1,
        "runId": job.run_id,
        "agent": job.agent,
        "studentHash": job.student_hash,
        "datasetVersionId": job.dataset_version_id,
        "adapterSha256": hashlib.sha256(gguf.read_bytes()).hexdigest(),
        "createdAt": datetime.now(UTC).isoformat(timespec="seconds"),
        "steps": {"sft": job.sft.max_steps, "dpo": dpo_steps},
        "seconds": timings.seconds,
        "finalMetrics": final,
    }
    (job.partial / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    put_in_place(job.partial, job.output)
    shutil.rmtree(job.work, ignore_errors=True)
    return manifest


def prepare_work_folder(job: Job) -> int:
    """Keep the states of this very run, drop those of another; return the step to go on from."""
    owner = job.work / "run-id"
    if owner.is_file() and owner.read_text(encoding="utf-8") == job.run_id:
        return max(steps_done(job.work / "sft"), steps_done(job.work / "dpo"))
    shutil.rmtree(job.work, ignore_errors=True)
    job.work.mkdir(parents=True)
    owner.write_text(job.run_id, encoding="utf-8")
    return 0


def make_repeatable(job: Job) -> None:
    keep_freed_memory()
    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    random.seed(job.seed)


def going_on_from(job: Job, adapter: Path) -> Job:
    return Job(**{**vars(job), "start_from": adapter})


def save_adapter(model: Any, folder: Path) -> None:
    if not isinstance(model, PeftModel):
        raise TypeError(f"the trained model is no PeftModel but {type(model).__name__}")
    model.save_pretrained(str(folder), selected_adapters=["default"])


def save_whole(model: Any, folder: Path) -> None:
    """Whole or not at all: a folder of this name is taken as finished after a crash."""
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    save_adapter(model, partial)
    partial.rename(folder)


def put_in_place(partial: Path, output: Path) -> None:
    """Flush every file to the disk, then give the folder its name in one step."""
    for path in [*partial.rglob("*"), partial]:
        if path.is_symlink():
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    partial.rename(output)
