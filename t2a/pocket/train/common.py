"""What every training loop needs: a learning-rate schedule that can be extended, averaged weights, exact resumption, an
ETA."""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from t2a.pocket.train.muon import Muon, is_matrix
from t2a.pocket.train.parallel import average_gradients, gather, in_parallel, rank

ATTENTION: dict[str, list[SDPBackend]] = {
    # The fused attention's backward pass takes as long as all convolutions'; plain products take a fifth.
    "cpu": [SDPBackend.MATH],
    # Without cuDNN's, which is torch's first choice on an H100: its backward pass in bf16 gives NaN now and then
    # (https://github.com/pytorch/pytorch/issues/196678), within 50 steps of the pocket UNet.
    "gpu": [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH],
}


CHECK = 50
"""After so many steps the loss is looked at: to look keeps a GPU waiting."""


def learning_rate(step: int, done: float, warmup: int = 200, decay: float = 0.3) -> float:
    """Warm-up, constant, then linear to 1 % over the last `decay` share; `done` is how much of the run lies behind,
    from 0 to 1. A run can be prolonged as long as its rate has not begun to fall."""
    falling = 1 - 0.99 * max(done - (1 - decay), 0) / max(decay, 1e-9)
    return min((step + 1) / warmup, falling)


class Average:
    """Exponential moving average of a model's parameters, with a short memory at first."""

    def __init__(self, model: nn.Module, decay: float = 0.999):
        self.decay = decay
        state = model.state_dict()
        self.values = {k: v.detach().clone() for k, v in state.items()}
        self._live = {k: v.detach() for k, v in state.items() if v.is_floating_point()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move towards the model's parameters as they are now."""
        decay = min(self.decay, (step + 1) / (step + 10))
        torch._foreach_lerp_([self.values[k] for k in self._live], list(self._live.values()), 1 - decay)

    def load(self, values: dict[str, Tensor]) -> None:
        """Continue from the `values` of another one."""
        for name, value in values.items():
            self.values[name].copy_(value)


def bfloat16_is_fast(device: torch.device) -> bool:
    """Whether bf16 autocast pays there: on GPUs, and on CPUs with AMX. With AVX-512 alone the pocket UNet took 1.7
    times as long as in fp32, and without those ten times."""
    if device.type == "cpu":
        return torch.cpu._is_amx_tile_supported()
    return device.type == "cuda" and torch.cuda.is_bf16_supported()


def autocast(device: torch.device) -> torch.autocast:
    """bf16 where it is fast."""
    return torch.autocast(device.type, torch.bfloat16, enabled=bfloat16_is_fast(device))


def on(device: torch.device, generator: torch.Generator) -> torch.Generator:
    """What draws the large tensors of a step: `generator` itself, which is the CPU's, or one on `device` that it
    seeds."""
    if device.type == "cpu":
        return generator
    return torch.Generator(device).manual_seed(int(torch.randint(2**62, (), generator=generator)))


def noised(
    x0: Float[Tensor, "b ..."], t: Int[Tensor, " b"], alphas: Float[Tensor, " t"], generator: torch.Generator
) -> tuple[Float[Tensor, "b ..."], Float[Tensor, "b ..."]]:
    """x_t of the forward process, and v = sqrt(abar) noise - sqrt(1 - abar) x_0 (Salimans and Ho 2022), which is to be
    predicted from it; `alphas` is abar of every step, on the device of x0."""
    noise = torch.randn(x0.shape, generator=on(x0.device, generator), device=x0.device)
    a = alphas[t.to(x0.device)].view(-1, *(1,) * (x0.ndim - 1))
    return a.sqrt() * x0 + (1 - a).sqrt() * noise, a.sqrt() * noise - (1 - a).sqrt() * x0


Tensors = TypeVar("Tensors")


def joined(parts: Sequence[Tensors]) -> Tensors:
    """Several of a dataclass of tensors as one, their rows one after the other."""
    return type(parts[0])(*(torch.cat([vars(part)[name] for part in parts]) for name in vars(parts[0])))


def save_atomically(state: object, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


def optimizers_of(model: nn.Module, rate: float, muon: bool) -> list[torch.optim.Optimizer]:
    """AdamW for all parameters, or for what Muon does not learn."""
    matrices = [p for name, p in model.named_parameters() if is_matrix(name, p)] if muon else []
    taken = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in taken]
    adamw = torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    return [adamw, Muon(matrices, rate)] if matrices else [adamw]


def run(
    model: nn.Module,
    loss_of: Callable[[int, torch.Generator], dict[str, Tensor]],
    *,
    steps: int,
    rate: float,
    folder: Path,
    name: str,
    seed: int,
    save_every: int = 250,
    decay: float = 0.3,
    average_decay: float = 0.999,
    warmup: int = 200,
    muon: bool = False,
    minutes: float | None = None,
) -> Iterator[tuple[int, dict[str, Tensor], Average]]:
    """Minimise `loss_of(step, generator)["loss"]` on the model's device, yielding (step, losses, averaged weights)
    after each step. `minutes` ends it sooner, the learning rate fallen as at the end of all `steps`.

    The checkpoint `folder/name.pt` holds model, average, optimiser and generators, so an interrupted run continues
    exactly (with as many processes as before). Each process of `in_parallel` draws its own batches. `muon` learns the
    matrices by Muon rather than by AdamW.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{name}.pt"
    attention = ATTENTION["cpu" if next(model.parameters()).device.type == "cpu" else "gpu"]
    optimizers = optimizers_of(model, rate, muon)
    generator = torch.Generator().manual_seed(seed + 1_000_003 * rank())
    average, first, before = Average(model, average_decay), 0, 0.0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location="cpu")
        model.load_state_dict(state["model"])
        average.load(state["average"])
        for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        if rank() < len(state["generators"]):
            # Cloned: torch reads a view's storage from its beginning, and beyond its end.
            generator.set_state(state["generators"][rank()].clone())
        first, before = state["step"], state["seconds"]
    start = time.monotonic()

    def seconds() -> float:
        return before + time.monotonic() - start

    def done(step: int) -> float:
        if minutes is None:
            return step / steps
        # The first process's clock is everyone's, or some would wait for one that has ended.
        return max(step / steps, float(gather(torch.tensor([seconds()]))[0]) / (60 * minutes))

    def save(step: int) -> None:
        generators = list(gather(generator.get_state()))
        if rank():
            return
        save_atomically(
            {
                "model": model.state_dict(),
                "average": average.values,
                "optimizers": [optimizer.state_dict() for optimizer in optimizers],
                "generators": generators,
                "step": step,
                "seconds": seconds(),
            },
            checkpoint,
        )

    step, share = first, done(first)
    while share < 1:
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * learning_rate(step, share, warmup, decay)
        with sdpa_kernel(attention):
            losses = loss_of(step, generator)
            losses["loss"].backward()
        average_gradients(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        average.update(step)
        step, share = step + 1, done(step + 1)
        if (step % CHECK == 0 or share >= 1) and not bool(losses["loss"].isfinite()):
            raise FloatingPointError(
                f"the loss is no number after step {step}; {checkpoint} is from before: go on with a lower rate"
            )
        if step % save_every == 0 or share >= 1:
            save(step)
        yield step, {k: v.detach() for k, v in losses.items()}, average


def to_the_end(
    training: Iterable[tuple[int, dict[str, Tensor], Average]], report: Report
) -> tuple[int, Average | None]:
    """Report every step of a training; the number of the last and the averaged weights after it, None if there was
    nothing left to do."""
    step, average = 0, None
    for step, losses, average in training:  # noqa: B007
        report(step, losses)
    return step, average


def learnt(
    model: nn.Module,
    loss_of: Callable[[int, torch.Generator], dict[str, Tensor]],
    *,
    steps: int,
    folder: Path,
    name: str,
    **how: Any,
) -> int:
    """`run` to the end, with a report in folder/name.csv. How many steps there were, where this process has to write
    the model, which has the averaged weights then; 0 where it has not, or nothing was left to do."""
    training = run(model, loss_of, steps=steps, folder=folder, name=name, **how)
    step, average = to_the_end(training, Report(steps, folder / f"{name}.csv"))
    if average is None or rank():
        return 0
    model.load_state_dict(average.values)
    return step


def add_options(parser: argparse.ArgumentParser, *, steps: int, batch: int, rate: float, decay: float) -> None:
    """The options that all recipes share, with these defaults; they are named as the arguments of a `train`."""
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch, help="examples of each process in a step")
    parser.add_argument("--rate", type=float, default=rate, help="learning rate")
    parser.add_argument("--decay", type=float, default=decay, help="last share of the steps over which the rate falls")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cpu", help="torch device: cpu, cuda, mps")
    parser.add_argument("--minutes", type=float, help="end after so many, if --steps are not done sooner")
    parser.add_argument("--processes", type=int, default=1, help="processes of one thread each")


SHARED = ("steps", "batch", "rate", "decay", "seed", "device", "minutes")


def launch(train: Callable[..., None], args: argparse.Namespace) -> None:
    """`train(args.data, args.out, ...)` with the options of `add_options` and `args.pipeline`, in `args.processes`
    processes."""
    args.out.mkdir(parents=True, exist_ok=True)
    in_parallel(args.processes, _train, train, args)


def _train(train: Callable[..., None], args: argparse.Namespace) -> None:
    train(args.data, args.out, pipeline=args.pipeline, **{name: getattr(args, name) for name in SHARED})


class Report:
    """Prints a line every `every` steps (losses averaged since the last line, seconds a step, ETA) and keeps a CSV of
    them."""

    def __init__(self, steps: int, log: Path, every: int = 50):
        self.steps, self.log, self.every = steps, log, every
        self.start, self.sums, self.count = time.monotonic(), {}, 0  # type: ignore[var-annotated]

    def __call__(self, step: int, losses: Mapping[str, Tensor | float]) -> None:
        if rank():
            return
        for key, value in losses.items():  # added up where they are: reading each would keep a GPU waiting
            self.sums[key] = self.sums.get(key, 0.0) + value
        self.count += 1
        if step % self.every and step != self.steps:
            return
        pace = (time.monotonic() - self.start) / self.count
        means = {k: float(v) / self.count for k, v in self.sums.items()}
        eta = pace * (self.steps - step) / 60
        print(
            f"step {step}/{self.steps}  "
            + "  ".join(f"{k} {v:.4f}" for k, v in means.items())
            + f"  {pace:.2f} s/step  ETA {eta:.0f} min",
            flush=True,
        )
        self._append(
            {"step": str(step), "seconds_per_step": f"{pace:.3f}", **{k: f"{v:.5f}" for k, v in means.items()}}
        )
        self.start, self.sums, self.count = time.monotonic(), {}, 0

    def _append(self, row: dict[str, str]) -> None:
        """Add a row to the log; columns that are new to it are empty in older rows."""
        old = list(csv.DictReader(self.log.read_text(encoding="utf-8").splitlines())) if self.log.exists() else []
        known = list(old[0]) if old else []
        columns = [*known, *(name for name in row if name not in known)]
        with self.log.open("a" if columns == known else "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            if columns != known:
                writer.writeheader()
                writer.writerows(old)
            writer.writerow(row)
