"""Skills that write what was found in another form: JSON, lists, order, templates, shown patterns."""

import json
from random import Random

from village_trainer.pretraining.copying import Pair, _rows
from village_trainer.pretraining.words import any_word, filler, identifier, noun, phrase, pseudo_word, value


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


def list_to_json(rng: Random) -> Pair:
    items = [value(rng) for _ in range(rng.randrange(2, 5))]
    return f"array: {rng.choice((', ', '; ', ' ')).join(items)}", compact_json(items)


def reorder(rng: Random) -> Pair:
    items = [value(rng) for _ in range(rng.randrange(2, 5))]
    order = rng.sample(range(len(items)), len(items))
    source, target = rng.choice((" | ", ", ", "; ")), rng.choice((" | ", " ", "; ", ","))
    wish = "".join(str(place + 1) for place in order)
    return f"order {wish}: {source.join(items)}", target.join(items[place] for place in order)


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


def fill_template(rng: Random) -> Pair:
    """A template with named slots, shown in the prompt."""
    rows = _rows(rng, rng.randrange(2, 4))
    template = [phrase(rng) if rng.random() < 0.5 else rng.choice(("(", "=>", "[]", "&", "::")) for _ in rows]
    shown, filled = "", ""
    for literal, (key, text) in zip(template, rng.sample(rows, len(rows)), strict=True):
        shown, filled = f"{shown}{literal} <{key}> ", f"{filled}{literal} {text} "
    told = rng.choice((", ", "\n")).join(f"{key}={text}" for key, text in rows)
    return f"fill: {shown.strip()}\n{told}", filled.strip()


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
