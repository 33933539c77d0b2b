from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from village_trainer.job import JobError, load_job


def write_job(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_a_whole_job_is_read(job_content: dict[str, Any], tmp_path: Path) -> None:
    job = load_job(write_job(tmp_path / "job.json", job_content))

    assert job.run_id == "run_test"
    assert job.partial.name == "checkpoint.partial"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("version", 2, r"\$\.version"),
        ("threads", 0, r"\$\.threads"),
        ("output", "relative/path", r"\$\.output"),
        ("lora", {"rank": 4}, "alpha"),
        ("surprise", 1, "surprise"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    job_content: dict[str, Any], tmp_path: Path, field: str, value: Any, message: str
) -> None:
    path = write_job(tmp_path / "job.json", {**job_content, field: value})

    with pytest.raises(JobError, match=message):
        load_job(path)


def test_a_file_that_is_not_json_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_text('{"version": 1,', encoding="utf-8")

    with pytest.raises(JobError, match="not JSON"):
        load_job(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(JobError, match="nowhere.json cannot be read"):
        load_job(tmp_path / "nowhere.json")
