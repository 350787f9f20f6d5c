"""Train the judge: `python -m t2a.eval.train_judge --data DIR --out DIR --make 24 --steps 2400`.

Its scenes come from seeds of their own (1001 to learn, 2001 to validate), from both sides of the split. Each picture
must pick its sentence among those of the batch and among counterfactuals. On a GPU it outruns any data that lies ready,
so it takes in what is made beside it:

    python -m t2a.eval.train_judge --data DIR --make 100 --processes 8 --uncompressed &
    python -m t2a.eval.train_judge --data DIR --out DIR --device cuda --batch 256 --grow --minutes 6
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

from t2a.eval.judge import PAD, SECTORS, Judge, JudgeConfig, load_judge, save_judge
from t2a.eval.judge_data import CAPTIONS, WRONG, Lessons, chances, compose, draw, load_lessons, make_shards
from t2a.eval.prompts import distractors
from t2a.pocket.captions import caption, words
from t2a.pocket.train.common import Average, Report, autocast, on, run
from t2a.pocket.train.language import SIZES
from t2a.pocket.train.parallel import in_parallel, processes, rank

LEARN_SEED, VALID_SEED = 1001, 2001
NEGATIVES = 6
"""Counterfactual sentences for each scene of a batch."""
OTHERS = 4
"""Sentences of other scenes among which the matcher looks for a picture's own, besides its counterfactuals."""
SIDE = 0.3
"""Weight of the loss of the view classifier, which shares the image encoder. Of something round it can only learn that
all sides are alike."""
HINT = 0.5
"""Weight of the auxiliary loss, which names the parts outright: the image encoder learns them sooner from a choice than
from sentences."""


class Hints(nn.Module):
    """What is in a picture, each as a choice of its own (see t2a.pocket.train.language.labels)."""

    def __init__(self, width: int):
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(width, size) for size in SIZES)

    def forward(self, seen: Float[Tensor, "b w"], targets: Int[Tensor, "n c"]) -> Float[Tensor, ""]:
        """Cross-entropy, summed over the choices; a scene's rows lie one after the other for each view."""
        columns = targets.T.repeat(1, len(seen) // len(targets))
        scores = [head(seen) for head in self.heads]
        return torch.stack([functional.cross_entropy(s, t) for s, t in zip(scores, columns, strict=True)]).sum()


class Student(nn.Module):
    """The judge and the head that only training needs."""

    def __init__(self, judge: Judge):
        super().__init__()
        self.judge, self.hints = judge, Hints(judge.image.width)


def sector_of(azimuth: Float[Tensor, " b"]) -> Int[Tensor, " b"]:
    """The nearest of SECTORS evenly spaced azimuths (in radians)."""
    return (azimuth / (2 * torch.pi) * SECTORS).round().long() % SECTORS


def same_meaning(own: Int[Tensor, " b"], every: Int[Tensor, " t"]) -> Bool[Tensor, "b t"]:
    """Which sentences, by their meanings' numbers, are true of a scene without being its own; its own lie first."""
    equal = own[:, None] == every[None, :]
    return equal & ~torch.eye(*equal.shape, dtype=torch.bool, device=equal.device)


def contrast(
    views: Float[Tensor, "v b d"], texts: Float[Tensor, "t d"], equal: Bool[Tensor, "b t"], scale: Tensor
) -> dict[str, Tensor]:
    """Symmetric InfoNCE (van den Oord et al. 2018): each view, and the mean of each scene's views, against all `texts`.

    The first b texts are the scenes' own, the others are counterfactuals; those that happen to be true (`equal`) are
    not counted.
    """
    count = len(equal)
    mean = functional.normalize(views.mean(0), dim=-1)
    target = torch.arange(count, device=texts.device)
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


def choice(logits: Float[Tensor, "v b k"], pairs: Int[Tensor, "b k"], equal: Bool[Tensor, "b t"]) -> dict[str, Tensor]:
    """Each view, and the mean of each scene's views, must choose the first of its candidates; those that happen to be
    true as well (`equal`) are not counted."""
    true = equal.gather(1, pairs)
    target = torch.zeros(len(pairs), dtype=torch.long, device=logits.device)
    single = logits.masked_fill(true, -torch.inf).flatten(0, 1)
    mean = logits.mean(0).masked_fill(true, -torch.inf)
    return {
        "choice": functional.cross_entropy(single, target.repeat(len(logits))),
        "mean_choice": functional.cross_entropy(mean, target),
        "right": (mean.argmax(1) == target).float().mean(),
    }


def drawn_sentences(
    tokens: Int[Tensor, "b s w"], meanings: Int[Tensor, "b m"], generator: torch.Generator
) -> tuple[Int[Tensor, "t w"], Int[Tensor, " t"]]:
    """Of each scene one right sentence (these first) and NEGATIVES wrong ones, and the numbers of their meanings."""
    count = len(tokens)
    right = torch.randint(CAPTIONS, (count, 1), generator=generator)
    wrong = torch.rand(count, WRONG, generator=generator).topk(NEGATIVES, dim=1).indices
    every = torch.arange(count)[:, None]
    texts = torch.cat([tokens[every, right].flatten(0, 1), tokens[every, CAPTIONS + wrong].flatten(0, 1)]).long()
    longest = int((texts != PAD).sum(1).max())
    return texts[:, :longest], torch.cat([meanings[:, 0], meanings[every, 1 + wrong].flatten()])


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


GROWTH, MOST, KEPT = 25, 4, 30_000
"""After so many steps a training that grows looks for new shards, and takes up to so many; it keeps the latest so many
scenes, which take 2.8 GB with two views each (on a GPU: of its memory)."""


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
    device: str | torch.device = "cpu",
    minutes: float | None = None,
    grow: Path | None = None,
    keep: int = KEPT,
) -> Iterator[tuple[int, dict[str, Tensor], Judge]]:
    """Yields (step, losses, judge) after each step, the judge (on the CPU) as averaged at the last save; resumes
    exactly. A new run may `start` from a judge's folder, and `grow` by the shards that are written into a folder
    meanwhile, of whose scenes it keeps the last `keep`; `minutes` ends it before `steps`. The lessons' pictures must
    be on the `device`."""
    device = torch.device(device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        student = Student(Judge(config or JudgeConfig(tuple(words()))))
    if start is not None:
        begin(student.judge, load_judge(start))
    student = student.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    judge, averaged = student.judge, Judge(student.judge.config)
    chance = chances(lessons.specs)
    seen = len(lessons)
    pairs = candidates(batch).to(device)

    def take_in() -> None:
        """New shards, if there are any."""
        nonlocal lessons, chance, seen
        if grow is not None and (more := load_lessons(grow, lessons.shards, MOST, device)):
            lessons = lessons.and_(more, keep)
            chance = torch.cat([chance, chances(more.specs)])[-keep:]
            seen += len(more)

    def loss_of(step: int, generator: torch.Generator) -> dict[str, Tensor]:
        if step % GROWTH == 0:
            take_in()
        rows, views = draw(chance, lessons.pictures.shape[1], batch, generator)
        pictures = lessons.pictures[rows[None], views.T]
        images = compose(pictures.flatten(0, 1), on(device, generator))
        sectors = sector_of(lessons.azimuths[rows[None], views.T].flatten()).to(device)
        tokens, meanings = drawn_sentences(lessons.tokens[rows], lessons.meanings[rows], generator)
        equal = same_meaning(meanings[:batch], meanings).to(device)
        reading = judge.text(tokens)
        texts = functional.normalize(reading.summary, dim=-1)
        with autocast(device):
            sight = judge.see(images)
            embedded = judge.embed(sight).unflatten(0, (2, batch))
            sides = judge.image.side(sight.features).float()
            evidence = judge.matcher(sight.patches, reading, pairs.repeat(2, 1)).unflatten(0, (2, batch))
        cosines = torch.einsum("vbd,bkd->vbk", embedded, texts[pairs])
        losses = {
            **contrast(embedded, texts, equal, judge.scale),
            **choice(judge.scale * cosines + evidence, pairs, equal),
            "hint": student.hints(sight.features.float(), lessons.labels[rows].long().to(device)),
            "side": functional.cross_entropy(sides, sectors),
        }
        agreement = sum(losses[name] for name in ("single", "mean", "text", "choice", "mean_choice"))
        total = agreement / 2 + HINT * losses["hint"] + SIDE * losses["side"]
        return {"loss": total, **losses, "scale": judge.scale, "scenes": torch.tensor(float(seen))}

    def save(average: Average) -> None:
        values = {k.removeprefix("judge."): v for k, v in average.values.items() if k.startswith("judge.")}
        averaged.load_state_dict(values)
        save_judge(averaged, folder)

    last = None
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
        minutes=minutes,
    )
    for step, losses, average in training:
        if not rank() and (step % save_every == 0 or step == steps):
            save(average)
        yield step, losses, averaged
        last = average
    if last is not None and not rank():
        save(last)


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
    lessons = load_lessons(args.data / "learn", most=MOST if args.grow else None, device=args.device)
    valid = load_lessons(args.data / "valid", device=args.device)
    assert lessons is not None and valid is not None
    valid = replace(valid, pictures=valid.pictures.cpu())
    report = Report(args.steps, args.out / "judge.csv", every=25)
    training = train(
        lessons,
        args.out,
        steps=args.steps,
        batch=args.batch,
        rate=args.rate,
        seed=args.seed,
        save_every=args.save_every,
        start=args.start,
        muon=args.muon,
        device=args.device,
        minutes=args.minutes,
        grow=args.data / "learn" if args.grow else None,
        keep=args.keep,
    )
    for step, losses, judge in training:
        report(step, losses)
        if not rank() and step % args.validate_every == 0:
            print(f"  on {len(valid)} other scenes: {validate(judge, valid)}", flush=True)


def make(args: argparse.Namespace) -> None:
    """This process's share of the shards that the command line asks for."""
    numbers = range(args.first + rank(), args.first + args.make, processes())
    shape = {"views": args.views, "compressed": not args.uncompressed, "bare": args.bare}
    if not rank():
        make_shards(args.data / "valid", seed=VALID_SEED, numbers=range(1), scenes=400, **shape)
    make_shards(args.data / "learn", seed=LEARN_SEED, numbers=numbers, scenes=500, **shape)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with learn/ and valid/")
    parser.add_argument("--out", type=Path, help="folder of the checkpoint and the weights")
    parser.add_argument("--make", type=int, default=0, metavar="SHARDS", help="make so many shards of 500 scenes first")
    parser.add_argument("--first", type=int, default=0, help="number of the first of them")
    parser.add_argument("--uncompressed", action="store_true", help="make larger files, which are sooner read")
    parser.add_argument("--bare", action="store_true", help="leave the pictures for a training on a GPU to draw")
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
    parser.add_argument("--save-every", type=int, default=250)
    parser.add_argument("--validate-every", type=int, default=250, help="a multiple of --save-every")
    parser.add_argument("--device", default="cpu", help="torch device: cpu, cuda, mps")
    parser.add_argument("--minutes", type=float, help="end after so many, if --steps are not done sooner")
    parser.add_argument("--grow", action="store_true", help="take in shards that are written meanwhile")
    parser.add_argument("--keep", type=int, default=KEPT, help="scenes that --grow keeps in memory, the latest")
    args = parser.parse_args()
    if args.grow and args.out and args.processes > 1:
        parser.error("--grow is for a training in one process")
    if args.mean:
        save_judge(mean_of(*map(load_judge, args.mean)), args.out)
        return
    if args.data is None:
        parser.error("--data is needed")
    if args.make:
        in_parallel(args.processes, make, args)
    if args.out is None:
        return
    args.out.mkdir(parents=True, exist_ok=True)
    in_parallel(args.processes, learn, args)


if __name__ == "__main__":
    main()
