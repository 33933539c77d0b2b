"""Procedurally made task types: a frame of words with slots in, another frame with the same slots out.

One type is what a fine-tuning task looks like to a small model: words to ignore, spans to find,
a fixed form to write. A pool of types recurs in the corpus (the form is then known by heart); others
occur once, with an example of themselves in the prompt (the form is then read off the example).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from village_trainer.pretraining.copying import Pair
from village_trainer.pretraining.words import (
    ADJECTIVES,
    CONNECTIVES,
    NOUNS,
    VERBS,
    any_word,
    dotted,
    filler,
    identifier,
    number,
    person,
    phrase,
    pseudo_word,
)

SLOT_KINDS: tuple[Callable[[Random], str], ...] = (any_word, identifier, number, person, dotted, phrase, pseudo_word)
TRANSFORMS: tuple[Callable[[str], str], ...] = (
    str,
    str,
    str,
    str,
    str,
    str.upper,
    str.lower,
    lambda text: text.split()[0],
)


@dataclass(frozen=True)
class Slot:
    name: str
    make: Callable[[Random], str]
    transform: Callable[[str], str]


@dataclass(frozen=True)
class Frame:
    """``texts`` are ways to say the same; ``cues`` maps a label to the words that stand for it."""

    slots: tuple[Slot, ...]
    texts: tuple[tuple[str, ...], ...]
    cues: tuple[tuple[str, tuple[str, ...]], ...]
    output: str

    def example(self, rng: Random) -> Pair:
        values = {slot.name: slot.make(rng) for slot in self.slots}
        written = {slot.name: slot.transform(values[slot.name]) for slot in self.slots}
        if self.cues:
            label, words = rng.choice(self.cues)
            values["cue"], written["cue"] = rng.choice(words), label
        text = " ".join(values.get(piece[1:], piece) if piece[0] == "\0" else piece for piece in rng.choice(self.texts))
        answer = self.output
        for name, told in written.items():
            answer = answer.replace(f"\0{name}\0", told)
        return text, answer


def make_frame(rng: Random) -> Frame:
    """A new task type with one to four slots, and labels by cue words in four of ten."""
    names = list(dict.fromkeys(_key(rng) for _ in range(rng.choice((1, 2, 2, 3, 3, 4)))))
    slots = tuple(Slot(name, rng.choice(SLOT_KINDS), rng.choice(TRANSFORMS)) for name in names)
    cues = _make_cues(rng) if rng.random() < 0.4 else ()
    placed = [*names, "cue"] if cues else names
    shared = [_literal(rng) for _ in range(len(placed) + 1)]
    texts = tuple(_make_text(rng, placed, shared) for _ in range(rng.choice((1, 2, 3))))
    return Frame(slots, texts, cues, _make_output(rng, placed))


def known_frame(pool: list[Frame]) -> Callable[[Random], Pair]:
    def sample(rng: Random) -> Pair:
        text, answer = rng.choice(pool).example(rng)
        if rng.random() < 0.25:
            extra = filler(rng, rng.choice((1, 1, 1, 2, 3)))
            text = f"{extra} {text}" if rng.random() < 0.5 else f"{text} {extra}"
        return text, answer

    return sample


def shown_frame(rng: Random) -> Pair:
    """A type never seen before, with one or two examples of it in the prompt."""
    frame = make_frame(rng)
    shown = [frame.example(rng) for _ in range(rng.choice((1, 1, 2)))]
    text, answer = frame.example(rng)
    told = "\n".join(f"{known} => {result}" for known, result in shown)
    return f"{told}\n{text} =>", answer


def _key(rng: Random) -> str:
    return rng.choice(NOUNS) if rng.random() < 0.6 else identifier(rng)


def _literal(rng: Random) -> list[str]:
    pools = (NOUNS, ADJECTIVES, VERBS, CONNECTIVES)
    return [rng.choice(rng.choice(pools)) for _ in range(rng.choice((1, 1, 2, 3)))]


def _make_cues(rng: Random) -> tuple[tuple[str, tuple[str, ...]], ...]:
    labels = list(dict.fromkeys(any_word(rng) for _ in range(rng.choice((2, 3, 4)))))
    return tuple((label, tuple(phrase(rng) for _ in range(rng.choice((1, 2, 3))))) for label in labels)


def _make_text(rng: Random, placed: list[str], shared: list[list[str]]) -> tuple[str, ...]:
    """Literal words around the slots; ways to say the same share some of their words and the slots' order varies."""
    order = placed if rng.random() < 0.6 else rng.sample(placed, len(placed))
    pieces: list[str] = []
    for place, name in enumerate(order):
        pieces += shared[place] if rng.random() < 0.6 else _literal(rng)
        pieces.append(f"\0{name}")
    if rng.random() < 0.5:
        pieces += shared[-1]
    return tuple(pieces)


def _make_output(rng: Random, placed: list[str]) -> str:
    names = rng.sample(placed, len(placed))
    if len(names) > 2 and rng.random() < 0.2:
        names.pop()
    marks = [f"\0{name}\0" for name in names]
    keys = [any_word(rng) if rng.random() < 0.3 else name for name in names]
    shape = rng.randrange(6)
    if shape < 2:
        fields = dict(zip(keys, marks, strict=True))
        return json.dumps(fields, separators=(",", ":")).replace("\\u0000", "\0")
    if shape == 2:
        return rng.choice((" | ", ", ", ";", " ")).join(marks)
    if shape == 3:
        return "\n".join(f"{key}: {mark}" for key, mark in zip(keys, marks, strict=True))
    return _code_like(rng, marks)


def _code_like(rng: Random, marks: list[str]) -> str:
    """Invented keywords, brackets and operators around the slots."""
    pieces: list[str] = []
    for mark in marks:
        word = pseudo_word(rng) if rng.random() < 0.6 else rng.choice(NOUNS)
        word = word.upper() if rng.random() < 0.4 else word
        operators = (" = ", "(", " ", ".", " -> ", " == ", "::", "[", " < ", " => ")
        closers = {"(": ")", "[": "]"}
        operator = rng.choice(operators)
        quote = rng.choice(("", "", '"', "'"))
        pieces.append(f"{word}{operator}{quote}{mark}{quote}{closers.get(operator, '')}")
    ending = rng.choice(("", ";", ";", " }", ")"))
    opening = {" }": "{ ", ")": f"{pseudo_word(rng)}("}.get(ending, "")
    return opening + rng.choice((" ", "; ", ", ", " & ", "\n  ")).join(pieces) + ending
