"""Drives every wire of a village with OpenAI's own Python package, in front of a scripted provider.

Run by test/wires/openai-python.test.ts as ``pytest check_wires.py`` with VILLAGE_URL and VILLAGE_KEY set.
"""

import json
import os

import openai
import pydantic
import pytest

URL = os.environ["VILLAGE_URL"]
KEY = os.environ["VILLAGE_KEY"]
MODEL = "vendor/king"
PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB"
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}


class Weather(pydantic.BaseModel):
    city: str
    celsius: int


@pytest.fixture
def client():
    with openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0) as made:
        yield made


def ask(text):
    return [{"role": "user", "content": text}]


def test_tools_make_a_round_trip(client):
    question = ask("What is the weather in Oslo and Rome?")
    called = client.chat.completions.create(model=MODEL, messages=question, tools=[TOOL])
    message = called.choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": json.loads(call.function.arguments)["city"]}
        for call in message.tool_calls
    ]

    answer = client.chat.completions.create(model=MODEL, messages=[*question, message, *results], tools=[TOOL])

    assert called.choices[0].finish_reason == "tool_calls"
    assert [result["content"] for result in results] == ["Oslo", "Rome"]
    assert answer.choices[0].message.content == "The tool says: Rome"


def test_collects_the_tool_calls_of_a_stream(client):
    with client.chat.completions.stream(model=MODEL, messages=ask("Weather?"), tools=[TOOL]) as stream:
        final = stream.get_final_completion()

    calls = final.choices[0].message.tool_calls
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Oslo"}, {"city": "Rome"}]


def test_parses_an_answer_that_is_held_to_a_schema(client):
    answer = client.chat.completions.parse(model=MODEL, messages=ask("Weather?"), response_format=Weather)

    assert answer.choices[0].message.parsed == Weather(city="Oslo", celsius=21)


def test_an_image_reaches_the_model(client):
    parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PIXEL}}]

    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": parts}])

    assert answer.choices[0].message.content == f"I see {PIXEL[:22]}"


def test_embeds_texts(client):
    answer = client.embeddings.create(model=MODEL, input=["one", "three"])

    assert [vector.embedding for vector in answer.data] == [[3, 0.5, -0.25], [5, 0.5, -0.25]]


def test_gives_a_response_whole_and_streamed(client):
    whole = client.responses.create(model=MODEL, input="hello", store=False)
    with client.responses.stream(model=MODEL, input="hello", store=False) as stream:
        streamed = stream.get_final_response()

    assert whole.output_text == streamed.output_text == "You said: hello"
    assert whole.usage.total_tokens == 28


def test_parses_a_response_that_is_held_to_a_schema(client):
    response = client.responses.parse(model=MODEL, input="Weather?", text_format=Weather, store=False)

    assert response.output_parsed == Weather(city="Oslo", celsius=21)


def test_answers_the_first_endpoint_of_all(client):
    answer = client.completions.create(model=MODEL, prompt="hello")

    assert answer.choices[0].text == "You said: hello"


def test_raises_what_the_provider_refuses_and_limits(client):
    with pytest.raises(openai.BadRequestError, match="takes no such thing"):
        client.chat.completions.create(model="vendor/refuses", messages=ask("x"))
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="vendor/limited", messages=ask("x"))


def test_raises_a_failure_in_mid_stream(client):
    stream = client.chat.completions.create(model=MODEL, messages=ask("please break"), stream=True)

    with pytest.raises(openai.APIError):
        list(stream)


def test_tries_again_where_the_village_says_so(client):
    patient = client.with_options(max_retries=2)

    answer = patient.chat.completions.create(model="vendor/flaky", messages=ask("from Python"))

    assert answer.choices[0].message.content == "You said: from Python"
