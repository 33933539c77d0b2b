"""The dataset's rows as token ids, cut from text by the rule that serving follows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datasets import Dataset

from village_trainer.job import JobError
from village_trainer.rendering import ConversationRenderer

IGNORED = -100


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """One object per line. Raises ``JobError`` with the number of a line that is not JSON."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise JobError(f"the dataset {path} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield json.loads(line)
        except ValueError as error:
            raise JobError(f"{path} line {number} is not JSON: {error}") from error


def supervised_dataset(path: Path, renderer: ConversationRenderer, max_length: int) -> Dataset:
    """``input_ids`` and ``labels`` of shape (tokens,): the loss is on the answer and its end alone."""
    rows: list[dict[str, Any]] = []
    for row in read_rows(path):
        prompt = renderer.prompt_ids(row["messages"])
        answer = renderer.completion_ids(row["completion"])
        if len(prompt) + len(answer) > max_length:
            continue
        ids = prompt + answer
        rows.append({"input_ids": ids, "labels": [IGNORED] * len(prompt) + answer})
    return _dataset_of(rows, path, max_length)


def preference_dataset(path: Path, renderer: ConversationRenderer, max_length: int) -> Dataset:
    """``prompt_ids``, ``chosen_ids`` and ``rejected_ids``, each of shape (tokens,)."""
    rows: list[dict[str, Any]] = []
    for row in read_rows(path):
        prompt = renderer.prompt_ids(row["messages"])
        chosen = renderer.completion_ids(row["chosen"])
        rejected = renderer.completion_ids(row["rejected"])
        if len(prompt) + max(len(chosen), len(rejected)) <= max_length:
            rows.append({"prompt_ids": prompt, "chosen_ids": chosen, "rejected_ids": rejected})
    return _dataset_of(rows, path, max_length)


def _dataset_of(rows: list[dict[str, Any]], path: Path, max_length: int) -> Dataset:
    if not rows:
        raise JobError(f"{path} holds no example of at most {max_length} tokens")
    return Dataset.from_list(rows)
