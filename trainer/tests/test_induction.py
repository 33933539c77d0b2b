import torch
from transformers import Qwen2ForCausalLM

from village_trainer.pretraining.induction import set_induction_heads
from village_trainer.pretraining.pretrain import student_config
from village_trainer.pretraining.tokenizer import build_tokenizer


def repeated_tokens() -> torch.Tensor:
    once = torch.randperm(300, generator=torch.Generator().manual_seed(2))[:40]
    return torch.cat([once, once])[None]


def share_of_repetition_foreseen(model: Qwen2ForCausalLM) -> float:
    """How often the second half of a repeated random sequence has the right token among the five most probable."""
    ids = repeated_tokens()
    with torch.inference_mode():
        guesses = model(input_ids=ids).logits[0, 45:-1].topk(5).indices
    return (guesses == ids[0, 46:, None]).any(dim=1).float().mean().item()


def test_the_structured_start_foresees_repetition_that_a_random_start_does_not() -> None:
    torch.manual_seed(1)
    model = Qwen2ForCausalLM(student_config(build_tokenizer())).eval()
    before = share_of_repetition_foreseen(model)

    set_induction_heads(model)

    assert before < 0.2
    assert share_of_repetition_foreseen(model) > 0.5
