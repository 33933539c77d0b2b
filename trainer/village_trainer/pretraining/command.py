"""The commands that make the tiny student and show what it was made from."""

from __future__ import annotations

import argparse
import json
import shlex
import time
from pathlib import Path


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    pretrain = commands.add_parser("pretrain", help="make the tiny student from nothing")
    pretrain.add_argument("--out", type=Path, required=True)
    pretrain.add_argument("--converter", type=Path, required=True, help="folder made by the converter command")
    pretrain.add_argument("--seed", type=int, default=1)
    length = pretrain.add_mutually_exclusive_group(required=True)
    length.add_argument("--seconds", type=float)
    length.add_argument("--steps", type=int, help="repeats a run whose number of steps is known")
    pretrain.add_argument("--continue-from", type=Path, help="a first stage: makes the second stage from its weights")
    pretrain.set_defaults(run=pretrain_command)

    corpus = commands.add_parser("corpus", help="print samples of the pretraining corpus as JSON lines")
    corpus.add_argument("--seed", type=int, default=1)
    corpus.add_argument("--count", type=int, default=1000)
    corpus.set_defaults(run=corpus_command)


def pretrain_command(options: argparse.Namespace) -> int:
    """Train, measure, and write the student's folder."""
    # PyTorch takes seconds to import, which the other commands need not wait for.
    from village_trainer.pretraining.pretrain import PretrainingPlan, load_pretrained, pretrain  # noqa: PLC0415
    from village_trainer.pretraining.student_folder import Provenance, write_student  # noqa: PLC0415

    work = options.out.with_name(f"{options.out.name}.work")
    began = time.monotonic()
    before = options.continue_from
    plan = PretrainingPlan(
        seed=options.seed,
        steps=options.steps,
        seconds=options.seconds,
        continue_from=None if before is None else str(before),
    )
    steps = pretrain(plan, work)
    spent = time.monotonic() - began
    told = ["pretrain", "--out", "students/tiny", "--seed", str(options.seed), "--steps", str(steps)]
    if before is not None:
        told += ["--continue-from", "FIRST_STAGE"]
    command = shlex.join(["python", "-m", "village_trainer", *told, "--converter", "CONVERTER"])
    first_stage = "" if before is None else (before / "STUDENT.md").read_text(encoding="utf-8")
    provenance = Provenance(command, options.seed, steps, spent, first_stage)
    accuracies = write_student(load_pretrained(work), options.out, options.converter, provenance)
    print(json.dumps(accuracies, indent=1))
    return 0


def corpus_command(options: argparse.Namespace) -> int:
    """One JSON object per sample: skill, messages, completion."""
    from village_trainer.pretraining.corpus import make_corpus  # noqa: PLC0415

    for sample in make_corpus(options.seed, options.count):
        row = {"skill": sample.skill, "messages": sample.messages, "completion": sample.completion}
        print(json.dumps(row, ensure_ascii=False))
    return 0
