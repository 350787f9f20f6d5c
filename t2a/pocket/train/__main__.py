"""Train the pocket latent diffusion model:

    python -m t2a.pocket.data --out data --shards 10
    python -m t2a.pocket.train autoencoder --data data --out run --steps 1500
    python -m t2a.pocket.train diffusion --data data --out run --steps 16000
    python -m t2a.pocket.train sheet --out run
    python -m t2a.pocket.train export --out run

Each stage continues from its checkpoint in --out; repeating a finished stage does nothing.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads slow every other process down


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m t2a.pocket.train", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("stage", choices=("autoencoder", "diffusion", "sheet", "export"))
    parser.add_argument("--data", type=Path, help="folder of shards")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and logs")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=None)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--start", type=Path, default=None, help="diffusion: begin from the weights of an exported pipeline"
    )
    parser.add_argument(
        "--target", type=Path, default=None, help="export: the pipeline's folder (default: the package's own)"
    )
    args = parser.parse_args()

    import torch

    from t2a.pocket.data import load_shards
    from t2a.pocket.train import autoencoder

    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.stage in ("sheet", "export"):
        from t2a.pocket.train import diffusion, sheet

        if args.stage == "sheet":
            sheet.write(args.out)
        else:
            diffusion.export(args.out, args.target)
        return
    if args.data is None:
        parser.error("--data is needed; make it with: python -m t2a.pocket.data --out data")
    images, cameras, specs = load_shards(args.data)
    if args.stage == "autoencoder":
        flat = images.reshape(-1, *images.shape[2:])
        model = autoencoder.train(flat, args.out, args.steps, args.batch or 16, args.seed)
        model.save_pretrained(args.out / "autoencoder")
        return
    from t2a.pocket.train import diffusion

    diffusion.train(images, cameras, specs, args.out, args.steps, args.batch or 32, args.seed, start=args.start)


if __name__ == "__main__":
    main()
