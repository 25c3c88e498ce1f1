import re
from collections import Counter

from tests.github_action.judge.test_shared_status import MOST_SHARING, _finish


def _go(project, twice):
    for number in range(MOST_SHARING):
        project.repo.commit({f"{number}.py": ""}, branch=f"base-{number}")
    first = project.open_pull("feature:checkout")
    others = [
        project.repo.open_pull(head="topic", base=f"base-{n}", author="ann", labels=["feature:checkout"])
        for n in range(1, MOST_SHARING)
    ]
    for n in [first, *others] if twice else [first]:
        _finish(project, n)
    before = project.hub.api_calls
    done = _finish(project, others[0], "edited", "pull_request_target")
    return (
        project.hub.api_calls - before,
        done.outputs,
        project.status(project.head(first)),
        Counter(re.sub(r"\d+", "N", r.method + " " + r.path) for r in project.hub.requests[-90:]),
    )


def test_a(strict):
    open("/tmp/mB_calls.txt", "w").write(str(_go(strict, False)) + "\n")


def test_b(strict):
    open("/tmp/mB_calls.txt", "a").write(str(_go(strict, True)) + "\n")
