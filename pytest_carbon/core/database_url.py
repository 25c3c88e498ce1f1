"""What may be said of a database's URL. A mistyped URL may have a part of its password anywhere, so little is said."""

from __future__ import annotations

import re
from urllib.parse import unquote

_SURE = re.compile(
    r"postgres(?:ql)?(?:\+\w{1,20})?://"
    r"(?:[^@:/?#\s]*(?P<password>:[^@:/?#\s]*)?@)?"
    r"(?P<host>[A-Za-z0-9.-]*)(?P<port>:\d{1,5})?"
    r"(?:/[\w.-]*)?(?:\?(?P<query>[^@#\s]*))?",
    re.ASCII,
)
_SETTINGS = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "passfile",
        "options",
        "application_name",
        "connect_timeout",
        "client_encoding",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "target_session_attrs",
        "service",
        "sslmode",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslcrl",
        "sslpassword",
        "gssencmode",
        "channel_binding",
        "timeout",
    ]
)
_PASSWORD_SETTING = re.compile(r"[?&;]\s*(?:ssl)?(?:password|passwd|pass|pwd)\s*=", re.IGNORECASE)
THIS_MACHINE = "this machine"


def sure_host(url: str) -> str | None:
    """Return the host in the URL of a PostgreSQL database; None unless each of its parts is surely what it seems.

    A host is sure if it has a dot or is localhost. ``user:12345/name`` lacks its host, and its number is no port; what
    stands behind a user without a password may be the password.
    """
    match = _SURE.fullmatch(url)
    if match is None or (match["port"] and "@" not in url):
        return None
    has_password = "@" not in url or match["password"] not in (None, ":")
    settings = dict(setting.partition("=")[::2] for setting in (match["query"] or "").split("&") if setting)
    if not settings.keys() <= _SETTINGS:
        return None
    host = match["host"] or unquote(settings.get("host", "/"))
    if host.startswith("/"):
        return THIS_MACHINE
    known = host == "localhost" or (has_password and "." in host and re.fullmatch(r"[A-Za-z0-9.-]+", host))
    return host if known else None


def may_hold_password(url: str) -> bool:
    """Return whether there may be a password in the URL of a database, however the URL is mistyped."""
    rest = re.sub(r"^\w[\w+.-]*:?/+", "", url.strip())
    user, at, _ = rest.rpartition("@")
    return bool((at and ":" in user) or _PASSWORD_SETTING.search(url))
