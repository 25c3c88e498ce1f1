import subprocess, pytest
from tests.attack import Attack
from tests.git.hostile_folder import plant
from tests.git.small_repository import *
from tests.cli.conftest import *
from tests.cli.ledger.conftest import *
@pytest.mark.parametrize("missing",[False,True])
def test_url(project, database, attack, missing):
    web = new_repository(project.root/"web")
    evil = plant(web/"evil", attack.command, url="ext::"+str(attack.command)+" x")
    if missing:
        t=git(evil,"rev-parse","carbon-ledger^{tree}")
        (evil/"objects"/t[:2]/t[2:]).unlink()
    done = project.carbon("ledger","sync","shop="+evil.as_uri(),"--sql",database)
    print(done)
    attack.ended(done.code, done.out, done.err)
L=[]
def test_amb(project):
    project.repository()
    project.git("tag","main"); project.report(); project.write(__import__("tests.samples",fromlist=["x"]).make_report())
    d=project.carbon("check","--policy-from","main"); L.append(d)
    d=project.carbon("devices","--base","main"); L.append(d)
    d=project.carbon("check","--policy-from","--output=x"); L.append(d)
    d=project.carbon("compare","main","HEAD"); L.append(d)
    d=project.carbon("ledger","list","--branch=--output=x"); L.append(d)
    d=project.carbon("ledger","list","--branch","a..b"); L.append(d)
    print("\n".join(map(str,L)))
