"""Why a request got no response: what the HTTP library raised, as a Response with a plain sentence."""

from __future__ import annotations

from urllib3.exceptions import ConnectTimeoutError, ReadTimeoutError

from github_action.api.response import Response


def failed_response(error: Exception, *, may_pass: bool) -> Response:
    """Return a response without a status that says what failed.

    ``may_pass`` says whether a failure of another kind than those known here may pass. The exception's own text is left
    out, because it may hold a signed URL.
    """
    cause = error.args[0] if error.args else None
    cause = getattr(cause, "reason", cause)
    cause = getattr(cause, "original_error", cause)  # behind a proxy
    if isinstance(cause, ConnectTimeoutError):  # its subclasses stand for refused connections and unknown hosts
        problem = f"the server could not be reached ({type(cause).__name__}); are its address and the proxy right?"
        return Response(None, problem=problem, may_have_arrived=False)
    if isinstance(cause, ReadTimeoutError):
        return Response(None, problem="the server did not respond in time; try again later")
    if "CERTIFICATE_VERIFY_FAILED" in str(cause):
        problem = "the server's certificate is not trusted; set REQUESTS_CA_BUNDLE to the file of its authority"
        return Response(None, problem=problem, permanent=True)
    problem = f"the connection failed ({type(error).__name__}); try again later"
    return Response(None, problem=problem, permanent=not may_pass)
