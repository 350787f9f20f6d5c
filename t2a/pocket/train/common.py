"""What every training loop needs: a learning-rate schedule that can be extended, averaged weights, exact resumption, an
ETA."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from t2a.pocket.train.muon import Muon, is_matrix
from t2a.pocket.train.parallel import average_gradients, gather, rank


def learning_rate(step: int, steps: int, warmup: int = 200, decay: float = 0.3) -> float:
    """Warm-up, constant, then linear to 1 % over the last `decay` share: a run can be prolonged as long as it has not
    begun to decay."""
    start = int(steps * (1 - decay))
    falling = 1 - 0.99 * max(step - start, 0) / max(steps - start, 1)
    return min((step + 1) / warmup, falling)


class Average:
    """Exponential moving average of a model's parameters, with a short memory at first."""

    def __init__(self, model: nn.Module, decay: float = 0.999):
        self.decay = decay
        self.values = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self.decay, (step + 1) / (step + 10))
        pairs = [(self.values[k], v) for k, v in model.state_dict().items() if v.is_floating_point()]
        torch._foreach_lerp_([mean for mean, _ in pairs], [value for _, value in pairs], 1 - decay)


def bfloat16_is_fast() -> bool:
    """Whether bf16 autocast pays on this CPU: with AMX it does. With AVX-512 alone the pocket UNet took 1.7
    times as long as in fp32, and without those ten times."""
    return torch.cpu._is_amx_tile_supported()


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
) -> Iterator[tuple[int, dict[str, float], Average]]:
    """Minimise `loss_of(step, generator)["loss"]`, yielding (step, losses, averaged weights) after each step.

    The checkpoint `folder/name.pt` holds model, average, optimiser and generators, so an interrupted run continues
    exactly (with as many processes as before). Each process of `in_parallel` draws its own batches. `muon` learns the
    matrices by Muon rather than by AdamW.
    """
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / f"{name}.pt"
    optimizers = optimizers_of(model, rate, muon)
    generator = torch.Generator().manual_seed(seed + 1_000_003 * rank())
    average, first = Average(model, average_decay), 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        average.values = state["average"]
        for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        if rank() < len(state["generators"]):
            # Cloned: torch reads a view's storage from its beginning, and beyond its end.
            generator.set_state(state["generators"][rank()].clone())
        first = state["step"]

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
            },
            checkpoint,
        )

    for step in range(first, steps):
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * learning_rate(step, steps, warmup, decay)
        # On CPUs the fused attention's backward pass takes as long as all convolutions'; plain products take a fifth.
        with sdpa_kernel(SDPBackend.MATH):
            losses = loss_of(step, generator)
            losses["loss"].backward()
        average_gradients(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        model.zero_grad(set_to_none=True)
        average.update(model, step)
        if (step + 1) % save_every == 0 or step + 1 == steps:
            save(step + 1)
        yield step + 1, {k: float(v.detach()) for k, v in losses.items()}, average


class Report:
    """Prints a line every `every` steps (losses averaged since the last line, seconds a step, ETA) and keeps a CSV of
    them."""

    def __init__(self, steps: int, log: Path, every: int = 50):
        self.steps, self.log, self.every = steps, log, every
        self.start, self.sums, self.count = time.monotonic(), {}, 0  # type: ignore[var-annotated]

    def __call__(self, step: int, losses: dict[str, float]) -> None:
        if rank():
            return
        for key, value in losses.items():
            self.sums[key] = self.sums.get(key, 0.0) + value
        self.count += 1
        if step % self.every and step != self.steps:
            return
        pace = (time.monotonic() - self.start) / self.count
        means = {k: v / self.count for k, v in self.sums.items()}
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
