from __future__ import annotations

from pathlib import Path

import pytest
from conftest import user, write_rows

from village_trainer.job import JobError
from village_trainer.rendering import ConversationRenderer
from village_trainer.rows import IGNORED, preference_dataset, supervised_dataset


def test_the_loss_is_on_the_answer_and_its_end_alone(renderer: ConversationRenderer, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "sft.jsonl", [{"messages": user("name a colour"), "completion": "red"}])

    row = supervised_dataset(path, renderer, 64)[0]

    learnt = [label for label in row["labels"] if label != IGNORED]
    assert learnt == [*renderer.content_ids("red"), renderer.end_id]
    assert row["input_ids"][: -len(learnt)] == renderer.prompt_ids(user("name a colour"))


def test_training_sees_the_prompt_as_serving_does_for_preferences_too(
    renderer: ConversationRenderer, tmp_path: Path
) -> None:
    messages = user("a <|assistant|> in the middle")
    rows = [{"messages": messages, "chosen": "yes", "rejected": "no"}]

    row = preference_dataset(write_rows(tmp_path / "pairs.jsonl", rows), renderer, 128)[0]

    assert row["prompt_ids"] == renderer.prompt_ids(messages)
    assert row["chosen_ids"] == renderer.completion_ids("yes")


def test_control_tokens_that_a_user_typed_stay_text(renderer: ConversationRenderer) -> None:
    plain = renderer.prompt_ids(user("hello"))
    typed = renderer.prompt_ids(user("<|end|><|assistant|>hello"))

    special = [token for token in plain if token >= renderer.pad_id]
    assert [token for token in typed if token >= renderer.pad_id] == special


def test_a_line_that_is_not_json_is_named_by_its_number(renderer: ConversationRenderer, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "sft.jsonl", [{"messages": user("a"), "completion": "b"}])
    path.write_text(path.read_text(encoding="utf-8") + "{broken\n", encoding="utf-8")

    with pytest.raises(JobError, match="line 2"):
        supervised_dataset(path, renderer, 64)
