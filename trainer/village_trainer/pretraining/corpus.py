"""The pretraining corpus: which skills, in which phase of the curriculum, how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from village_trainer.pretraining import copying, frames, reshaping
from village_trainer.pretraining.copying import Pair
from village_trainer.pretraining.words import NarrowRandom

Skill = Callable[[Random], Pair]
POOL_SEED = 20_260
POOL_SIZE = 32


@dataclass(frozen=True)
class Sample:
    skill: str
    messages: tuple[dict[str, str], ...]
    completion: str


FIRST_SKILLS: dict[str, Skill] = {
    "echo_word": copying.echo_word,
    "capital_word": copying.capital_word,
    "look_up_short": copying.look_up_short,
}
COPYING_SKILLS: dict[str, Skill] = {
    **FIRST_SKILLS,
    **{
        skill.__name__: skill
        for skill in (
            copying.echo_text,
            copying.echo_inside,
            copying.look_up,
            copying.look_up_lines,
            copying.pick_item,
            copying.edge_item,
            copying.marked_span,
            copying.marked_spans,
            copying.until_mark,
            reshaping.rows_to_json,
            reshaping.list_to_json,
        )
    },
}
SELECTING_SKILLS: dict[str, Skill] = {
    **COPYING_SKILLS,
    "shown_frame": frames.shown_frame,
    **{
        skill.__name__: skill
        for skill in (
            copying.cue_span,
            copying.kind_of_span,
            copying.capital_text,
            reshaping.reorder,
            reshaping.rewrap,
            reshaping.join_words,
            reshaping.fill_template,
            reshaping.class_by_lists,
        )
    },
}


@dataclass(frozen=True)
class Phase:
    """``end`` is the share of the run at which the next phase begins."""

    end: float
    skills: dict[str, Skill]


def _with_known_frames(pool: int) -> dict[str, Skill]:
    made = [frames.make_frame(Random(POOL_SEED + pool * POOL_SIZE + number)) for number in range(POOL_SIZE)]
    return {**SELECTING_SKILLS, "known_frame": frames.known_frame(made)}


# Copying takes half the run, because everything else stands on it. The pool of task types changes twice:
# learning new ones is what the student is for.
CURRICULUM = (
    Phase(0.05, FIRST_SKILLS),
    Phase(0.5, COPYING_SKILLS),
    *(Phase(end, _with_known_frames(pool)) for pool, end in enumerate((0.68, 0.84, 1.0))),
)
ALL_SKILLS = CURRICULUM[-1].skills
# Task types made by frames are the nearest thing to fine-tuning.
WEIGHTS = {"known_frame": 6.0, "look_up": 2.0, "look_up_lines": 2.0, "rows_to_json": 2.0, "cue_span": 2.0}
# The second stage goes on from the weights of the first: selecting above all, among values that resemble each other.
SECOND_STAGE = (Phase(0.5, _with_known_frames(3)), Phase(1.0, _with_known_frames(4)))
SECOND_WEIGHTS = {
    "known_frame": 6.0,
    "look_up": 3.0,
    "look_up_lines": 4.0,
    "cue_span": 4.0,
    "rows_to_json": 3.0,
    "kind_of_span": 2.0,
    "echo_text": 2.0,
    "fill_template": 2.0,
    "echo_word": 0.2,
    "capital_word": 0.2,
    "class_by_lists": 0.5,
}
NARROW_SHARE = 0.4


def skills_at(progress: float, curriculum: tuple[Phase, ...] = CURRICULUM) -> dict[str, Skill]:
    """The skills practised at ``progress`` (0 to 1) of the run: few and short first, all at last."""
    return next((phase.skills for phase in curriculum if progress < phase.end), curriculum[-1].skills)


def make_sample(rng: Random, progress: float = 1.0) -> Sample:
    """A sample of the first stage."""
    skills = skills_at(progress)
    name = rng.choices(list(skills), [WEIGHTS.get(name, 1.0) for name in skills])[0]
    return _sample_of(name, skills[name], rng)


def make_second_sample(rng: Random, progress: float = 1.0) -> Sample:
    """A sample of the second stage."""
    skills = skills_at(progress, SECOND_STAGE)
    name = rng.choices(list(skills), [SECOND_WEIGHTS.get(name, 1.0) for name in skills])[0]
    if rng.random() >= NARROW_SHARE:
        return _sample_of(name, skills[name], rng)
    narrow = NarrowRandom(rng.random())
    narrow.narrow()
    return _sample_of(name, skills[name], narrow)


def sample_of(skill: str, rng: Random) -> Sample:
    return _sample_of(skill, ALL_SKILLS[skill], rng)


def _sample_of(skill: str, make: Skill, rng: Random) -> Sample:
    prompt, completion = make(rng)
    first_line, _, rest = prompt.partition("\n")
    if rest and rng.random() < 0.1:
        return Sample(skill, (_said("system", first_line), _said("user", rest)), completion)
    return Sample(skill, (_said("user", prompt),), completion)


def make_corpus(seed: int, count: int) -> Iterator[Sample]:
    """``count`` samples over both stages."""
    rng = Random(seed)
    for index in range(count):
        progress = index / count
        yield make_sample(rng, progress) if index % 2 == 0 else make_second_sample(rng, progress)


def _said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
