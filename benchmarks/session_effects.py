"""How often p of carry-over and of drift falls below 0.05 where there is neither, and where.

    python benchmarks/session_effects.py 500

Noise is a first-order autoregression over presentations, some of it shared by cells.
"""

import sys

import numpy as np

from twophoton_decode.responses.statistics.session_effects import carry_over
from twophoton_decode.responses.statistics.slow_noise import trend_p

CORRELATIONS = (0.0, 0.3, 0.5, 0.8, 0.9, 0.95, 0.98)
SESSIONS = ((20, 4, "repeat by repeat"), (20, 10, "repeat by repeat"), (50, 8, "random"))


def order_of(rng, images, repeats, order):
    if order == "random":
        return rng.permutation(np.repeat(np.arange(images), repeats))
    return np.concatenate([rng.permutation(images) for _ in range(repeats)])


def autoregression(rng, count, cells, correlation):
    noise = rng.standard_normal((count, cells))
    for t in range(1, count):
        noise[t] = correlation * noise[t - 1] + np.sqrt(1 - correlation**2) * noise[t]
    return noise


def carry_over_p(seed, images, repeats, order, correlation, leak, cells=20, shared=0.2):
    rng = np.random.default_rng(seed)
    image = order_of(rng, images, repeats, order)
    tuning = rng.standard_normal((images, cells))
    noise = np.sqrt(1 - shared) * autoregression(rng, image.size, cells, correlation)
    noise += np.sqrt(shared) * autoregression(rng, image.size, 1, correlation)
    response = tuning[image] + noise
    response[1:] += leak * tuning[image[:-1]]
    previous = np.concatenate([[-1], image[:-1]])
    return carry_over(response, image, previous, rng).p


def drift_p(seed, images, repeats, order, correlation, slope, slow=1.0):
    """A share `slow` of the noise is the autoregression, `slope` in noise SD per session."""
    rng = np.random.default_rng(seed)
    image = order_of(rng, images, repeats, order)
    noise = np.sqrt(slow) * autoregression(rng, image.size, 1, correlation)[:, 0]
    noise += np.sqrt(1 - slow) * rng.standard_normal(image.size)
    values = rng.standard_normal(images)[image] + noise
    values += slope * np.linspace(0, 1, image.size)
    return trend_p(values, image, 2.0 * np.arange(image.size))


def share(p_of, runs, *given):
    return f"{np.mean([p_of(seed, *given) <= 0.05 for seed in range(runs)]):.1%}"


def table(title, p_of, runs, extra):
    print(f"\n{title} ({runs} sessions each)\n")
    print(f"| session | {' | '.join(f'{c:g}' for c in CORRELATIONS)} |")
    print("|---" * (1 + len(CORRELATIONS)) + "|")
    for images, repeats, order in SESSIONS:
        row = [share(p_of, runs, images, repeats, order, c, *extra) for c in CORRELATIONS]
        print(f"| {images} images x {repeats}, {order} | {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    runs = int(sys.argv[1])
    print("Share of sessions with p up to 0.05, by the autocorrelation of the noise.")
    table("No drift", drift_p, runs, (0.0,))
    table("No carry-over", carry_over_p, runs, (0.0,))
    table("No drift, a third of the noise is slow, the rest white", drift_p, runs, (0.0, 1 / 3))
    table("A drift of two noise SD over the session", drift_p, runs // 5, (2.0,))
    table("-10 % of a response is left at the next", carry_over_p, runs // 5, (-0.1,))
