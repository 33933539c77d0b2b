from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from peft import PeftModel
from safetensors.numpy import load_file
from transformers import AutoModelForCausalLM

from village_trainer.job import Job, JobError, read_schema
from village_trainer.progress import Progress
from village_trainer.train import run_job

DPO = {"learningRate": 1e-3, "beta": 0.1, "batchSize": 4, "maxSteps": 10, "sftWeight": 1.0}


def run(job: Job) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    stream = StringIO()
    manifest = run_job(job, Progress(stream))
    return manifest, [json.loads(line) for line in stream.getvalue().splitlines()]


def losses(events: list[dict[str, Any]], phase: str) -> list[float]:
    return [event["metrics"]["loss"] for event in events if event["event"] == "step" and event["phase"] == phase]


def test_supervised_training_lowers_the_loss_and_makes_a_checkpoint_that_loads(make_job: Callable[..., Job]) -> None:
    job = make_job()

    manifest, events = run(job)

    curve = losses(events, "sft")
    assert curve[-1] < curve[0] * 0.7
    assert {path.name for path in job.output.iterdir()} >= {
        "adapter_model.safetensors",
        "adapter.gguf",
        "manifest.json",
    }
    assert not job.work.exists()
    assert not job.partial.exists()
    Draft202012Validator(read_schema("manifest")).validate(manifest)
    base = AutoModelForCausalLM.from_pretrained(job.student)
    PeftModel.from_pretrained(base, str(job.output))


def test_every_event_fits_the_schema(make_job: Callable[..., Job]) -> None:
    _, events = run(make_job(dpo=DPO))

    validator = Draft202012Validator(read_schema("progress"))
    for event in events:
        validator.validate(event)
    assert {event["phase"] for event in events if event["event"] == "phase"} == {
        "loading",
        "sft",
        "dpo",
        "saving",
        "converting",
    }


def test_preferences_raise_the_margin_between_chosen_and_rejected(make_job: Callable[..., Job]) -> None:
    _, events = run(make_job(dpo=DPO))

    margins = [
        event["metrics"]["rewardsMargin"] for event in events if event.get("phase") == "dpo" and "metrics" in event
    ]
    assert margins[-1] > margins[0]
    assert margins[-1] > 0


def test_the_same_job_gives_the_same_weights(make_job: Callable[..., Job], tmp_path: Path) -> None:
    run(make_job(output=str(tmp_path / "first")))
    run(make_job(output=str(tmp_path / "second")))

    for name in ("adapter_model.safetensors", "adapter.gguf"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_training_goes_on_from_an_earlier_checkpoint(make_job: Callable[..., Job], tmp_path: Path) -> None:
    before = make_job()
    _, first = run(before)

    _, events = run(make_job(startFrom=str(before.output), output=str(tmp_path / "next"), runId="run_next"))

    assert losses(events, "sft")[0] < losses(first, "sft")[0] * 0.7


def test_a_finished_job_is_not_done_again(make_job: Callable[..., Job]) -> None:
    job = make_job()
    manifest, _ = run(job)

    again, events = run(job)

    assert again == manifest
    assert [event["event"] for event in events] == ["started"]


def test_weights_other_than_the_job_names_are_refused(make_job: Callable[..., Job], student: Path) -> None:
    job = make_job(student={"path": str(student), "hash": "0" * 64})

    with pytest.raises(JobError, match="the job names 0000"):
        run(job)


def test_examples_that_are_too_long_are_left_out_and_none_left_is_an_error(make_job: Callable[..., Job]) -> None:
    job = make_job(sft={"learningRate": 1e-2, "batchSize": 4, "maxSteps": 5, "maxLength": 8})

    with pytest.raises(JobError, match="no example of at most 8 tokens"):
        run(job)


def start(job_content: dict[str, Any], tmp_path: Path) -> subprocess.Popen[str]:
    path = tmp_path / "job.json"
    path.write_text(json.dumps(job_content), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "village_trainer", "train", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parents[1],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def events_until(process: subprocess.Popen[str], wanted: Callable[[dict[str, Any]], bool]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if wanted(json.loads(line)):
            return
    raise AssertionError("the trainer ended before the event came")


def test_a_killed_run_goes_on_where_it_had_saved_and_ends_like_an_unbroken_one(
    job_content: dict[str, Any], make_job: Callable[..., Job], tmp_path: Path
) -> None:
    long = {"learningRate": 1e-2, "batchSize": 4, "maxSteps": 400, "maxLength": 64}
    process = start({**job_content, "sft": long}, tmp_path)
    events_until(process, lambda event: event["event"] == "step" and event["step"] >= 12)
    process.kill()
    process.wait()
    short = {**long, "maxSteps": 400}

    _, events = run(make_job(sft=short))
    run(make_job(sft=short, output=str(tmp_path / "unbroken")))

    assert events[0]["event"] == "started"
    assert events[0]["resumedFromStep"] >= 10
    resumed = load_file(tmp_path / "checkpoint" / "adapter_model.safetensors")
    unbroken = load_file(tmp_path / "unbroken" / "adapter_model.safetensors")
    assert all(abs(resumed[name] - unbroken[name]).max() < 1e-4 for name in unbroken)


def test_a_cancelled_run_leaves_nothing_behind(job_content: dict[str, Any], tmp_path: Path) -> None:
    long = {"learningRate": 1e-2, "batchSize": 4, "maxSteps": 100_000, "maxLength": 64}
    process = start({**job_content, "sft": long}, tmp_path)
    events_until(process, lambda event: event["event"] == "step")

    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert json.loads(rest.splitlines()[-1])["event"] == "cancelled"
    assert not list(tmp_path.glob("checkpoint*"))


def test_an_output_that_cannot_be_written_is_a_failure_with_its_reason(
    job_content: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    process = start({**job_content, "output": str(tmp_path / "file" / "checkpoint")}, tmp_path)

    out, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    last = json.loads(out.splitlines()[-1])
    assert last["event"] == "failed"
    assert "NotADirectoryError" in last["reason"]
