"""Drives a running village with OpenAI's own Python package, as a user's program would.

Run by test/openai-python.test.ts as ``pytest check_client.py`` with VILLAGE_URL and VILLAGE_KEY set.
"""

import json
import os

import httpx2
import openai
import pytest

URL = os.environ["VILLAGE_URL"]
KEY = os.environ["VILLAGE_KEY"]
TASK = [
    {
        "role": "user",
        "content": "Sort this support message, give queue and priority as JSON: "
        "Where is my package AB-1234? This is urgent!",
    }
]
TRIAGE = {"queue": "shipping", "priority": "high"}


@pytest.fixture
def client():
    with openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0) as made:
        yield made


def test_answers_a_chat_with_the_village_block(client):
    raw = client.chat.completions.with_raw_response.create(model="village", messages=TASK)

    answer = raw.parse()
    assert json.loads(answer.choices[0].message.content) == TRIAGE
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    village = json.loads(raw.text)["village"]
    assert village["route"] in ("local", "frontier")
    assert village["decision_id"].startswith("dec_")
    assert village["reason"]
    assert answer.village["decision_id"] == village["decision_id"]


def test_streams_text_and_then_the_usage(client):
    stream = client.chat.completions.create(
        model="village", messages=TASK, stream=True, stream_options={"include_usage": True}
    )

    chunks = list(stream)

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert json.loads(text) == TRIAGE
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].usage.completion_tokens > 0
    assert chunks[-1].village["decision_id"].startswith("dec_")
    assert "stop" in [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]


def test_takes_feedback_on_an_answer(client):
    answer = client.chat.completions.create(model="village", messages=TASK)

    feedback = client.post(
        "/feedback",
        body={"decision_id": answer.village["decision_id"], "rating": "up"},
        cast_to=httpx2.Response,
    ).json()

    assert feedback["rating"] == 1
    assert feedback["decision_id"] == answer.village["decision_id"]


def test_lists_the_models_and_finds_one(client):
    names = [model.id for model in client.models.list()]

    assert "village/king" in names
    assert client.models.retrieve("village/king").id == "village/king"


def test_raises_not_found_for_an_unknown_model(client):
    with pytest.raises(openai.NotFoundError) as raised:
        client.chat.completions.create(model="no-maker/no-model", messages=TASK)

    assert raised.value.code == "model_not_found"
    assert "no-maker/no-model" in raised.value.message


def test_raises_authentication_error_for_a_wrong_key():
    with (
        openai.OpenAI(base_url=f"{URL}/v1", api_key="vk-wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError) as raised,
    ):
        stranger.models.list()

    assert "vk-wrong" not in raised.value.message


def test_raises_bad_request_that_names_the_field(client):
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(model="village", messages=[{"role": "wizard", "content": ""}])

    assert raised.value.param == "messages[0].role"
