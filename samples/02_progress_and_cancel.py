"""Watch a job and stop it: progress, losses and previews come as events; returning False cancels.

python samples/02_progress_and_cancel.py 30

stops after 30 seconds. The checkpoint stays, so that running it again continues where it was.
"""

import sys
import time
from pathlib import Path

import t2a

deadline = time.monotonic() + float(sys.argv[1]) if len(sys.argv) > 1 else float("inf")
checkpoint = Path("chair.t2a") / "checkpoint.pt"


def progress(event: t2a.Event) -> bool:
    eta = "" if event.eta is None else f", {event.eta:.0f} s left in this stage"
    if event.step % 20 == 0 or event.step == event.steps:
        print(f"{event.stage}: {event.step} of {event.steps}{eta}")
    return time.monotonic() < deadline


try:
    asset = t2a.text_to_3d("a blue chair", seed=0, progress=progress, checkpoint=checkpoint, resume=checkpoint.exists())
    asset.save("chair.glb")
except t2a.Cancelled as cancelled:
    print(cancelled)
