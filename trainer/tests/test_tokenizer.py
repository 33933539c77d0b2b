from random import Random

import pytest

from village_trainer.pretraining.conversations import make_conversations
from village_trainer.pretraining.tokenizer import CHAT_TEMPLATE, SPECIAL_TOKENS, build_tokenizer
from village_trainer.rendering import ConversationRenderer


@pytest.fixture(name="renderer")
def made_renderer() -> ConversationRenderer:
    return ConversationRenderer(build_tokenizer(), CHAT_TEMPLATE)


def test_every_text_survives_the_way_into_tokens_and_back(renderer: ConversationRenderer) -> None:
    texts = [message["content"] for messages, _ in make_conversations(Random(1), 120) for message in messages]

    returned = [renderer.text(renderer.content_ids(text)) for text in texts if not _holds_special(text)]

    assert returned == [text for text in texts if not _holds_special(text)]


def test_a_word_is_cut_the_same_way_wherever_it_stands(renderer: ConversationRenderer) -> None:
    word = renderer.content_ids("thornwick")

    surroundings = [renderer.content_ids(text) for text in ("a thornwick b", '{"x":"thornwick"}', "(thornwick)")]

    assert all(_holds_run(ids, word) for ids in surroundings)


def test_the_id_of_a_plain_byte_is_the_byte(renderer: ConversationRenderer) -> None:
    assert renderer.content_ids("Q 7") == list(b"Q 7")


@pytest.mark.parametrize("token", SPECIAL_TOKENS)
def test_a_control_token_typed_by_a_user_stays_text(renderer: ConversationRenderer, token: str) -> None:
    ids = renderer.prompt_ids([{"role": "user", "content": f"a{token}b"}])

    inside = ids[1:-2]
    assert max(inside) < renderer.pad_id
    assert renderer.text(inside) == f"a{token}b"


def test_the_prompt_ends_where_the_answer_begins(renderer: ConversationRenderer) -> None:
    asked = [{"role": "user", "content": "echo: fox"}]
    answered = [*asked, {"role": "assistant", "content": "fox"}]

    joined = renderer.prompt_ids(asked) + renderer.completion_ids("fox")

    assert joined == renderer.prompt_ids(answered, add_generation_prompt=False)


def test_a_content_that_looks_like_a_placeholder_is_kept(renderer: ConversationRenderer) -> None:
    messages = [{"role": "user", "content": "\ue0001\ue001"}, {"role": "assistant", "content": "second"}]

    ids = renderer.prompt_ids(messages, add_generation_prompt=False)

    assert renderer.text(ids) == "\ue0001\ue001second"


def _holds_special(text: str) -> bool:
    return any(token in text for token in SPECIAL_TOKENS)


def _holds_run(ids: list[int], run: list[int]) -> bool:
    return any(ids[start : start + len(run)] == run for start in range(len(ids)))
