"""A known split: tests that burn 1:2:4 CPU seconds, some sleeping, in subprocesses, in threads, under -n 2.

On a machine whose power is all dynamic and straight (no idle watts, 10 W at full load), a test's joules are its CPU
seconds: whatever a share is off by is the fault of the attribution. Two threads and a GIL burn as one.
"""

from __future__ import annotations

from _bench import Table, run_pytest, scratch

SUITE = """
import subprocess, sys, threading, time
from burning import burn

def test_1_plain(): burn(0.5)
def test_2_plain(): burn(1.0)
def test_4_plain(): burn(2.0)
def test_1_sleeping(): burn(0.25); time.sleep(0.7); burn(0.25)
def test_2_subprocess():
    code = "import time\\nstart = time.process_time()\\nwhile time.process_time() - start < 1 - start: pass"
    subprocess.run([sys.executable, "-c", code], check=True)
def test_4_threads():
    threads = [threading.Thread(target=burn, args=(2.0,)) for _ in range(2)]
    for t in threads: t.start()
    for t in threads: t.join()
def test_0_sleeping(): time.sleep(1)
"""


def main() -> None:
    """Compare each test's share with the share that it burnt."""
    table = Table("known split under -n 2")
    with scratch(test_split=SUITE) as folder:
        (folder / "carbon.toml").write_text("[machine]\nwatts = [[0, 0], [100, 10]]\n")
        report = run_pytest(folder, "--carbon", "-n", "2").report
    assert report is not None
    used: dict[str, float] = {}
    for row in report["rows"]:
        if row["kind"] == "test":
            name = row["nodeid"].split("::")[1]
            used[name] = used.get(name, 0.0) + row["energy_j"]
    truth = {name: float(name.split("_")[1]) for name in used}
    total_used, total_truth = sum(used.values()), sum(truth.values())
    for name in sorted(used):
        share, expected = used[name] / total_used, truth[name] / total_truth
        off = abs(share / expected - 1) if expected else share
        table.row(f"{name}: share {share:.2%}, burnt {expected:.2%}, off by", 100 * off, 2, "%")
    table.end()


if __name__ == "__main__":
    main()
