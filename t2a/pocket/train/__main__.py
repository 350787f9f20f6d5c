"""Train the pocket latent diffusion model:

    python -m t2a.pocket.data --out data --shards 20
    python -m t2a.pocket.train autoencoder --data data --out run --steps 6000
    python -m t2a.pocket.train diffusion --data data --out run --steps 16000 --processes 2 --decay 0
    python -m t2a.pocket.train diffusion --data data --out run --steps 20000 --processes 2 --joint 0.7 --decay 0.2
    python -m t2a.pocket.train sheet --out run
    python -m t2a.pocket.train export --out run

Each stage continues from its checkpoint in --out; repeating a finished stage does nothing.

On a GPU a training outruns any data that lies ready, so it takes in what is made beside it:

    python -m t2a.pocket.data --out data --shards 400 --scenes 250 --processes 14 --uncompressed &
    python -m t2a.pocket.train diffusion --data data --out run --device cuda --batch 512 --joint 0.7 --grow --minutes 6
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
    parser.add_argument(
        "--processes", type=int, default=1, help="diffusion: processes of one thread each, every one with its own batch"
    )
    parser.add_argument(
        "--joint", type=float, default=0.0, help="diffusion: share of batches in which four views are denoised together"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--decay",
        type=float,
        default=0.3,
        help="diffusion: last share of the steps over which the rate falls; 0 to go on",
    )
    parser.add_argument("--rate", type=float, default=5e-4, help="diffusion: learning rate")
    parser.add_argument(
        "--start", type=Path, default=None, help="diffusion: begin from the weights of an exported pipeline"
    )
    parser.add_argument("--device", default="cpu", help="torch device of autoencoder and diffusion: cpu, cuda, mps")
    parser.add_argument("--minutes", type=float, help="diffusion: end after so many, if --steps are not done sooner")
    parser.add_argument("--grow", action="store_true", help="diffusion: take in shards that are written meanwhile")
    parser.add_argument("--save-every", type=int, default=250, help="diffusion: steps between checkpoints")
    parser.add_argument(
        "--target", type=Path, default=None, help="export: the pipeline's folder (default: the package's own)"
    )
    parser.add_argument("--full", action="store_true", help="export: fp32 weights rather than fp16")
    args = parser.parse_args()

    import torch

    from t2a.pocket.data import load_images, shard_files
    from t2a.pocket.train import autoencoder
    from t2a.pocket.train.parallel import in_parallel

    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.stage in ("sheet", "export"):
        from t2a.pocket.train import export, sheet

        if args.stage == "sheet":
            sheet.write(args.out)
        else:
            export.export(args.out, args.target, torch.float32 if args.full else torch.float16)
        return
    if args.data is None:
        parser.error("--data is needed; make it with: python -m t2a.pocket.data --out data")
    if args.stage == "autoencoder":
        pictures = [load_images(file) for file in shard_files(args.data)[: autoencoder.SHARDS]]
        flat = torch.cat([p.flatten(0, 1) for p in pictures])
        model = autoencoder.train(flat, args.out, args.steps, args.batch or 16, args.seed, device=args.device)
        model.save_pretrained(args.out / "autoencoder")
        return
    from t2a.pocket.train import diffusion

    if args.grow and args.processes > 1:
        parser.error("--grow is for a training in one process")
    diffusion.prepare(args.data, args.out, args.start, args.seed, device=args.device)
    options = (
        args.data,
        args.out,
        args.steps,
        args.batch or 32,
        args.seed,
        args.rate,
        args.start,
        args.joint,
        args.decay,
        args.device,
        args.minutes,
        args.grow,
        args.save_every,
    )
    in_parallel(args.processes, diffusion.train, *options)


if __name__ == "__main__":
    main()
