"""The job file: what to train, on what, and where to put it. Checked against schema/job.schema.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA_FOLDER = Path(__file__).parent.parent / "schema"


class JobError(Exception):
    """The job cannot be carried out as it stands; the message says which field is wrong."""


@dataclass(frozen=True)
class SftSettings:
    learning_rate: float
    batch_size: int
    max_steps: int
    max_length: int


@dataclass(frozen=True)
class DpoSettings:
    learning_rate: float
    beta: float
    batch_size: int
    max_steps: int
    sft_weight: float


@dataclass(frozen=True)
class Job:
    run_id: str
    agent: str
    student: Path
    student_hash: str
    start_from: Path | None
    dataset_version_id: str
    sft_rows: Path
    preference_rows: Path | None
    output: Path
    seed: int
    threads: int
    lora_rank: int
    lora_alpha: int
    sft: SftSettings
    dpo: DpoSettings | None
    converter: Path
    save_every_steps: int

    @property
    def work(self) -> Path:
        """Trainer states to resume from; removed when the run is done."""
        return self.output.with_name(self.output.name + ".work")

    @property
    def partial(self) -> Path:
        """The checkpoint folder while it is being written."""
        return self.output.with_name(self.output.name + ".partial")


def read_schema(name: str) -> dict[str, Any]:
    return json.loads((SCHEMA_FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))


def load_job(path: Path) -> Job:
    """Read and check a job file. Raises ``JobError`` with the place of the first mistake."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise JobError(f"the job file {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise JobError(f"the job file {path} is not JSON: {error}") from error
    problem = next(iter(Draft202012Validator(read_schema("job")).iter_errors(content)), None)
    if problem is not None:
        raise JobError(f"the job's {problem.json_path} is wrong: {problem.message}")
    return job_from(content)


def job_from(content: dict[str, Any]) -> Job:
    sft, dpo, dataset = content["sft"], content["dpo"], content["dataset"]
    return Job(
        run_id=content["runId"],
        agent=content["agent"],
        student=Path(content["student"]["path"]),
        student_hash=content["student"]["hash"],
        start_from=None if content["startFrom"] is None else Path(content["startFrom"]),
        dataset_version_id=dataset["versionId"],
        sft_rows=Path(dataset["sft"]),
        preference_rows=None if dataset["preferences"] is None else Path(dataset["preferences"]),
        output=Path(content["output"]),
        seed=content["seed"],
        threads=content["threads"],
        lora_rank=content["lora"]["rank"],
        lora_alpha=content["lora"]["alpha"],
        sft=SftSettings(sft["learningRate"], sft["batchSize"], sft["maxSteps"], sft["maxLength"]),
        dpo=None
        if dpo is None
        else DpoSettings(dpo["learningRate"], dpo["beta"], dpo["batchSize"], dpo["maxSteps"], dpo["sftWeight"]),
        converter=Path(content["converter"]),
        save_every_steps=content["saveEverySteps"],
    )
