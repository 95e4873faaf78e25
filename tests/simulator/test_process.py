"""The process: it starts, says where it is, ends cleanly, and its pages work for a person."""

import json
import signal
import socket
import sqlite3
from pathlib import Path

import httpx

from .conftest import Ehr, Start


def test_sigterm_ends_it_cleanly_even_while_a_request_hangs(start: Start, tmp_path: Path) -> None:
    ehr = start(tmp_path)
    ehr.fault("slow", ms=60_000, path="/ui/")
    with socket.create_connection(("127.0.0.1", int(ehr.url.rpartition(":")[2]))) as hanging:
        hanging.sendall(b"GET /ui/login HTTP/1.1\r\nHost: x\r\n\r\n")
        ehr.process.send_signal(signal.SIGTERM)
        assert ehr.process.wait(15) == 0
    with sqlite3.connect(tmp_path / "practice.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_database_is_whole_after_kill_9(start: Start, tmp_path: Path) -> None:
    ehr = start(tmp_path)
    ehr.kill()
    with start(tmp_path).client() as api:
        assert api.get("/clients", params={"limit": 200}).json()["next"] is None


def test_the_readme_names_the_logins_that_work(ehr: Ehr) -> None:
    readme = (Path(__file__).parents[2] / "src/therapyflows/simulator/README.md").read_text()
    rows = [line.split("|") for line in readme.splitlines() if line.startswith("| us-")]
    assert len(rows) == 10
    for _, user_id, login_and_password, *_ in rows:
        login, password = login_and_password.strip().split(" / ")
        assert ehr.log_in(login, "openid")["id_token"]
        answer = httpx.post(f"{ehr.url}/ui/login", data={"login": login, "password": password})
        assert answer.headers["location"] == "/ui/clients"
        with ehr.client(ehr.person_token(login)) as api:
            assert api.get("/userinfo").json()["sub"] == user_id.strip()


def test_a_person_reads_the_charts_of_the_caseload_only(ehr: Ehr) -> None:
    with httpx.Client(base_url=ehr.url, follow_redirects=True) as browser:
        assert "Log in to the practice" in browser.get("/ui/clients").text
        browser.post("/ui/login", data={"login": "dana.reyes", "password": "demo-dana"})
        assert "Testerwood, Maya" in browser.get("/ui/clients").text
        chart = browser.get("/ui/clients/cl-0001").text
        assert "no-0001-1" in chart
        assert "I agree that my sessions may be recorded" in chart
        assert browser.get("/ui/clients/cl-0002").status_code == 403
        browser.get("/ui/logout")
        assert "Log in to the practice" in browser.get("/ui/clients/cl-0001").text


def test_it_knows_the_openapi_file_alone() -> None:
    """What the import linter holds for modules, held for the data too."""
    folder = Path(__file__).parents[2] / "src/therapyflows/simulator"
    sources = "\n".join(path.read_text() for path in folder.rglob("*.py"))
    assert "therapyflows.core" not in sources
    assert json.dumps("openapi.yaml") in sources
