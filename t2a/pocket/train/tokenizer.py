"""A CLIPTokenizer of whole words, built in memory from the world's vocabulary.

Each word is merged from its END: every merge has the word's last piece on its right, so only the last pair of a word
can ever match and the merges of different words cannot disturb one another. Unknown words fall apart into letters,
which is how they are noticed.
"""

from __future__ import annotations

import string

from transformers import CLIPTokenizer

from t2a.pocket.frames import spoken_words
from t2a.pocket.glue import GLUE

LENGTH = 32


def build(words: list[str]) -> CLIPTokenizer:
    """A tokenizer with one token for each of `words`, of the words of loose speech and of the common words that say
    nothing, and letters for the rest."""
    end = "</w>"
    letters = string.ascii_lowercase + string.digits + string.punctuation
    vocabulary = ["<|startoftext|>", "<|endoftext|>", *letters, *(c + end for c in letters)]
    merges: list[tuple[str, str]] = []
    known = set(vocabulary)
    for word in sorted({*words, *spoken_words(), *GLUE}):
        tail = word[-1] + end
        for letter in reversed(word[:-1]):
            if letter + tail not in known:
                merges.append((letter, tail))
                vocabulary.append(letter + tail)
                known.add(letter + tail)
            tail = letter + tail
    return CLIPTokenizer(
        vocab={token: i for i, token in enumerate(vocabulary)},
        merges=merges,
        model_max_length=LENGTH,
        unk_token="<|endoftext|>",
        bos_token="<|startoftext|>",
        eos_token="<|endoftext|>",
        pad_token="<|endoftext|>",
    )
