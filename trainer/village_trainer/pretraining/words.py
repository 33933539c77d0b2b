"""Words, names and numbers that the pretraining skills are made of."""

from collections.abc import Sequence
from random import Random

NOUNS = """apple arm basket bell bird boat bottle box branch bread bridge brush bucket button cake camera candle
car card carpet castle cat chair cheese clock cloud coat coin corner cow cup curtain desk dog door dress drum duck
engine eye farm feather field finger fire fish flag flower fork fox frog garden gate glass glove goat grass guitar
hall hammer hand hat hill horse house island jacket jar kettle key king kitchen kite knife ladder lake lamp leaf
lemon letter lion lock map market mirror moon mountain mouse nail needle nest net night nose ocean onion orange owl
paint paper park pen pencil piano picture pillow pilot pipe planet plate pocket pond potato queen rabbit radio rain
ring river road rock roof room rope rose sail salt sand school sea seed sheep ship shirt shoe shop silver sister sky
snow soap sock song spoon spring star station stone storm street sugar sun table tail tent thread tiger tooth tower
town train tree truck tunnel uncle valley village violin wagon wall watch water wave wheel whistle wind window wing
winter wolf wood wool yard year zebra account amount answer area budget building case center chance change city
class color company copy country course day effort end error event fact file form friend game group guest head hour
idea image issue item job kind law level limit line list loan machine manager meeting member message minute model
month name number office order owner page part party people person phone place plan point power price problem
product program project question rate reason record report result risk row rule sale sample screen service set side
sign size source space stage state step stock store story student system task team test text ticket time title total
type unit user value version visit voice week word work worker world""".split()

ADJECTIVES = """able bad big bitter blue brave bright broken calm cheap clean clear clever cold cool dark dear deep
dry dull early easy empty equal fair fast final fine flat fresh full funny gentle glad good grand gray great green
happy hard heavy high hollow hot huge hungry kind large last late lazy light little local long loud low lucky main
mild modern narrow neat new next nice noisy odd old open orange pale plain poor pretty proud public purple quick
quiet rare ready real red rich right ripe rough round sad safe same sharp short shy silent simple slow small smooth
soft sour special steep strange strong sunny sweet tall thick thin tiny tired warm weak wet white whole wide wild
wise yellow young""".split()

VERBS = """added asked baked began bought broke brought built called carried caught changed checked chose cleaned
climbed closed cooked copied counted covered crossed cut drew dropped fed felt filled found gave got grew heard held
helped hid kept knew learned left lifted liked lost loved made met missed moved named needed opened ordered packed
painted paid passed picked placed played pulled pushed put raised ran reached read saved saw sent set shared showed
sold started stopped stored studied threw told took touched tried turned used visited waited walked wanted washed
watched wrote""".split()

CONNECTIVES = """about above after again all along also and any around as at away back because before behind below
between both but by down each else ever every far few for from had has have here his how if in into is it its just
many may more most much must near never no not now of off often on once only or other our out over own per please
quite rather she should since so some soon still such than that the their them then there these they this those
through to today too toward under until up upon us very via was we well were what when where which while who why
will with within without yes yet you your""".split()

FIRST_NAMES = """Ada Adam Aisha Alan Alice Amir Anna Anton Arjun Bella Ben Bruno Carla Carlos Chen Clara Daniel Diana
Dmitri Elena Elias Emma Erik Eva Farah Felix Fiona Frank Gita Grace Hana Hans Hugo Ida Igor Ines Ivan Jack Jana Jing
Jonas Jose Julia Kai Karin Kenji Lars Laura Lea Leo Lina Louis Lucia Luka Maria Marco Maya Mei Mia Milan Mona Nadia
Nina Noah Nora Oliver Olga Omar Oscar Pablo Paula Peter Petra Priya Raj Rosa Ruth Sam Sara Simon Sofia Sven Tara
Theo Tim Tom Uma Vera Victor Wei Yara Yusuf Zoe""".split()

VOWELS = ("a", "e", "i", "o", "u", "a", "e", "i", "o", "ai", "ea", "ou", "ee", "io")
ONSETS = "b c d f g h j k l m n p r s t v w y z br ch cl cr dr fl fr gr pl pr sh sl sp st th tr qu".split()
CODAS = ["", "", "", "", "n", "r", "l", "s", "t", "m", "d", "k", "x", "ng", "nd", "st", "ck", "rt"]
ALL_WORDS = NOUNS + ADJECTIVES + VERBS + CONNECTIVES


class NarrowRandom(Random):
    """Makes pseudo words of few sounds and numbers of few digits, so that the values of a sample resemble each other.

    Copying one of them then takes more than the last letter or two to know where in the text one is.
    """

    def narrow(self) -> None:
        self.onsets: Sequence[str] = self.sample(ONSETS, 3)
        self.vowels: Sequence[str] = self.sample(VOWELS, 2)
        self.codas: Sequence[str] = self.sample(CODAS, 2)
        self.digits = "".join(self.sample("123456789", 3)) + "0"


def pseudo_word(rng: Random, syllables: int | None = None) -> str:
    """A pronounceable word that no language has, so that copying cannot lean on memory."""
    count = syllables or rng.choice((1, 1, 2, 2, 2, 3))
    if isinstance(rng, NarrowRandom):
        onsets, vowels, codas = rng.onsets, rng.vowels, rng.codas
        count = syllables or rng.choice((2, 2, 3))
    else:
        onsets, vowels, codas = ONSETS, VOWELS, CODAS
    return "".join(rng.choice(onsets) + rng.choice(vowels) + rng.choice(codas) for _ in range(count))


def any_word(rng: Random) -> str:
    """A plain English word or, as often, a pseudo word."""
    return rng.choice(ALL_WORDS) if rng.random() < 0.5 and not _narrow(rng) else pseudo_word(rng)


def noun(rng: Random) -> str:
    return rng.choice(NOUNS) if rng.random() < 0.7 and not _narrow(rng) else pseudo_word(rng)


def _narrow(rng: Random) -> bool:
    return isinstance(rng, NarrowRandom)


def person(rng: Random) -> str:
    """One to three capitalised names, real ones or invented ones."""
    real = rng.random() < 0.5 and not _narrow(rng)
    first = rng.choice(FIRST_NAMES) if real else pseudo_word(rng).capitalize()
    shape = rng.random()
    if shape < 0.4:
        return first
    last = pseudo_word(rng).capitalize()
    if shape > 0.95:
        return f"{first} {rng.choice('ABCDEFGHJKLMNPRSTVW')}. {last}"
    return f"{first} {last}"


def identifier(rng: Random) -> str:
    """A name as code and records use it: snake_case, camelCase, letters with digits."""
    first, second = any_word(rng), any_word(rng)
    shapes = (
        first,
        f"{first}_{second}",
        first + second.capitalize(),
        f"{first}{rng.randrange(100)}",
        f"{pseudo_word(rng, 1).upper()[:3]}-{rng.randrange(10_000)}",
        f"{rng.choice('ABCDEFGHKLMNPQRSTXZ')}{rng.randrange(100, 100_000)}",
    )
    return rng.choice(shapes)


def number(rng: Random) -> str:
    """A whole or decimal number of one to six digits."""
    digits = rng.randrange(1, 6)
    if isinstance(rng, NarrowRandom):
        return rng.choice(rng.digits[:-1]) + "".join(rng.choice(rng.digits) for _ in range(digits))
    whole = rng.randrange(10 ** (digits - 1), 10**digits)
    return f"{whole}.{rng.randrange(100):02d}" if rng.random() < 0.2 else str(whole)


def dotted(rng: Random) -> str:
    """Digits and words joined as in dates, versions, paths and addresses."""
    shape = rng.randrange(6)
    if shape == 0:
        return f"{rng.randrange(1, 32):02d}.{rng.randrange(1, 13):02d}.{rng.randrange(1950, 2060)}"
    if shape == 1:
        return f"{rng.randrange(1950, 2060)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}"
    if shape == 2:
        return f"{rng.randrange(24)}:{rng.randrange(60):02d}"
    if shape == 3:
        return f"{any_word(rng)}@{pseudo_word(rng)}.{rng.choice(('com', 'org', 'net', 'io'))}"
    if shape == 4:
        return f"{rng.randrange(1, 13)}/{rng.randrange(1, 29)}/{rng.randrange(10, 99)}"
    return f"{any_word(rng)}/{any_word(rng)}.{rng.choice(('txt', 'md', 'csv'))}"


def phrase(rng: Random) -> str:
    """One to four words without punctuation."""
    return " ".join(any_word(rng) for _ in range(rng.choice((1, 2, 2, 3, 4))))


def value(rng: Random) -> str:
    """Anything short that may stand in a slot."""
    kinds = (any_word, noun, person, person, identifier, number, number, dotted, phrase, phrase)
    return rng.choice(kinds)(rng)


def sentence(rng: Random) -> str:
    """An English-like sentence with a random subject, verb and place; sense is not intended."""

    def thing() -> str:
        article = rng.choice(("the", "a", "this", "every", "one", "our", "my"))
        return f"{article} {rng.choice(ADJECTIVES)} {noun(rng)}" if rng.random() < 0.4 else f"{article} {noun(rng)}"

    subject = person(rng) if rng.random() < 0.3 else thing()
    text = f"{subject} {rng.choice(VERBS)} {thing()}"
    if rng.random() < 0.5:
        text += f" {rng.choice(('near', 'with', 'under', 'after', 'for', 'without', 'in', 'over'))} {thing()}"
    return text[0].upper() + text[1:] + rng.choice((".", ".", ".", "!", "?"))


def filler(rng: Random, sentences: int) -> str:
    return " ".join(sentence(rng) for _ in range(sentences))
