"""The pretraining corpus: which skills, in which phase of the curriculum, how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from village_trainer.pretraining import copying, frames, reshaping
from village_trainer.pretraining.copying import Pair

Skill = Callable[[Random], Pair]
POOL_SEED = 20_260
POOL_SIZE = 120


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
            copying.neighbour,
            copying.marked_span,
            copying.marked_spans,
            copying.until_mark,
            copying.kind_of_span,
            copying.cue_span,
            reshaping.rows_to_json,
            reshaping.list_to_json,
            reshaping.reorder,
            reshaping.replace,
            reshaping.concatenate,
        )
    },
}
ALL_SKILLS: dict[str, Skill] = {
    **COPYING_SKILLS,
    "known_frame": frames.known_frame([frames.make_frame(Random(POOL_SEED + number)) for number in range(POOL_SIZE)]),
    "shown_frame": frames.shown_frame,
    **{
        skill.__name__: skill
        for skill in (
            copying.capital_text,
            copying.count_items,
            reshaping.json_to_rows,
            reshaping.json_to_json,
            reshaping.reverse_words,
            reshaping.reverse_letters,
            reshaping.spell,
            reshaping.sort_words,
            reshaping.rewrap,
            reshaping.join_words,
            reshaping.regroup_digits,
            reshaping.fill_template,
            reshaping.show_by_examples,
            reshaping.class_by_lists,
            reshaping.same_or_not,
            reshaping.larger,
        )
    },
}
# Task types made by frames are the nearest thing to fine-tuning, so they weigh as much as ten skills each.
WEIGHTS = {"known_frame": 10.0, "shown_frame": 6.0, "cue_span": 2.0, "rows_to_json": 2.0, "look_up_lines": 2.0}
FIRST_PHASE_END = 0.06
COPYING_PHASE_END = 0.35


def skills_at(progress: float) -> dict[str, Skill]:
    """The skills practised at ``progress`` (0 to 1) of the run: few and short first, all at last."""
    if progress < FIRST_PHASE_END:
        return FIRST_SKILLS
    return COPYING_SKILLS if progress < COPYING_PHASE_END else ALL_SKILLS


def make_sample(rng: Random, progress: float = 1.0) -> Sample:
    skills = skills_at(progress)
    name = rng.choices(list(skills), [WEIGHTS.get(name, 1.0) for name in skills])[0]
    return sample_of(name, rng)


def sample_of(skill: str, rng: Random) -> Sample:
    prompt, completion = ALL_SKILLS[skill](rng)
    first_line, _, rest = prompt.partition("\n")
    if rest and rng.random() < 0.1:
        return Sample(skill, (_said("system", first_line), _said("user", rest)), completion)
    return Sample(skill, (_said("user", prompt),), completion)


def make_corpus(seed: int, count: int) -> Iterator[Sample]:
    """``count`` samples over the whole curriculum."""
    rng = Random(seed)
    for index in range(count):
        yield make_sample(rng, index / count)


def _said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}
