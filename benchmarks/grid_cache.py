"""What a kept answer of a grid source costs to read: python benchmarks/grid_cache.py

A hundred processes at once ask for the signals of now: first with an empty cache, then with the answer kept. The
service is one of our own on this machine. It answers as Energinet does, the source with the most slots: three days of
five minutes. Processes are forks of one that has imported everything; each reads once. The CPU time of a process is
told, because a hundred processes share a few CPUs. The yardstick is loading the JSON of the same file, in as many
processes at once.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from _bench import Table, Yardstick

PROCESSES, SLOTS, LIMIT = 100, 864, 5.5
STEP = timedelta(minutes=5)
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
READERS = """
import json, os, sys, time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pytest_carbon.grid.live.chain import Chain
from pytest_carbon.grid.live.signal_cache import SignalCache
from pytest_carbon.grid.live.sources.energinet import Energinet

what, url, folder, now, count = sys.argv[1:]
now, file = datetime.fromisoformat(now), Path(folder, "energinet", "DK1", "newest.json")
chain = Chain([replace(Energinet(), address=url)], SignalCache(Path(folder)), {}, 60.0, lambda: now)
actions = {"signals": lambda: chain.near_now("DK1", now).signals, "json": lambda: json.loads(file.read_bytes())}
gate, opening = os.pipe()
result, results = os.pipe()
for _ in range(int(count)):
    if not os.fork():
        os.close(opening)
        os.read(gate, 1)  # ends when the first process opens the gate
        begun = time.process_time()
        found = len(actions[what]())
        os.write(results, json.dumps([time.process_time() - begun, found]).encode() + b"\\n")
        os._exit(0)
os.close(results)
os.close(opening)
with os.fdopen(result) as lines:
    print(f"[{','.join(lines)}]")
"""


class Service(BaseHTTPRequestHandler):
    """Answers with what was measured, and then with the forecast; counts the requests of each."""

    requests: ClassVar[list[str]] = []

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def do_GET(self) -> None:
        """Answer with the slots before or after now."""
        path = urlsplit(self.path).path
        self.requests.append(path)
        first = NOW.replace(minute=NOW.minute // 5 * 5)
        numbers = range(-SLOTS // 3, 0) if path.endswith("CO2Emis") else range(SLOTS * 2 // 3)
        records = [
            {"Minutes5UTC": f"{first + n * STEP:%Y-%m-%dT%H:%M:%S}", "PriceArea": "DK1", "CO2Emission": 100 + n % 50}
            for n in numbers
        ]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"records": records}).encode())


@contextmanager
def service() -> Iterator[str]:
    """Serve on this machine and yield the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def at_once(what: str, url: str, folder: Path) -> tuple[float, float, set[int]]:
    """Do it in a hundred processes; return the median and the longest CPU seconds, and how many parts were found."""
    command = [sys.executable, "-c", READERS, what, url, str(folder), NOW.isoformat(), str(PROCESSES)]
    done = subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    answers = json.loads(done.stdout)
    assert len(answers) == PROCESSES
    took_s = [seconds for seconds, _ in answers]
    return statistics.median(took_s), max(took_s), {found for _, found in answers}


def main() -> None:
    """Print every figure against its limit."""
    table = Table(f"{PROCESSES} processes at once ask for the {SLOTS} signals of three days")
    with tempfile.TemporaryDirectory() as name, service() as url:
        _, _, found = at_once("signals", url, Path(name))
        table.row("questions to the source, with an empty cache", len(Service.requests) / 2, 1)
        table.row("processes without all signals", sum(count < SLOTS * 0.99 for count in found), 0)
        yardstick_s, _, _ = at_once("json", url, Path(name))
        median_s, longest_s, _ = at_once("signals", url, Path(name))
        table.row("questions to the source, with what is kept", len(Service.requests) / 2 - 1, 0)
        yardstick = Yardstick("loading the JSON of the same file", yardstick_s)
        table.time("reading in one process, median", median_s, yardstick, LIMIT)
        table.say(f"the longest took {longest_s * 1000:.1f} ms")
    table.end()


if __name__ == "__main__":
    main()
