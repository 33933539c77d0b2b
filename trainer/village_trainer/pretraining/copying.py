"""Skills that find a span in the prompt and copy it."""

from collections.abc import Callable
from random import Random

from village_trainer.pretraining.words import any_word, filler, identifier, number, person, phrase, pseudo_word, value

Pair = tuple[str, str]
ECHO = ("say", "echo", "repeat", "again")
CAPITALS = ("caps", "upper", "loud")
LOOK_UP = ("look", "get", "find", "key")
MARKS = (("[", "]"), ("<", ">"), ("{", "}"), ("*", "*"), ("(", ")"), ("|", "|"), ("_", "_"), ('"', '"'))


def echo_word(rng: Random) -> Pair:
    word = any_word(rng)
    return f"{rng.choice(ECHO)}: {word}", word


def capital_word(rng: Random) -> Pair:
    word = any_word(rng)
    return f"{rng.choice(CAPITALS)}: {word}", word.upper()


def look_up_short(rng: Random) -> Pair:
    return _look_up(rng, rng.choice((2, 2, 3)), any_word)


def echo_text(rng: Random) -> Pair:
    text = filler(rng, 1) if rng.random() < 0.5 else " ".join(value(rng) for _ in range(rng.randrange(1, 5)))
    return f"{rng.choice(ECHO)}: {text}", text


def echo_inside(rng: Random) -> Pair:
    """The text to repeat stands in the last line, after sentences that do not matter."""
    text = value(rng)
    return f"{filler(rng, rng.choice((1, 2)))}\n{rng.choice(ECHO)}: {text}", text


def capital_text(rng: Random) -> Pair:
    text = phrase(rng)
    shape = rng.randrange(3)
    if shape == 0:
        return f"{rng.choice(CAPITALS)}: {text}", text.upper()
    if shape == 1:
        return f"small: {text.title()}", text.lower()
    return f"title: {text}", text.title()


def look_up(rng: Random) -> Pair:
    return _look_up(rng, rng.randrange(3, 7), value)


def look_up_lines(rng: Random) -> Pair:
    """Key-value lines, between sentences, asked for by one key or by several."""
    rows = _rows(rng, rng.randrange(3, 6))
    asked = rng.sample(rows, rng.choice((1, 1, 2)))
    before = filler(rng, rng.choice((0, 0, 1)))
    lines = "\n".join(f"{key}{rng.choice((': ', ' = ', ' -> '))}{text}" for key, text in rows)
    wish = f"{rng.choice(LOOK_UP)}: {', '.join(key for key, _ in asked)}"
    answer = "; ".join(text for _, text in asked)
    if rng.random() < 0.5:
        return f"{before}\n{lines}\n{wish}".strip(), answer
    return f"{wish}\n{before}\n{lines}".strip(), answer


def pick_item(rng: Random) -> Pair:
    items = [value(rng) for _ in range(rng.randrange(2, 7))]
    place = rng.randrange(len(items))
    glue = rng.choice((", ", "; ", " | ", "\n"))
    return f"pick {place + 1}: {glue.join(items)}", items[place]


def edge_item(rng: Random) -> Pair:
    words = [any_word(rng) for _ in range(rng.randrange(2, 8))]
    if rng.random() < 0.5:
        return f"head: {' '.join(words)}", words[0]
    return f"tail: {' '.join(words)}", words[-1]


def marked_span(rng: Random) -> Pair:
    """A span between marks somewhere in running text."""
    text, (left, right) = value(rng), rng.choice(MARKS)
    host = filler(rng, rng.choice((1, 2))).split(" ")
    host.insert(rng.randrange(len(host) + 1), f"{left}{text}{right}")
    return f"span {left}{right}: {' '.join(host)}", text


def marked_spans(rng: Random) -> Pair:
    left, right = rng.choice(MARKS[:5])
    spans = [value(rng) for _ in range(rng.choice((2, 3)))]
    text = " ".join(f"{filler(rng, 1)[:-1]} {left}{span}{right}" for span in spans)
    return f"spans {left}{right}: {text}", " / ".join(spans)


def until_mark(rng: Random) -> Pair:
    """What stands before, after or between two marks of a line."""
    parts, glue = [phrase(rng) for _ in range(3)], rng.choice((" - ", "; ", " | ", ", ", " => "))
    place = rng.randrange(3)
    return f"{('left', 'middle', 'right')[place]}: {glue.join(parts)}", parts[place]


def kind_of_span(rng: Random) -> Pair:
    """The one number, capitalised name, quoted text or code of a sentence."""
    spans = {"num": number(rng), "who": person(rng), "code": f"{pseudo_word(rng, 1).upper()}-{rng.randrange(10_000)}"}
    order = rng.sample(list(spans), rng.choice((2, 3)))
    lower = [any_word(rng).lower() for _ in range(rng.randrange(6, 14))]
    for kind in order:
        lower.insert(rng.randrange(len(lower) + 1), spans[kind])
    wanted = rng.sample(order, rng.choice((1, 1, 2)))
    return f"{' '.join(lower)}\n{'+'.join(wanted)}?", " ".join(spans[kind] for kind in wanted)


def cue_span(rng: Random) -> Pair:
    """What follows a cue word inside running text, up to the end of its sentence."""
    cues = [pseudo_word(rng, 2) for _ in range(3)]
    texts = [phrase(rng) if rng.random() < 0.6 else value(rng) for _ in cues]
    verbs = [rng.choice(("is", "was", "has", "wants", "of", "at")) for _ in cues]
    told = [f"{cue} {verb} {text}." for cue, verb, text in zip(cues, verbs, texts, strict=True)]
    told.insert(rng.randrange(4), filler(rng, rng.choice((1, 1, 1, 2, 4))))
    wanted = rng.randrange(3)
    ask = rng.choice((f"{verbs[wanted]} {cues[wanted]}?", f"{cues[wanted]} {verbs[wanted]} what", cues[wanted]))
    return f"{' '.join(told)}\n{ask}", texts[wanted]


def _rows(rng: Random, count: int) -> list[tuple[str, str]]:
    keys = list(dict.fromkeys(identifier(rng) if rng.random() < 0.3 else any_word(rng) for _ in range(count)))
    return [(key, value(rng)) for key in keys] if len(keys) > 1 else _rows(rng, count + 1)


def _look_up(rng: Random, count: int, make: Callable[[Random], str]) -> Pair:
    keys = list(dict.fromkeys(any_word(rng) for _ in range(count)))
    rows = [(key, make(rng)) for key in keys]
    key, text = rng.choice(rows)
    sign = rng.choice(("=", ":", " ", " is "))
    told = rng.choice((", ", "; ", "\n")).join(f"{name}{sign}{told}" for name, told in rows)
    if rng.random() < 0.5:
        return f"{rng.choice(LOOK_UP)} {key} from {told}", text
    return f"{told}\n{rng.choice(LOOK_UP)} {key}", text
