"""The recipe of the pocket latent diffusion model: `python -m t2a.pocket.train --help`."""
