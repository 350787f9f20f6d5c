"""Which of the world's names is nearest in meaning to a common English word: t2a/pocket/near.txt, for the warnings
about words that the model has never seen.

    python -m t2a.pocket.train.near --model FOLDER

FOLDER holds a BERT sentence model in the format of transformers, such as all-MiniLM-L6-v2 (Apache-2.0); the words are
the whole words of its vocabulary. Users need neither.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from t2a.export.files import write_bytes
from t2a.pocket.captions import words
from t2a.pocket.families import ACCESSORIES, COLORS, FAMILIES
from t2a.pocket.families.accessories import TOPPINGS
from t2a.pocket.glue import GLUE
from t2a.pocket.near import NEAR

NAMES = 3
"""For each word."""
ALIKE = 0.42
"""Cosine below which a word has nothing to do with any name."""


@torch.no_grad()
def embed(model, tokens, texts: list[str], batch: int = 256) -> Float[Tensor, "n d"]:
    """Mean of the tokens' states, as sentence-transformers computes it for this family of models."""
    rows = []
    for first in range(0, len(texts), batch):
        ids = tokens(texts[first : first + batch], padding=True, return_tensors="pt")
        mask = ids["attention_mask"][:, :, None]
        rows.append((model(**ids).last_hidden_state * mask).sum(1) / mask.sum(1))
    return functional.normalize(torch.cat(rows), dim=-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    tokens, model = AutoTokenizer.from_pretrained(args.model), AutoModel.from_pretrained(args.model).eval()
    known = {*words(), *GLUE}
    vocabulary = sorted(tokens.vocab, key=tokens.vocab.__getitem__)
    strange = [w for w in vocabulary if w.isascii() and w.isalpha() and len(w) > 2 and w not in known]
    names = [*FAMILIES, *COLORS, *ACCESSORIES, *TOPPINGS]
    alike = embed(model, tokens, strange) @ embed(model, tokens, names).T
    best = alike.topk(NAMES, dim=1)
    lines = [
        f"{word}: {', '.join(names[i] for i, value in zip(rows, values, strict=True) if value >= ALIKE)}"
        for word, rows, values in zip(strange, best.indices.tolist(), best.values.tolist(), strict=True)
        if values[0] >= ALIKE
    ]
    write_bytes(NEAR, ("\n".join(sorted(lines)) + "\n").encode())
    print(f"{NEAR}: {len(lines)} of {len(strange)} words")


if __name__ == "__main__":
    main()
