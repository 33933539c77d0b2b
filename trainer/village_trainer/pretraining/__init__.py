"""How the tiny student is made from nothing: words, skills, curriculum, tokenizer, weights."""
