"""Events as progress bars on a terminal, and the newest preview as a file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tqdm import tqdm

from t2a.errors import UserError
from t2a.events import Event
from t2a.export.files import write_png


class Bars:
    """A reader of events: one bar per stage, previews written to a file by rename."""

    def __init__(self, preview: Path | None = None, *, quiet: bool = False):
        self.preview, self.quiet = preview, quiet
        self.bar: tqdm | None = None
        self.stage = ""

    def __enter__(self) -> Bars:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        if event.preview is not None and self.preview is not None:
            with suppress(UserError):  # a viewer may hold the file; the job matters more
                write_png(self.preview, event.preview)
        if self.quiet:
            return
        if event.stage != self.stage:
            self.close()
            self.stage = event.stage
            self.bar = tqdm(
                total=event.steps,
                desc=f"{event.stage:8}",
                unit="step",
                initial=max(event.step - 1, 0),
                mininterval=0.5,
                dynamic_ncols=True,
            )
        assert self.bar is not None
        if event.losses:
            self.bar.set_postfix({k: f"{v:.3g}" for k, v in event.losses.items()}, refresh=False)
        self.bar.update(event.step - self.bar.n)
        if event.step == event.steps:
            self.close()

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
