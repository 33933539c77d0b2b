import json
from random import Random

import pytest

from village_trainer.pretraining import reshaping
from village_trainer.pretraining.corpus import (
    ALL_SKILLS,
    COPYING_SKILLS,
    FIRST_SKILLS,
    make_corpus,
    sample_of,
    skills_at,
)
from village_trainer.pretraining.frames import make_frame


def test_one_seed_gives_one_corpus() -> None:
    assert list(make_corpus(5, 200)) == list(make_corpus(5, 200))
    assert list(make_corpus(5, 200)) != list(make_corpus(6, 200))


def test_the_curriculum_goes_from_few_skills_to_all() -> None:
    assert skills_at(0.0) == FIRST_SKILLS
    assert skills_at(0.2) == COPYING_SKILLS
    assert skills_at(0.6) != skills_at(0.9), "the pool of task types changes"
    assert skills_at(0.9) == ALL_SKILLS


@pytest.mark.parametrize("skill", ALL_SKILLS)
def test_every_skill_asks_something_short_and_answers_it(skill: str) -> None:
    rng = Random(skill)

    samples = [sample_of(skill, rng) for _ in range(50)]

    assert all(sample.completion for sample in samples)
    assert all(message["content"] for sample in samples for message in sample.messages)
    assert all("\0" not in sample.completion + sample.messages[-1]["content"] for sample in samples)
    assert max(len(sample.completion) for sample in samples) < 400


def test_json_skills_answer_in_json() -> None:
    rng = Random(1)

    answers = [answer for _ in range(50) for _, answer in (reshaping.rows_to_json(rng), reshaping.list_to_json(rng))]

    assert all(isinstance(json.loads(answer), dict | list) for answer in answers)


def test_a_frame_writes_every_slot_value_that_it_keeps() -> None:
    rng = Random(3)

    for number in range(100):
        frame = make_frame(Random(number))
        text, answer = frame.example(rng)

        assert text
        assert "\0" not in text + answer
