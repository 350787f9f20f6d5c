"""How long `import t2a` and `t2a --help` take, against starting Python alone:

    python benchmarks/startup.py

t2a's limits are 0.3 s for the import and 1 s for the help: torch is imported when it is needed.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 10
COMMANDS = {
    "python alone": ["-c", "pass"],
    "import t2a": ["-c", "import t2a"],
    "t2a --help": ["-m", "t2a.cli", "--help"],
}


def seconds(arguments: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


medians = {name: statistics.median(seconds(arguments) for _ in range(RUNS)) for name, arguments in COMMANDS.items()}
for name, value in medians.items():
    print(f"{name:14} {value:.3f} s, {value / medians['python alone']:.1f} times Python alone")
