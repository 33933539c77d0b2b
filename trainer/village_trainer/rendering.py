"""A conversation as token ids, by the rule that the serving side follows too.

The model's own chat template is rendered with a placeholder for each content; the template's pieces
are tokenised with special tokens parsed, the contents with none parsed. So a control token that a
user typed stays text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

END_TOKEN = "<|end|>"
PAD_TOKEN = "<|pad|>"
# Private-use characters: no template writes them, and a message that holds them is never searched.
_OPENING, _CLOSING = "\ue000", "\ue001"


class ConversationRenderer:
    def __init__(self, tokenizer: Tokenizer, chat_template: str) -> None:
        self._tokenizer = tokenizer
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        self._template = environment.from_string(chat_template)
        self.end_id = self._special_id(END_TOKEN)
        self.pad_id = self._special_id(PAD_TOKEN)

    @classmethod
    def load(cls, student: Path) -> ConversationRenderer:
        tokenizer = Tokenizer.from_file(str(student / "tokenizer.json"))
        return cls(tokenizer, (student / "chat_template.jinja").read_text(encoding="utf-8"))

    def prompt_ids(self, messages: Sequence[Mapping[str, str]], *, add_generation_prompt: bool = True) -> list[int]:
        placed = [{**message, "content": f"{_OPENING}{index}{_CLOSING}"} for index, message in enumerate(messages)]
        rest = self._template.render(messages=placed, add_generation_prompt=add_generation_prompt)
        ids: list[int] = []
        for index, message in enumerate(messages):
            piece, found, rest = rest.partition(f"{_OPENING}{index}{_CLOSING}")
            if not found:
                raise ValueError(f"the chat template leaves out message {index} ({message['role']})")
            ids += self.template_ids(piece) + self.content_ids(message["content"])
        return ids + self.template_ids(rest)

    def completion_ids(self, completion: str) -> list[int]:
        """The answer and the token that ends it: what the loss is taken on."""
        return [*self.content_ids(completion), self.end_id]

    def template_ids(self, text: str) -> list[int]:
        return self._encode(text, special_tokens_stay_text=False)

    def content_ids(self, text: str) -> list[int]:
        return self._encode(text, special_tokens_stay_text=True)

    def text(self, ids: Sequence[int]) -> str:
        return self._tokenizer.decode(list(ids), skip_special_tokens=True)

    def _encode(self, text: str, *, special_tokens_stay_text: bool) -> list[int]:
        self._tokenizer.encode_special_tokens = special_tokens_stay_text
        return self._tokenizer.encode(text, add_special_tokens=False).ids if text else []

    def _special_id(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ValueError(f"the student's tokenizer has no {token} token")
        return found
