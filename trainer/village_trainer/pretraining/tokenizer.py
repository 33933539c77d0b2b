"""The student's tokenizer: every byte a token, a few merges, one token per chat role."""

from __future__ import annotations

from collections import Counter
from random import Random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from village_trainer.pretraining import words

SPECIAL_TOKENS = ("<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
LETTER_MERGES = 64
PUNCTUATION_MERGES = [('"', ":"), ('":', '"'), ('"', ","), ('",', '"'), ("{", '"'), ('"', "}")]
# Qwen2's own pre-tokenizer, which llama.cpp implements under the name "qwen2".
QWEN2_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_characters() -> list[str]:
    """The printable stand-in of each byte (GPT-2's table), indexed by the byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in printable else chr(next(spare)) for byte in range(256)]


def build_tokenizer(letter_merges: int = LETTER_MERGES) -> Tokenizer:
    """Byte ``b`` has id ``b``; merges follow, then the special tokens.

    Merges join lower-case letters or JSON's punctuation, never a space: a word is then cut the same
    way wherever it stands, so that copying it needs no knowledge of its surroundings.
    """
    characters = byte_characters()
    vocabulary = {character: byte for byte, character in enumerate(characters)}
    merges = learn_letter_merges(letter_merges) + PUNCTUATION_MERGES
    for left, right in merges:
        vocabulary[left + right] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, fuse_unk=False, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # pyright: ignore[reportAttributeAccessIssue]
        [
            pre_tokenizers.Split(Regex(QWEN2_PATTERN), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS])
    return tokenizer


def learn_letter_merges(count: int) -> list[tuple[str, str]]:
    """The most frequent letter pairs of the word lists and of some invented words, two to three letters long."""
    rng = Random(0)
    counted = Counter(words.ALL_WORDS)
    counted.update({word: 4 for word in words.CONNECTIVES})
    counted.update(words.pseudo_word(rng) for _ in range(300))
    pieces = {word: list(word) for word in counted}
    merges: list[tuple[str, str]] = []
    while len(merges) < count:
        pairs = Counter[tuple[str, str]]()
        for word, parts in pieces.items():
            for pair in zip(parts, parts[1:], strict=False):
                if len(pair[0]) + len(pair[1]) <= 3:
                    pairs[pair] += counted[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for word, parts in pieces.items():
            pieces[word] = _merge(parts, best)
    return merges


def _merge(parts: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    index = 0
    while index < len(parts):
        if tuple(parts[index : index + 2]) == pair:
            merged.append(parts[index] + parts[index + 1])
            index += 2
        else:
            merged.append(parts[index])
            index += 1
    return merged
