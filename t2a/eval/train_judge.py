"""Train the judge: `python -m t2a.eval.train_judge --data DIR --out DIR --make 24 --steps 2400`.

Its scenes come from seeds of their own (1001 to learn, 2001 to validate), from both sides of the split. Each picture
must pick its sentence among those of the batch and among counterfactuals: sentences that one colour, part or relation
makes wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional

from t2a.eval.judge import SECTORS, Judge, JudgeConfig, load_judge, save_judge
from t2a.eval.judge_data import Lessons, chances, compose, draw, load_lessons, make_shards
from t2a.eval.prompts import counterfactuals, distractors, meaning
from t2a.pocket.captions import Spec, caption, kind_of, words
from t2a.pocket.families import COLORS
from t2a.pocket.train.common import Report, bfloat16_is_fast, run
from t2a.pocket.train.language import SIZES, labels
from t2a.pocket.train.parallel import in_parallel, rank
from t2a.pocket.world import shown_color

LEARN_SEED, VALID_SEED = 1001, 2001
NEGATIVES = 6
"""Counterfactual sentences for each scene of a batch."""
CHANGES: dict[str, dict[str, float]] = {
    "single": {"color": 0.55, "family": 0.35, "detail": 0.1},
    "on": {"color": 0.4, "family": 0.4, "arrangement": 0.2},
    "next": {"color": 0.4, "family": 0.4, "arrangement": 0.2},
    "inside": {"color": 0.4, "family": 0.4, "arrangement": 0.2},
}
DETAILED = {"detail": 0.65, "color": 0.15, "family": 0.2}
"""How often a counterfactual changes what, by kind of scene; DETAILED for all the others."""
OTHERS = 4
"""Sentences of other scenes among which the matcher looks for a picture's own, besides its counterfactuals."""
SIDE = 0.3
"""Weight of the loss of the view classifier, which shares the image encoder. Of something round it can only learn that
all sides are alike."""
HINT = 0.5
"""Weight of the auxiliary loss, which names the parts outright: the image encoder learns them sooner from a choice than
from sentences."""


def shown(spec: Spec) -> Spec:
    """The scene as its pictures show it: colours that its caption leaves unsaid filled in, sizes left out."""
    items = []
    for item in spec.items:
        color = shown_color(item)
        worn = (item.accessory_color or "red") if item.accessory else None
        items.append(replace(item, color=color if color in COLORS else None, size=None, accessory_color=worn))
    return replace(spec, items=tuple(items))


class Hints(nn.Module):
    """What is in a picture, each as a choice of its own (see t2a.pocket.train.language.labels)."""

    def __init__(self, width: int):
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(width, size) for size in SIZES)

    def forward(self, seen: Float[Tensor, "b w"], specs: list[Spec]) -> Float[Tensor, ""]:
        """Cross-entropy, summed over the choices; a scene's rows lie one after the other for each view."""
        targets = torch.tensor([labels(shown(spec)) for spec in specs]).T.repeat(1, len(seen) // len(specs))
        scores = [head(seen) for head in self.heads]
        return torch.stack([functional.cross_entropy(s, t) for s, t in zip(scores, targets, strict=True)]).sum()


class Student(nn.Module):
    """The judge and the head that only training needs."""

    def __init__(self, judge: Judge):
        super().__init__()
        self.judge, self.hints = judge, Hints(judge.image.width)


def sector_of(azimuth: Float[Tensor, " b"]) -> Int[Tensor, " b"]:
    """The nearest of SECTORS evenly spaced azimuths (in radians)."""
    return (azimuth / (2 * torch.pi) * SECTORS).round().long() % SECTORS


def wrong_specs(spec: Spec, rng: np.random.Generator, count: int) -> list[Spec]:
    """Counterfactuals of a scene, what changes drawn from CHANGES."""
    near = counterfactuals(spec)
    shares = {change: share for change, share in CHANGES.get(kind_of(spec), DETAILED).items() if near[change]}
    weights = np.array(list(shares.values()))
    changes = rng.choice(list(shares), count, p=weights / weights.sum())
    return [near[change][int(rng.integers(len(near[change])))] for change in changes]


def same_meaning(a: list[Spec], b: list[Spec]) -> Bool[Tensor, "a b"]:
    ids: dict[tuple, int] = {}
    rows, columns = (torch.tensor([ids.setdefault(meaning(s), len(ids)) for s in specs]) for specs in (a, b))
    return rows[:, None] == columns[None, :]


def contrast(
    views: Float[Tensor, "v b d"], texts: Float[Tensor, "t d"], specs: list[Spec], all_specs: list[Spec], scale: Tensor
) -> dict[str, Tensor]:
    """Symmetric InfoNCE (van den Oord et al. 2018): each view, and the mean of each scene's views, against all `texts`.

    The first b texts are the scenes' own, the others are counterfactuals; those that happen to be true are not counted.
    """
    count = len(specs)
    mean = functional.normalize(views.mean(0), dim=-1)
    target = torch.arange(count)
    equal = same_meaning(specs, all_specs)
    equal[target, target] = False
    logits = {"single": scale * views.flatten(0, 1) @ texts.T, "mean": scale * mean @ texts.T}
    single = logits["single"].masked_fill(equal.repeat(len(views), 1), -torch.inf)
    pooled = logits["mean"].masked_fill(equal, -torch.inf)
    back = logits["mean"][:, :count].masked_fill(equal[:, :count], -torch.inf).T
    return {
        "single": functional.cross_entropy(single, target.repeat(len(views))),
        "mean": functional.cross_entropy(pooled, target),
        "text": functional.cross_entropy(back, target),
    }


def candidates(count: int) -> Int[Tensor, "b k"]:
    """For each of `count` pictures the rows of its own sentence, of its counterfactuals, and of OTHERS of the batch."""
    own = torch.arange(count)[:, None]
    wrong = count + own * NEGATIVES + torch.arange(NEGATIVES)
    others = (own + torch.arange(1, min(OTHERS, count - 1) + 1)) % count
    return torch.cat([own, wrong, others], dim=1)


def choice(
    logits: Float[Tensor, "v b k"], pairs: Int[Tensor, "b k"], specs: list[Spec], all_specs: list[Spec]
) -> dict[str, Tensor]:
    """Each view, and the mean of each scene's views, must choose the first of its candidates; those that happen to be
    true as well are not counted."""
    equal = same_meaning(specs, all_specs).gather(1, pairs)
    equal[:, 0] = False
    target = torch.zeros(len(pairs), dtype=torch.long)
    single = logits.masked_fill(equal, -torch.inf).flatten(0, 1)
    mean = logits.mean(0).masked_fill(equal, -torch.inf)
    return {
        "choice": functional.cross_entropy(single, target.repeat(len(logits))),
        "mean_choice": functional.cross_entropy(mean, target),
        "right": (mean.argmax(1) == target).float().mean(),
    }


@torch.no_grad()
def begin(judge: Judge, known: Judge) -> None:
    """The weights of another judge, word by word: the vocabulary may have changed since, and so may the size of the
    pictures, whose head then begins anew."""
    own = judge.state_dict()
    state = {k: v if v.shape == own[k].shape else own[k] for k, v in known.state_dict().items()}
    rows = judge.text.words.weight.clone()
    rows[:2] = known.text.words.weight[:2]
    for word, row in judge.index.items():
        if word in known.index:
            rows[row] = known.text.words.weight[known.index[word]]
    judge.load_state_dict({**state, "text.words.weight": rows})


def train(
    lessons: Lessons,
    folder: Path,
    *,
    steps: int,
    batch: int = 64,
    rate: float = 2e-3,
    seed: int = 0,
    config: JudgeConfig | None = None,
    save_every: int = 250,
    start: Path | None = None,
    muon: bool = False,
) -> Iterator[tuple[int, dict[str, float], Judge]]:
    """Yields (step, losses, judge) after each step, the judge as averaged at the last save; resumes exactly. A new run
    may `start` from a judge's folder."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        student = Student(Judge(config or JudgeConfig(tuple(words()))))
    if start is not None:
        begin(student.judge, load_judge(start))
    student = student.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    judge, averaged = student.judge, Judge(student.judge.config)
    bf16, chance = bfloat16_is_fast(), chances(lessons.specs)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        rows, views = draw(chance, lessons.pictures.shape[1], batch, generator)
        rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
        pictures = lessons.pictures[rows[None], views.T]
        images = compose(pictures.flatten(0, 1), generator)
        sectors = sector_of(lessons.azimuths[rows[None], views.T].flatten())
        specs = [lessons.specs[int(i)] for i in rows]
        wrong = [other for spec in specs for other in wrong_specs(spec, rng, NEGATIVES)]
        reading = judge.read([caption(spec, rng) for spec in specs + wrong])
        texts, pairs = functional.normalize(reading.summary, dim=-1), candidates(batch)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            sight = judge.see(images)
            embedded = judge.embed(sight).unflatten(0, (2, batch))
            sides = judge.image.side(sight.features).float()
            evidence = judge.matcher(sight.patches, reading, pairs.repeat(2, 1)).unflatten(0, (2, batch))
        cosines = torch.einsum("vbd,bkd->vbk", embedded, texts[pairs])
        losses = {
            **contrast(embedded, texts, specs, specs + wrong, judge.scale),
            **choice(judge.scale * cosines + evidence, pairs, specs, specs + wrong),
            "hint": student.hints(sight.features.float(), specs),
            "side": functional.cross_entropy(sides, sectors),
        }
        agreement = sum(losses[name] for name in ("single", "mean", "text", "choice", "mean_choice"))
        return {"loss": agreement / 2 + HINT * losses["hint"] + SIDE * losses["side"], **losses, "scale": judge.scale}

    training = run(
        student,
        loss_of,
        steps=steps,
        rate=rate,
        folder=folder,
        name="judge",
        seed=seed,
        save_every=save_every,
        decay=0.4,
        average_decay=0.995,  # a run is too short for a longer memory
        muon=muon,
    )
    for step, losses, average in training:
        if not rank() and (step % save_every == 0 or step == steps):
            averaged.load_state_dict(
                {k.removeprefix("judge."): v for k, v in average.values.items() if k.startswith("judge.")}
            )
            save_judge(averaged, folder)
        yield step, losses, averaged


@torch.no_grad()
def mean_of(a: Judge, b: Judge) -> Judge:
    """The mean of two judges' weights, one of which began as the other (Wortsman et al. 2022, robust fine-tuning): it
    was right more often than either."""
    other = b.state_dict()
    mean = {k: (v + other[k]) / 2 if v.is_floating_point() else v for k, v in a.state_dict().items()}
    judge = Judge(a.config)
    judge.load_state_dict(mean)
    return judge.eval()


@torch.no_grad()
def validate(judge: Judge, lessons: Lessons, count: int = 100, seed: int = 5) -> dict[str, float]:
    """Share of the first `count` scenes whose sentence wins against 60 distractors, by one view and by all of them."""
    judge.eval()
    rng = np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    one = every = 0
    for i in range(min(count, len(lessons))):
        captions = [caption(lessons.specs[i], rng), *distractors(lessons.specs[i], rng)]
        views = compose(lessons.pictures[i], generator, amount=0.0)
        one += int(judge.score_views(views[:1], captions).argmax() == 0)
        every += int(judge.score_views(views, captions).argmax() == 0)
    count = min(count, len(lessons))
    return {"one_view": one / count, "all_views": every / count}


def learn(args: argparse.Namespace) -> None:
    """What the command line asks for, in one of its processes."""
    lessons, valid = load_lessons(args.data / "learn"), load_lessons(args.data / "valid")
    report = Report(args.steps, args.out / "judge.csv", every=25)
    training = train(
        lessons,
        args.out,
        steps=args.steps,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
        save_every=args.validate_every,
        start=args.start,
        muon=args.muon,
    )
    for step, losses, judge in training:
        report(step, losses)
        if not rank() and (step % args.validate_every == 0 or step == args.steps):
            print(f"  of {len(lessons)} scenes; on {len(valid)} others: {validate(judge, valid)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with learn/ and valid/")
    parser.add_argument("--out", type=Path, help="folder of the checkpoint and the weights")
    parser.add_argument("--make", type=int, default=0, metavar="SHARDS", help="make so many shards of 500 scenes first")
    parser.add_argument("--views", type=int, default=2, help="views of each scene that --make renders")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=64, help="scenes; each shows two views")
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--processes", type=int, default=1, help="processes of one thread each, every one with its own batch"
    )
    parser.add_argument("--start", type=Path, help="begin from the weights of an exported judge")
    parser.add_argument("--muon", action="store_true", help="learn the matrices by Muon rather than by AdamW")
    parser.add_argument(
        "--mean", type=Path, nargs=2, metavar="FOLDER", help="instead: write the mean of two judges' weights into --out"
    )
    parser.add_argument("--validate-every", type=int, default=250)
    args = parser.parse_args()
    if args.mean:
        save_judge(mean_of(*map(load_judge, args.mean)), args.out)
        return
    if args.data is None:
        parser.error("--data is needed")
    if args.make:
        make_shards(args.data / "valid", seed=VALID_SEED, shards=1, scenes=400, views=args.views)
        make_shards(args.data / "learn", seed=LEARN_SEED, shards=args.make, scenes=500, views=args.views)
    if args.out is None:
        return
    args.out.mkdir(parents=True, exist_ok=True)
    if args.processes > 1:
        in_parallel(args.processes, learn, args)
    else:
        learn(args)


if __name__ == "__main__":
    main()
