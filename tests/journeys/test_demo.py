"""The demo as a script would use it: real processes, real HTTP, and the printed credentials."""

import json
import re
import time
from uuid import uuid4

import httpx2
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.journey]


class Script:
    """One portal, one role, over HTTP."""

    def __init__(self, port: int, host: str, token: str) -> None:
        self._client = httpx2.Client(
            base_url=f"http://127.0.0.1:{port}/api/v1",
            headers={"host": host, "authorization": f"Bearer {token}"},
            timeout=20,
        )

    def get(self, path: str) -> dict:
        answer = self._client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def post(self, path: str, body: dict | None = None, status: int | None = None) -> dict:
        answer = self._client.post(path, json=body, headers={"idempotency-key": str(uuid4())})
        assert answer.status_code == status if status else answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()

    def wait_for(self, path: str, found, seconds: float = 20) -> dict:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = self.get(path)
            if found(answer):
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{path} did not come to it: {answer}")

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def partners(demo) -> dict:
    found = json.loads(demo.command("demo", "credentials", "--json"))["partners"]
    assert set(found) == {"swisscom", "energy", "electronics"}
    for one in found.values():
        assert len(one["friends"]) >= 50
    return found


def _book(customer: Script, one: dict) -> dict:
    body = {
        "service": one["service_id"], "place": one["place_id"], "street": "Bahnhofstrasse 1", "name": "C",
        "phone": "+41791234567", "urgent": True,
    }  # fmt: skip
    return customer.post("/jobs", body, status=201)


def _offer_of(friend: Script, job: dict) -> dict:
    answer = friend.wait_for("/offers", lambda a: any(o["job_id"] == job["id"] for o in a["offers"]))
    return next(o for o in answer["offers"] if o["job_id"] == job["id"])


def _wait_for_mail(demo, partner: str, one: dict, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        listing = httpx2.get(f"http://127.0.0.1:{demo.port}/demo/{partner}/mails", headers={"host": one["host"]})
        assert listing.status_code == 200
        if ".html" in listing.text:
            return
        time.sleep(0.1)
    raise AssertionError(f"no mail of {partner} can be read")


@pytest.mark.parametrize("partner", ["swisscom", "energy", "electronics"])
def test_from_booking_to_rating(demo, partners, partner):
    one = partners[partner]
    customer = Script(demo.port, one["host"], one["customer"])
    friend = Script(demo.port, one["host"], one["friends"][1])
    loser = Script(demo.port, one["host"], one["friends"][2])
    job = _book(customer, one)
    mine, theirs = _offer_of(friend, job), _offer_of(loser, job)
    friend.post(f"/offers/{mine['id']}/accept", status=200)
    assert loser.post(f"/offers/{theirs['id']}/accept", status=409)["code"] == "offer.taken"
    path = f"/jobs/{job['id']}"
    assert friend.get(path)["contact"]["street"] == "Bahnhofstrasse 1"
    friend.post(f"{path}/contact", {})
    friend.post(f"{path}/on-the-way")
    friend.post(f"{path}/start")
    guide = job["guide"]
    price = {"amount": guide["amount"] + 500, "currency": guide["currency"], "reason": "one more device"}
    friend.post(f"{path}/price", price)
    customer.post(f"{path}/price/accept", {"amount": price["amount"], "currency": price["currency"]})
    friend.post(f"{path}/report", {"text": "All set up."})
    customer.post(f"{path}/confirm")
    customer.post(f"{path}/rating", {"stars": 5, "book_again": True, "comment": "Thank you"}, status=201)
    after = customer.get(path)
    assert after["state"] == "confirmed"
    assert after["price"]["amount"] == price["amount"]
    assert friend.get(path)["contact"] is None
    for script in (customer, friend, loser):
        script.close()


def test_a_hard_case_goes_to_the_ticket_desk_and_comes_back(demo, partners):
    one = partners["swisscom"]
    customer = Script(demo.port, one["host"], one["customer"])
    friend = Script(demo.port, one["host"], one["friends"][3])
    job = _book(customer, one)
    friend.post(f"/offers/{_offer_of(friend, job)['id']}/accept", status=200)
    path = f"/jobs/{job['id']}"
    reason = friend.get("/escalation-reasons")["reasons"][0]["id"]
    friend.post(f"{path}/hand-over", {"reason": reason, "note": "No signal on the line."})
    seen = customer.wait_for(path, lambda a: a["case"] and a["case"]["ticket_ref"])
    assert seen["state"] == "escalated"
    ticket = seen["case"]["ticket_ref"]
    with httpx2.Client(base_url=f"http://127.0.0.1:{demo.port}", headers={"host": "tickets.localhost"}) as desk:
        assert ticket in desk.get("/").text
        answer = desk.post(f"/tickets/{ticket}", data={"outcome": "back_to_friend", "note": "The line is free again."})
        assert answer.status_code == 303
        assert "back_to_friend: 200" in desk.get("/").text
    back = friend.wait_for(path, lambda a: a["state"] == "assigned")
    assert back["case"]["outcome"] == "back_to_friend"
    customer.close()
    friend.close()


def test_links_mails_and_a_second_start(demo, partners):
    """Every printed address answers, mails can be read, and a restart keeps the data."""
    printed = demo.log.read_text()
    links = re.findall(r"sign in as \w+ +http://([\w.]+):\d+(/de/sign-in/\S+)", printed)
    assert len(links) == 12
    for host, path in links[:4]:
        answer = httpx2.get(f"http://127.0.0.1:{demo.port}{path}", headers={"host": host})
        assert answer.status_code == 200, answer.text
        assert "set-cookie" not in answer.headers or "s=" not in answer.headers["set-cookie"].split(";")[0][:2]
    for partner, one in partners.items():
        customer = Script(demo.port, one["host"], one["customer"])
        _book(customer, one)
        customer.close()
        _wait_for_mail(demo, partner, one)
    one = partners["energy"]
    customer = Script(demo.port, one["host"], one["customer"])
    before = [job["number"] for job in customer.get("/jobs")["jobs"]]
    assert before
    demo.restart()
    assert [job["number"] for job in customer.get("/jobs")["jobs"]] == before
    customer.close()
    assert "every law holds" in demo.command("check")


def test_the_front_page_shows_every_door_in_three_languages(demo, partners):
    for language, word in (("de", "Portal öffnen"), ("fr", "Ouvrir le portail"), ("en", "Open the portal")):
        answer = httpx2.get(
            f"http://127.0.0.1:{demo.port}/?language={language}", headers={"host": f"localhost:{demo.port}"}
        )
        assert answer.status_code == 200
        assert answer.text.count(word) == 3
        assert answer.text.count("/sign-in/cl_") == 12
        assert all(f"{one['base_url']}/demo/{partner}/mails" in answer.text for partner, one in partners.items())
    style = httpx2.get(f"http://127.0.0.1:{demo.port}/demo/start.css", headers={"host": "swisscom.localhost"})
    assert style.headers["content-type"].startswith("text/css")
