"""Secrets that a command, a URL or an error brings: none is kept in a file or shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.attack import Attack
from tests.samples import make_report

MISTYPED = (
    "postgres//user:{}@db.example/carbon",
    "postgresql://user:{}@db.example/carbon",
    "postgresql://user:{}/carbon",
    "postgresql:/user:{}@db.example",
    "postgresql:user:{}@db.example",
    "user:{}@db.example",
    "postgresql://db.example/carbon?password={}",
    "postgresql://user@db.example/carbon?sslmode=require&password={}&x=y",
    "postgresql+{}://user@db.example/carbon",
    "{}://user@db.example/carbon",
    "sqlite://user:{}@db.example/carbon",
    "mysql://user:{}@db.example/carbon",
    "postgresql://user:{}:5432/carbon",
    "postgresql://user@{}/carbon",
    "postgresql://user/{}@127.0.0.1:1/carbon",
    "postgresql://user:@{}/carbon",
    "postgresql://user@{}:5432/carbon",
    "postgresql://user@/carbon?host={}",
    "sqlite:///user:{}/db.example",
)
PASSWORDS = ("s3cret-0f-the-attack", "s3cret-0f-the-attack.pw",
             "pa@s3cret-0f-the-attack", "pa/s3cret-0f-the-attack", "pa#s3cret-0f-the-attack",
             "pa?s3cret-0f-the-attack", "pa%s3cret-0f-the-attack", "pa:s3cret-0f-the-attack",
             "pa&s3cret-0f-the-attack=1", "pa s3cret-0f-the-attack")  # fmt: skip


@pytest.mark.attack("secrets-in-files")
@pytest.mark.parametrize("url", MISTYPED)
def test_no_part_of_a_password_of_a_mistyped_url_is_shown(
    project: Any, attack: Attack, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether an option, the environment or the policy has the URL, and whatever character the password has."""
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "1")
    for password in PASSWORDS:
        place = url.format(password)
        monkeypatch.setenv("PYTEST_CARBON_SQL", place)
        project.policy('\n[ledger]\nsql = "env"\nrepository = "org/shop"\n')
        outputs = [project.carbon("ledger", "list"), project.carbon("ledger", "migrate", now=None)]
        for table in (f'[ledger]\nsql = "{place}"', f'ledger = "{place}"', f'[ledger]\nsql = ["{place}"]',
                      f'[ledger]\nurl = "{place}"', f'[ledger]\nbranch = "{place}"'):  # fmt: skip
            project.policy(whole=f"{table}\n")
            outputs.append(project.carbon("budget"))
        project.policy()
        outputs.append(project.carbon("budget", "--ledger", place))
        for done in outputs:
            attack.ended(done.code if done.code else "shown", done.out, done.err)


@pytest.mark.attack("secrets-in-files")
@pytest.mark.parametrize(
    "words",
    [
        ("ledger", "sync", "x/y=https://user:pa/{}@127.0.0.1:1/o/x.git", "--sql", "sqlite:///x.db"),
        ("ledger", "sync", "x/y=https://user:pa/{}@127.0.0.1:1/o/x.git", "--sql", "sqlite:///x.db", "--json"),
        ("ledger", "sync", "x/y=https://127.0.0.1:1/o/x.git?private_token={}", "--sql", "sqlite:///x.db", "--json"),
        ("ledger", "sync", "x/y=https://user:pa'{}@127.0.0.1:1/o/x.git", "--sql", "sqlite:///x.db"),
        ("ledger", "sync", "x/y=https://user:pa {}@127.0.0.1:1/o/x.git", "--sql", "sqlite:///x.db", "--json"),
        ("ledger", "sync", 'x/y=https://user:pa"{}@127.0.0.1:1/o/x.git', "--sql", "sqlite:///x.db"),
        ("ledger", "sync", "x/y=https://127.0.0.1:1/o/x.git?pat={}", "--sql", "sqlite:///x.db"),
        ("ledger", "verify", "--against", "x/y=https://user:pa/{}@127.0.0.1:1/o/x.git"),
        ("check", "postgresql://user:{}@db.example/carbon"),
        ("ledger", "import", "postgresql://user:{}@db.example/carbon"),
        ("ledger", "verify", "--folder", "postgresql:/user:{}@db.example"),
        ("ledger", "verify", "--folder", "postgresql:/user:{}@db.example", "--json"),
        ("budget", "--ledger", "folder:postgresql://user:{}@db.example/carbon"),
        ("budget", "postgresql://user:{}@db.example/carbon"),
        ("postgresql://user:{}@db.example/carbon",),
        ("budget", "--now={}", "--password={}"),
    ],
    ids=" ".join,
)
def test_a_secret_in_the_wrong_place_is_not_shown(project: Any, attack: Attack, words: tuple[str, ...]) -> None:
    """A URL may stand where a file is meant, or among words that no verb knows."""
    password = f"pa/{attack.secret}" if "127.0.0.1" not in " ".join(words) else attack.secret
    done = project.carbon(*(word.format(password) for word in words), now=None)
    attack.ended(done.code if done.code else "shown", done.out, done.err)


@pytest.mark.attack("secrets-in-files")
def test_arguments_of_a_command_are_in_no_file(project: Any, attack: Attack) -> None:
    """Report and ledger keep the program and a digest, and only the group may read them."""
    done = project.carbon("run", "--", "true", "--password", attack.secret, now=None)
    assert done.code == 0
    report = project.root / ".carbon/report.json"
    assert project.carbon("ledger", "append", now=None).code == 0
    texts = [path.read_bytes().decode("utf-8", "replace") for path in _files(project.root)]
    attack.harmless(done.out, done.err, *texts)
    assert '"command":["true","\\u2026sha256:' in report.read_text(encoding="utf-8")
    assert {path.stat().st_mode & 0o7 for path in _files(project.root / ".carbon")} <= {0, 4}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


NAMES = ("token", "reset password", "api key")


@pytest.mark.parametrize("words", ["explain", "check", "check --json", "report"])
def test_a_name_that_looks_like_a_secret_is_shown(project: Any, words: str) -> None:
    """A verdict and a table hide no part of a line behind the name of a feature or test."""
    budget = '[features."{0}".budget]\nper-run = "1 mJ ref"\non-exceeded = "fail"\n'
    project.policy(whole='zone = "DE"\n' + "".join(map(budget.format, NAMES)))
    nodeids = {name: (f"a.py::test[{name}: a]", f"a.py::test[{name}=a]") for name in NAMES}
    report = replace(make_report(tests=nodeids), gaps=tuple(f"{name}: a" for name in NAMES))
    verb, *options = words.split()
    when = {"now": None} if verb == "report" else {}
    done = project.carbon(verb, project.write(report), *options, **when)
    assert "***" not in done.out + done.err
    assert [name for name in NAMES if name not in done.out] == [], (done.out, done.err)
