"""Runs a batch with OpenAI's own Python package.

Run by test/wires/openai-python.test.ts as ``pytest check_batches.py`` with VILLAGE_URL and VILLAGE_KEY set.
"""

import json
import os
import time

import openai

URL = os.environ["VILLAGE_URL"]
KEY = os.environ["VILLAGE_KEY"]
LONGEST_WAIT_SECONDS = 60


def line(name):
    body = {"model": "vendor/king", "messages": [{"role": "user", "content": name}]}
    return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}


def test_a_batch_is_uploaded_run_and_read():
    requests = "\n".join(json.dumps(line(name)) for name in ("one", "two"))
    with openai.OpenAI(base_url=f"{URL}/v1", api_key=KEY, max_retries=0) as client:
        source = client.files.create(file=("requests.jsonl", requests.encode()), purpose="batch")
        batch = client.batches.create(input_file_id=source.id, endpoint="/v1/chat/completions", completion_window="24h")
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while batch.status != "completed" and time.monotonic() < deadline:
            time.sleep(0.1)
            batch = client.batches.retrieve(batch.id)
        lines = [json.loads(text) for text in client.files.content(batch.output_file_id).text.splitlines()]

    answers = {each["custom_id"]: each["response"]["body"]["choices"][0]["message"]["content"] for each in lines}
    assert answers == {"one": "An answer to one", "two": "An answer to two"}
    assert batch.request_counts.completed == 2
