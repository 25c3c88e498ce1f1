"""The operations on issues, and on pull requests as issues: comments, labels, events, sub-issues."""

from __future__ import annotations

from typing import Any

from tests.github_action.fake import shapes
from tests.github_action.fake.openapi import github
from tests.github_action.fake.rest import Answer, Call, route, told
from tests.github_action.fake.state import Refusal
from tests.github_action.fake.threads import Thread

_BOTH = ("issues", "pull-requests")


def _thread(call: Call) -> Thread:
    thread: Thread = call.known(call.number("issue_number"), call.repo.threads)
    return thread


@route("issues/list-comments", "read", *_BOTH)
def _comments(call: Call) -> Answer:
    since = call.take("since")
    return call.page([c for c in _thread(call).comments if c["updated_at"] >= since])


@route("issues/create-comment", "write", *_BOTH)
def _write_comment(call: Call) -> Answer:
    thread = _thread(call)
    if thread.number in call.repo.locked:
        raise Refusal(403, "Unable to create comment because issue is locked.")
    call.repo.comment(thread.number, call.body["body"], by=call.login)
    return told(thread.comments[-1], 201)


def _comment(call: Call) -> tuple[Thread, dict[str, Any]]:
    for thread in call.repo.threads.values():
        for comment in thread.comments:
            if comment["id"] == call.number("comment_id"):
                return thread, comment
    raise Refusal(404, "Not Found")


@route("issues/get-comment", "read", *_BOTH)
def _get_comment(call: Call) -> Answer:
    return told(_comment(call)[1])


@route("issues/update-comment", "write", *_BOTH)
def _change_comment(call: Call) -> Answer:
    _, comment = _comment(call)
    comment |= {"body": call.body["body"], "updated_at": call.world.tick()}
    return told(comment)


@route("issues/delete-comment", "write", *_BOTH)
def _delete_comment(call: Call) -> Answer:
    thread, comment = _comment(call)
    thread.comments.remove(comment)
    return Answer(204)


@route("issues/get", "read", *_BOTH)
def _get(call: Call) -> Answer:
    return told(shapes.issue(call.repo, _thread(call).number))


@route("issues/list-for-repo", "read", *_BOTH)
def _list(call: Call) -> Answer:
    state, creator = call.take("state", "open"), call.take("creator")
    labels = set(map(call.repo.spelling, filter(None, call.take("labels").split(","))))
    newest_first = call.take("direction", "desc") == "desc"
    matching = [
        shapes.issue(call.repo, thread.number)
        for thread in call.repo.threads.values()
        if state in {"all", thread.state} and creator in {"", thread.author} and labels <= set(thread.labels)
    ]
    return call.page(matching[::-1] if newest_first else matching)


@route("issues/create", "write", "issues")
def _create(call: Call) -> Answer:
    labels = [label["name"] if isinstance(label, dict) else label for label in call.body.get("labels", ())]
    number = call.repo.open_issue(call.body["title"], call.login, call.body.get("body"), labels)
    return told(shapes.issue(call.repo, number), 201)


@route("issues/update", "write", *_BOTH)
def _update(call: Call) -> Answer:
    thread, now = _thread(call), call.world.tick()
    thread.title = call.body.get("title") or thread.title
    thread.body = call.body.get("body", thread.body)
    if call.body.get("state", thread.state) != thread.state:
        thread.state = call.body["state"]
        thread.closed_by = call.login if thread.state == "closed" else None
    thread.reason = call.body.get("state_reason", thread.reason)
    thread.closed = (thread.closed or now) if thread.state == "closed" else None
    if "labels" in call.body:
        names = [label["name"] if isinstance(label, dict) else label for label in call.body["labels"]]
        wanted = [call.repo.spelling(name) for name in names]
        for name in [name for name in thread.labels if name not in wanted]:
            call.repo.unlabel(thread.number, name, by=call.login)
        for name in wanted:
            call.repo.label(thread.number, name, by=call.login)
    return told(shapes.issue(call.repo, thread.number))


@route("issues/list-labels-on-issue", "read", *_BOTH)
def _labels(call: Call) -> Answer:
    return call.page([call.repo.labels[name] for name in _thread(call).labels])


@route("issues/add-labels", "write", *_BOTH)
def _add_labels(call: Call) -> Answer:
    thread, given = _thread(call), call.body
    for label in given["labels"] if isinstance(given, dict) else given:
        call.repo.label(thread.number, label["name"] if isinstance(label, dict) else label, by=call.login)
    return told([call.repo.labels[name] for name in thread.labels])


@route("issues/remove-label", "write", *_BOTH)
def _remove_label(call: Call) -> Answer:
    thread = _thread(call)
    if call.repo.spelling(call.parts["name"]) not in thread.labels:
        raise Refusal(404, "Label does not exist")
    call.repo.unlabel(thread.number, call.parts["name"], by=call.login)
    return told([call.repo.labels[name] for name in thread.labels])


@route("issues/list-labels-for-repo", "read", *_BOTH)
def _all_labels(call: Call) -> Answer:
    return call.page(list(call.repo.labels.values()))


@route("issues/create-label", "write", *_BOTH)
def _create_label(call: Call) -> Answer:
    if call.repo.spelling(call.body["name"]) in call.repo.labels:
        raise Refusal(422, "Validation Failed")
    return told(call.repo.define_label(**call.body), 201)


@route("issues/list-milestones", "read", *_BOTH)
def _milestones(call: Call) -> Answer:
    state = call.take("state", "open")
    matching = [m for m in call.repo.milestones if state in {"all", m.get("state", "open")}]
    return call.page([github().filled("milestone", m) for m in matching])


@route("issues/list-events", "read", *_BOTH)
def _events(call: Call) -> Answer:
    return call.page(_thread(call).events)


@route("issues/list-events-for-timeline", "read", *_BOTH)
def _timeline(call: Call) -> Answer:
    thread = _thread(call)
    comments = [
        github().filled("timeline-comment-event", {**comment, "event": "commented", "actor": comment["user"]})
        for comment in thread.comments
    ]
    return call.page(sorted([*thread.events, *comments], key=lambda event: str(event["created_at"])))


@route("issues/list-sub-issues", "read", "issues")
def _children(call: Call) -> Answer:
    return call.page([shapes.issue(call.repo, number) for number in _thread(call).children])


@route("issues/add-sub-issue", "write", "issues")
def _add_child(call: Call) -> Answer:
    thread = _thread(call)
    result = [t.number for t in call.repo.threads.values() if t.id == call.body["sub_issue_id"]]
    if not result:
        raise Refusal(404, "Not Found")
    if result[0] in thread.children or len(thread.children) >= 100:
        raise Refusal(422, "Issue may not contain duplicate sub-issues, or more than 100")
    thread.children += result
    return told(shapes.issue(call.repo, thread.number), 201)
