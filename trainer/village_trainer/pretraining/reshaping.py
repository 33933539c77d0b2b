"""Skills that write what was found in another form: JSON, lists, order, templates, shown patterns."""

import json
from random import Random

from village_trainer.pretraining.copying import Pair, _rows
from village_trainer.pretraining.words import ALL_WORDS, any_word, filler, identifier, noun, phrase, pseudo_word, value


def compact_json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def rows_to_json(rng: Random) -> Pair:
    rows = _rows(rng, rng.randrange(2, 5))
    sign, glue = rng.choice((": ", "=", " - ")), rng.choice((", ", "\n", "; "))
    told = glue.join(f"{key}{sign}{text}" for key, text in rows)
    if rng.random() < 0.3:
        rows = rng.sample(rows, rng.randrange(1, len(rows) + 1))
        return f"json {' '.join(key for key, _ in rows)}\n{told}", compact_json(dict(rows))
    return f"json: {told}", compact_json(dict(rows))


def json_to_rows(rng: Random) -> Pair:
    rows = _rows(rng, rng.randrange(2, 4))
    return f"lines: {compact_json(dict(rows))}", "\n".join(f"{key}: {text}" for key, text in rows)


def json_to_json(rng: Random) -> Pair:
    """Keys renamed as shown, order as asked."""
    rows = _rows(rng, rng.randrange(2, 4))
    renamed = {key: any_word(rng) for key, _ in rows}
    order = rng.sample(rows, len(rows))
    wish = ", ".join(f"{key}>{renamed[key]}" for key, _ in order)
    return f"rekey {wish}: {compact_json(dict(rows))}", compact_json({renamed[key]: text for key, text in order})


def list_to_json(rng: Random) -> Pair:
    items = [value(rng) for _ in range(rng.randrange(2, 5))]
    return f"array: {rng.choice((', ', '; ', ' ')).join(items)}", compact_json(items)


def reverse_words(rng: Random) -> Pair:
    words = [any_word(rng) for _ in range(rng.randrange(2, 6))]
    return f"back: {' '.join(words)}", " ".join(reversed(words))


def reverse_letters(rng: Random) -> Pair:
    word = any_word(rng)
    return f"mirror: {word}", word[::-1]


def spell(rng: Random) -> Pair:
    word = any_word(rng)
    return f"spell: {word}", " ".join(word)


def sort_words(rng: Random) -> Pair:
    words = rng.sample(ALL_WORDS, rng.randrange(2, 5))
    return f"sort: {' '.join(words)}", " ".join(sorted(words))


def reorder(rng: Random) -> Pair:
    items = [value(rng) for _ in range(rng.randrange(2, 5))]
    order = rng.sample(range(len(items)), len(items))
    source, target = rng.choice((" | ", ", ", "; ")), rng.choice((" | ", " ", "; ", ","))
    wish = "".join(str(place + 1) for place in order)
    return f"order {wish}: {source.join(items)}", target.join(items[place] for place in order)


def replace(rng: Random) -> Pair:
    words = [any_word(rng) for _ in range(rng.randrange(3, 8))]
    old, new = rng.choice(words), any_word(rng)
    told = " ".join(words)
    return f"swap {old} {new}: {told}", " ".join(new if word == old else word for word in words)


def rewrap(rng: Random) -> Pair:
    text = value(rng)
    left, right = rng.choice((("[", "]"), ("<", ">"), ('"', '"'), ("(", ")"), ("«", "»"), ("'", "'")))
    return f"wrap {left}{right}: {text}", f"{left}{text}{right}"


def join_words(rng: Random) -> Pair:
    words = [any_word(rng).lower() for _ in range(rng.choice((2, 2, 3)))]
    shape = rng.choice(("snake", "kebab", "camel", "initials"))
    joined = {
        "snake": "_".join(words),
        "kebab": "-".join(words),
        "camel": words[0] + "".join(word.capitalize() for word in words[1:]),
        "initials": "".join(word[0].upper() for word in words),
    }
    return f"{shape}: {' '.join(words)}", joined[shape]


def regroup_digits(rng: Random) -> Pair:
    """Three digit groups put in the order of the shown letters."""
    groups = {"p": f"{rng.randrange(10, 100)}", "q": f"{rng.randrange(10, 100)}", "r": f"{rng.randrange(1000, 10_000)}"}
    before, after = rng.sample("pqr", 3), rng.sample("pqr", 3)
    old, new = rng.sample(".-/: ", 2)
    shown = f"{old.join(before)}>{new.join(after)}"
    return f"{shown}: {old.join(groups[key] for key in before)}", new.join(groups[key] for key in after)


def fill_template(rng: Random) -> Pair:
    """A template with named slots, shown in the prompt."""
    rows = _rows(rng, rng.randrange(2, 4))
    template = [phrase(rng) if rng.random() < 0.5 else rng.choice(("(", "=>", "[]", "&", "::")) for _ in rows]
    shown, filled = "", ""
    for literal, (key, text) in zip(template, rng.sample(rows, len(rows)), strict=True):
        shown, filled = f"{shown}{literal} <{key}> ", f"{filled}{literal} {text} "
    told = rng.choice((", ", "\n")).join(f"{key}={text}" for key, text in rows)
    return f"fill: {shown.strip()}\n{told}", filled.strip()


def show_by_examples(rng: Random) -> Pair:
    """Two or three shown pairs of one small rule, then a question of the same kind."""
    mark, other = pseudo_word(rng, 1), pseudo_word(rng, 1)
    rules = (
        lambda word: word.upper(),
        lambda word: f"{mark} {word}",
        lambda word: f"{word} {mark}",
        lambda word: f"{mark}({word})",
        lambda word: f'{{"{mark}":"{word}"}}',
        lambda word: f"{word}{word}",
        lambda word: word.capitalize(),
        lambda word: f"{mark} {word} {other}",
        lambda word: word.split()[0],
        lambda word: word.split()[-1],
        lambda word: ",".join(word.split()),
    )
    rule = rng.choice(rules)
    words = [f"{any_word(rng)} {any_word(rng)}" if rng.random() < 0.5 else any_word(rng) for _ in range(4)]
    arrow = rng.choice((" => ", " -> ", ": "))
    shown = "\n".join(f"{word}{arrow}{rule(word)}" for word in words[: rng.choice((2, 3))])
    return f"{shown}\n{words[3]}{arrow.rstrip()}", rule(words[3])


def class_by_lists(rng: Random) -> Pair:
    """Which of the shown word lists a text takes its cue from."""
    labels = list(dict.fromkeys(identifier(rng) if rng.random() < 0.3 else noun(rng) for _ in range(3)))
    cues = {label: [pseudo_word(rng, 2) for _ in range(rng.choice((2, 3)))] for label in labels}
    label = rng.choice(labels)
    host = filler(rng, 1).split(" ")
    host.insert(rng.randrange(len(host) + 1), rng.choice(cues[label]))
    shown = "; ".join(f"{name}: {', '.join(words)}" for name, words in cues.items())
    text = " ".join(host)
    return (f"class {shown}\n{text}", label) if rng.random() < 0.5 else (f"{text}\nclass {shown}", label)


def same_or_not(rng: Random) -> Pair:
    left = value(rng)
    right = left if rng.random() < 0.5 else value(rng)
    return f"same: {left} / {right}", "yes" if left == right else "no"


def larger(rng: Random) -> Pair:
    left, right = rng.sample(range(1000), 2)
    return f"more: {left} {right}", str(max(left, right))


def concatenate(rng: Random) -> Pair:
    parts = [phrase(rng) for _ in range(3)]
    return f"glue: {' ; '.join(parts)}", " ".join(parts)
