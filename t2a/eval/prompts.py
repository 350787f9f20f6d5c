"""The evaluation set: held-out prompts, and for each of them wrong sentences that are easily mistaken for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from t2a.errors import UserError
from t2a.eval.sentences import NAMED, PARAPHRASES
from t2a.pocket.captions import Spec, caption, kind_of
from t2a.pocket.counterfactuals import counterfactuals, meaning, unlike
from t2a.pocket.world import sample_kind

SHARES: dict[str, float] = {
    "single": 0.38,
    "pattern": 0.16,
    "accessory": 0.14,
    "on": 0.08,
    "next": 0.05,
    "part": 0.05,
    "count": 0.05,
    "topping": 0.04,
    "theme": 0.03,
    "inside": 0.02,
}
"""Composition of the evaluation set. Materials are left out, since a lit texture hardly shows them, and "in front of",
which nothing tells from "next to" when seen from all around."""
NEAR = 12
"""How many distractors of one prompt may differ from it in the family alone: the colours need the room."""


@dataclass(frozen=True)
class Prompt:
    """A scene, by default one that no generator was trained on, and one sentence for it."""

    spec: Spec
    caption: str
    kind: str
    plain: str | None = None
    """What the judge is asked for instead of the caption. It has learnt to read the world's own phrasings alone: of
    true renders of what the paraphrases mean it is right about 44 % asked for these, and about 96 % asked plainly."""


def distractors(spec: Spec, rng: np.random.Generator, count: int = 60) -> list[str]:
    """`count` wrong captions: every counterfactual, though only NEAR families, then random scenes of the same kind."""
    near = counterfactuals(spec)
    families = [near["family"][i] for i in rng.permutation(len(near["family"]))[:NEAR]]
    wrong = [*near["arrangement"], *near["detail"], *near["color"], *families]
    if len(wrong) > count:
        raise UserError(f"count is {count}, but {len(wrong)} hard distractors exist; ask for at least as many")
    seen = {meaning(spec), *map(meaning, wrong)}
    kind = kind_of(spec)
    while len(wrong) < count:
        wrong += unlike([sample_kind(rng, kind, held_out=bool(rng.random() < 0.3))], seen)
    return [caption(other, rng) for other in wrong]


BLOCK = 100
"""Every so many prompts the kinds come in their SHARES."""
TRIES = 300
"""Of finding another scene of a kind, before a single object takes its place: only so many are held out."""


def retrieval_prompts(count: int = 100, seed: int = 3001) -> list[Prompt]:
    """The first `count` held-out scenes of a seed, of different meaning, `SHARES` of each kind."""
    rng = np.random.default_rng(seed)
    block = [kind for kind, share in SHARES.items() for _ in range(round(share * BLOCK))]
    seen: set[tuple] = set()
    prompts: list[Prompt] = []
    while len(prompts) < count:
        for place in rng.permutation(len(block)):
            kind, fresh = block[place], []
            for attempt in range(2 * TRIES):
                kind = kind if attempt < TRIES else "single"
                if fresh := unlike([sample_kind(rng, kind, held_out=True)], seen):
                    break
            if fresh:
                prompts.append(Prompt(fresh[0], caption(fresh[0], rng), kind))
    return prompts[:count]


SETS = ("held-out", "paraphrases", "named")


def prompt_set(name: str, count: int) -> list[Prompt]:
    """The first `count` prompts of a set; raises UserError for an unknown one."""
    if name == "held-out":
        return retrieval_prompts(count)
    if name == "named":
        return [Prompt(spec, text, kind_of(spec)) for text, spec in NAMED.items()][:count]
    if name == "paraphrases":
        return [Prompt(spec, text, kind_of(spec), caption(spec)) for text, spec in PARAPHRASES.items()][:count]
    raise UserError(f"the set of prompts is {name!r}; it must be one of: {', '.join(SETS)}")
