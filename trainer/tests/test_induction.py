import torch
from transformers import Qwen2ForCausalLM

from village_trainer.pretraining.induction import set_induction_heads
from village_trainer.pretraining.pretrain import student_config
from village_trainer.pretraining.tokenizer import build_tokenizer

HALF = 40
PLACE = HALF + 20
CONTINUATION = PLACE - HALF + 1


def attention_on_repetition(model: Qwen2ForCausalLM) -> tuple[torch.Tensor, ...]:
    """Attention per layer, of shape (heads, to, from), over random tokens that occur twice in one order."""
    once = torch.randperm(250, generator=torch.Generator().manual_seed(2))[:HALF]
    with torch.inference_mode():
        seen = model(input_ids=torch.cat([once, once])[None], output_attentions=True).attentions
    return tuple(layer[0] for layer in seen)


def made_model() -> Qwen2ForCausalLM:
    torch.manual_seed(1)
    config = student_config(build_tokenizer())
    config._attn_implementation = "eager"
    return Qwen2ForCausalLM(config).eval()


def test_heads_of_the_first_layer_look_one_two_and_three_tokens_back() -> None:
    model = made_model()

    set_induction_heads(model)

    first = attention_on_repetition(model)[0]
    assert [first[head, PLACE].argmax().item() for head in range(3)] == [PLACE - 1, PLACE - 2, PLACE - 3]


def test_a_head_finds_what_followed_the_token_before() -> None:
    model = made_model()
    before = attention_on_repetition(model)[1][0, PLACE, CONTINUATION].item()

    set_induction_heads(model)

    assert before < 0.05
    assert attention_on_repetition(model)[1][0, PLACE, CONTINUATION].item() > 0.2
