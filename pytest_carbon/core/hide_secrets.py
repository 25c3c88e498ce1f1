"""What may be shown of a text, of a URL, and of a database's URL: none of their secrets.

It is for errors, for what other programs wrote, and for addresses. A verdict and a table of ours hold none, but
names of tests and features, which may look like one.
"""

from __future__ import annotations

import re
from binascii import a2b_base64
from urllib.parse import unquote

_BARE = r"(?:[^\s&'\",;]|[&,;](?![\w.-]*=|\s|$))+"
_LIST = r"\[(?:'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|\\.|[^\]\\\n])*\]?"
"""Values in brackets."""
_VALUE = (
    rf"(?:{_LIST}(?:{_BARE})?|\\'[^'\n]*'|\\\"[^\"\n]*\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|\\?['\"]?{_BARE})"
)
"""A list, or a value in quotes, in quotes of JSON within a text, or up to what ends a word or begins the next name."""
_NAME = (
    r"(?:passw(?:or)?d|passphrase|secret|token"
    r"|(?:api|access|account|auth|client|encryption|private|secret|shared)[_-]?key)"
)
_SHORT_NAME = r"(?:pwd|signature|credentials?|(?<![a-z])(?:sig|auth|pass)|(?<=_)pass|(?<=\bpg)pass|(?<=[?&])key)"
_NAMED_SECRETS = (
    (rf"((?:{_NAME}|{_SHORT_NAME})[\\'\"]{{0,2}}[ \t]*(?:=|%3D)[ \t]*){_VALUE}", r"\1***"),
    (rf"({_NAME}[\\'\"]{{0,2}}[ \t]?:(?!:)[ \t]*){_VALUE}", r"\1***"),
    (rf"((?<![\w-])--[\w-]{{0,40}}{_NAME}[ \t]+){_VALUE}", r"\1***"),
    (r"\b((?:proxy-)?authorization[=:]|(?:set-)?cookie:)[^\n]*", r"\1 ***"),
    (r"\b(bearer )[\w.~+/=-]{6,}", r"\1***"),
    (r"(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)[^-]*", r"\1***"),
    (
        r"\b((?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|oracle|mssql)(?:\+\w{1,20})?:[^\s:/@]{1,80}:)"
        r"[^\s@]{1,128}(?=@)",  # a URL without slashes
        r"\1***",
    ),
    (r"(?<=\w)(://[^\s/:@\[\]'\"]+:)(?!\d{1,5}(?!\w))[^\s/'\"]+", r"\1***"),  # a URL that was cut
)
_FORMS = (
    r"(?<![A-Za-z0-9_-])(?:(?:(?:gh[a-z]|github_pat|dckr_pat|npm|hf|[rs]k_live|[rs]k_test|do[opr]_v1|shp[a-z]{2})_"
    r"|glpat-|xox[a-z]-|xapp-|pypi-|AIza|SG\.[A-Za-z0-9_-]{10,60}\.)[A-Za-z0-9_-]{10,255}"
    r"|sk-[A-Za-z0-9_-]{10,255}|(?:AKIA|ASIA)[A-Z0-9]{12,}|eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?)"
)
"""The forms of tokens of known services."""
_SECRETS = (
    *((re.compile(pattern, re.IGNORECASE), shown) for pattern, shown in _NAMED_SECRETS),
    (re.compile(_FORMS), "***"),
)
"""How secrets are written down, and what is shown instead."""
_BASIC = re.compile(r"\b(basic )([A-Za-z0-9+/]{6,}={0,2})", re.IGNORECASE)
_USER = re.compile(r"(?:/|\\/){2}|(?P<quoted>%2F%2F)|(?<=\w):/(?!/)", re.IGNORECASE)
"""What a user and a password stand behind in a URL, also within JSON or a URL; as a path, a URL has lost a slash."""
_BEFORE_PATH = re.compile(r"(?<!\w)(?:file|[a-z])\Z", re.IGNORECASE)
_BEFORE_NO_HOST = re.compile(r"(?<!\w)file:\Z", re.IGNORECASE)
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


def hide_secrets(text: str) -> str:
    """Return a text without users and passwords of URLs, tokens of known services, and values named as secrets."""
    if _USER.search(text):
        text = re.sub(r"\S+", lambda word: _hide_user(word[0]), text)
        text = re.sub(r"[^\s'\"]+", lambda word: _hide_user(word[0]), text)
    for secret, replacement in _SECRETS:
        text = secret.sub(replacement, text)
    return _BASIC.sub(lambda found: f"{found[1]}***" if _is_user_with_password(found[2]) else found[0], text)


def _is_user_with_password(word: str) -> bool:
    """Return whether a word is Base64 of a text with a colon."""
    try:
        return b":" in a2b_base64(f"{word}==")
    except ValueError:
        return False


def _find_user(text: str) -> re.Match[str] | None:
    """Return what a user may stand behind; None also for a path with the letter of a drive, or behind ``file:``."""
    for begin in _USER.finditer(text):
        before = text[max(0, begin.start() - 6) : begin.start()]
        no_host = text.startswith(("/", "\\/"), begin.end())
        if not (_BEFORE_PATH.search(before) if begin[0] == ":/" else no_host and _BEFORE_NO_HOST.search(before)):
            return begin
    return None


def _hide_user(word: str) -> str:
    """Return a word without what stands between ``//`` and its last ``@``: a password may hold any character.

    A quote ends a URL, unless a colon before it tells that it belongs to a password. Such a word is returned as it is.
    """
    begin = _find_user(word)
    if begin is None:
        return word
    end = max(word.rfind("@"), word.upper().rfind("%40") if begin["quoted"] else -1)
    user = word[begin.end() : max(end, begin.end())]
    before_quote = re.split(r"['\"]", user, maxsplit=1)[0]
    is_whole = end >= begin.end() and (before_quote == user or ":" in before_quote)
    return f"{word[: begin.end()]}***{word[end:]}" if is_whole else word


def hide_in_address(address: str) -> str:
    """Return a URL, or a path, without user, password and query. It is one word, whatever characters it has."""
    begin = _find_user(address)
    if begin is None:
        return hide_secrets(address)
    user, at, rest = address[begin.end() :].rpartition("@")
    place, query, _ = rest.partition("?")
    if "?" in user:  # a password or a query; so it is not sure what the host is
        user, at, place, query = "", "***", "", ""
    return hide_secrets(f"{address[: begin.end()]}{'***' if user else ''}{at}{place}{'?***' if query else ''}")
