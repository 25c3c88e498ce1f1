from tests.github_action.test_act import *  # noqa
from tests.github_action.test_act import action, act
def test_x(act):
    slow = {"tests/test_slow.py": "import time\n\n\ndef test_slow():\n    time.sleep(60)\n"}
    act.repo.commit(slow, branch="topic")
    number = act.repo.open_pull(head="topic", author="ann")
    head = act.repo.pull(number)["head"]["sha"]
    path = ".github/workflows/carbon-measure.yml"
    run_id = act.repo.workflow_run(head_sha=head, head_branch="topic", path=path, conclusion="cancelled")
    ran = act.run("carbon-publish.yml", "workflow_run", act.repo.event_workflow_run(run_id, "requested"), head)
    print(ran.output)
    print([(r.method, r.path, r.status) for r in act.hub.requests])
    assert 0
