# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker process and its pipes: lines of JSON, as docs/worker.md of t2a describes them. Without Blender."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections import deque

PROTOCOL = 1
LAST_WORDS = 60
"""Lines of the worker's standard error that are kept for a report."""


class Client:
    """A running worker. Nothing here waits, but for `close`."""

    def __init__(self, python: str):
        """Raises OSError where `python` cannot be started."""
        # PYTHONPATH and PYTHONHOME are those of Blender's own Python.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        self.process = subprocess.Popen(
            [python, "-m", "t2a.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._inbox: queue.Queue[dict] = queue.Queue()
        self._said: deque[str] = deque(maxlen=LAST_WORDS)
        self._threads = [threading.Thread(target=f, daemon=True) for f in (self._listen, self._overhear)]
        for thread in self._threads:
            thread.start()

    def _listen(self) -> None:
        for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                self._inbox.put(message)

    def _overhear(self) -> None:
        for line in self.process.stderr:
            self._said.append(line.decode("utf-8", "replace").rstrip())

    def send(self, **request) -> bool:
        """False if the worker is gone."""
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
            return True
        except (OSError, ValueError):
            return False

    def messages(self) -> list[dict]:
        """What has arrived since the last call."""
        found = []
        while True:
            try:
                found.append(self._inbox.get_nowait())
            except queue.Empty:
                return found

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def silent(self) -> bool:
        """Whether it is gone and all that it said has been read."""
        return not self.alive and not self._threads[0].is_alive() and self._inbox.empty()

    def log(self) -> str:
        """The end of what it wrote to its standard error."""
        return "\n".join(self._said)

    def kill(self) -> None:
        """At once; safe to call twice."""
        self.process.kill()
        self._release()

    def close(self, patience: float = 0.5) -> None:
        """End of input, on which the worker stops; killed if it does not within `patience` seconds."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._release()

    def _release(self) -> None:
        self.process.wait()
        for thread in self._threads:
            thread.join(1.0)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                pipe.close()
            except OSError:
                pass
