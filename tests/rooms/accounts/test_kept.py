"""Nothing typed is lost: not by a change of language, not by the end of a session, not by an old form."""

import re

import pytest

from crowdcore.escalation import models as cases
from crowdcore.web.security import session_cookie
from tests.browsing import browser, read

NOTE = "The line light is red & I restarted it twice.\nThen it was <b>green</b>."
HAND_OVER = {"reason": ["line_fault"], "note": [NOTE]}


@pytest.fixture
async def held(world):
    """A customer's browser and the form in which they hand their job to support."""
    customer, anna = await world.customer(), await world.friend()
    booked = await world.book(customer)
    await world.take(anna)
    visitor = await browser(world, person=customer)
    page = await visitor.get(f"/jobs/{booked['id']}/hand-over")
    return visitor, customer, page


def buttons_of_the_header(page):
    """Return language -> where its button sends the page's form."""
    found = re.findall(r'<button type="submit" form="main-form" ([^>]*)>', page.html)
    assert 'id="main-form"' in page.html
    given = [dict(re.findall(r'([\w-]+)="([^"]*)"', one)) for one in found if "formaction" in one]
    return {one["value"]: one["formaction"].replace("&amp;", "&") for one in given if one["name"] == "_language"}


def default_button(page):
    """Return the first button of the page's form in the order of the document: the one that Enter presses."""
    return re.search(r'<button type="submit" form="main-form"([^>]*)>', page.html)[1].strip()


async def switch(visitor, page, language, button, **typed):
    """Press a language of the header with the page's form filled in."""
    form = page.form(button)
    form.action = buttons_of_the_header(page)[language]
    return await visitor._follow(await visitor.post(form, **typed, _language=language))


def main_form(page):
    return next(form for form in page.forms if "_csrf" in form.fields and form.buttons)


async def test_the_language_changes_in_the_middle_of_a_form(held, scope):
    visitor, _customer, page = held
    button = next(iter(main_form(page).buttons))
    assert default_button(page) == "hidden"
    assert set(buttons_of_the_header(page)) == {"de", "fr", "en"}
    french = await switch(visitor, page, "fr", button, **HAND_OVER)
    assert (french.status, french.path) == (200, page.path.replace("/en/", "/fr/"))
    assert {name: main_form(french).fields[name] for name in HAND_OVER} == HAND_OVER
    wrong = await visitor.send(french, next(iter(main_form(french).buttons)), note="")
    assert wrong.status == 422
    german = await switch(visitor, wrong, "de", next(iter(main_form(wrong).buttons)), **HAND_OVER)
    assert german.status == 200
    assert {name: main_form(german).fields[name] for name in HAND_OVER} == HAND_OVER
    assert await cases.Case.all().count() == 0


async def test_pages_without_a_form_have_plain_links(held):
    visitor, _customer, _page = held
    page = await visitor.get("/jobs")
    assert 'form="main-form"' not in page.html
    assert re.search(r'<a href="/fr/jobs" lang="fr" hreflang="fr">', page.html)


async def test_a_booking_stays_where_it_is_in_another_language(world, scope):
    visitor = await browser(world, person=await world.customer())
    where = await visitor.get("/book/tv-box-setup")
    button = next(label for label, name in main_form(where).buttons.items() if name is None)
    french = await switch(visitor, where, "fr", button, place="8001 Zürich", when="now")
    fields = main_form(french).fields
    assert (fields["place"], fields["when"]) == (["8001 Zürich"], ["now"])
    who = await visitor.get("/book/tv-box-setup/who?place=CH-8001-zurich&when=now")
    button = next(iter(main_form(who).buttons))
    wrong = await visitor.send(who, button, street="", name="Frau Bieri")
    assert (wrong.status, wrong.path) == (422, "/en/book/tv-box-setup/who")
    german = await switch(visitor, wrong, "de", button, name="Frau Bieri", street="Gasse 1")
    assert german.path == "/de/book/tv-box-setup/who", "the choice of step 1 comes along in the form"
    assert main_form(german).fields["street"] == ["Gasse 1"]


async def send_late(visitor, page, **typed):
    """Send a page's form as a browser does, with the address of the page."""
    form = main_form(page)
    visitor.client.headers["referer"] = f"http://swisscom.localhost{page.path}"
    answer = await visitor.post(form, next(iter(form.buttons)), **typed)
    del visitor.client.headers["referer"]
    return answer


async def test_a_session_ends_in_the_middle_of_a_form(world, held, scope):
    visitor, customer, page = held
    visitor.client.cookies.delete(session_cookie())
    answer = await send_late(visitor, page, **HAND_OVER)
    over = read(page.path, answer.status_code, answer.text)
    assert (over.status, over.h1) == (401, "Sign in again, then go on")
    assert "What you typed is kept in this browser" in over.text
    assert "red" not in over.html
    asked = await visitor.send(over, "Send code", email=customer.account.email)
    await world.drain()
    assert "red" not in asked.path
    subjects = [mail["Subject"] for mail in world.mails(customer.account.email)]
    code = next(found[1] for one in subjects if (found := re.fullmatch(r"Your code: (\d{6})", one)))
    back = await visitor.send(asked, "Sign in", code=code)
    assert back.path.removeprefix("/en") == page.path.removeprefix("/en")
    assert {name: main_form(back).fields[name] for name in HAND_OVER} == HAND_OVER
    assert main_form(await visitor.get(page.path)).fields["note"] == [NOTE], "looking again loses nothing"
    done = await visitor.send(back, next(iter(main_form(back).buttons)))
    assert done.status == 200
    assert [case.summary.replace("\r", "") for case in await cases.Case.all()] == [NOTE]
    assert not [one for one in visitor.client.cookies.jar if one.name.startswith("kept") and one.value]


async def test_an_old_form_is_opened_again_with_everything_in_it(world, held):
    visitor, customer, page = held
    await visitor.sign_in(customer.account)  # in another window
    answer = await send_late(visitor, page, **HAND_OVER)
    old = read(page.path, answer.status_code, answer.text)
    assert old.status == 403
    back = await visitor.click(old, "Open the form again")
    assert main_form(back).fields["note"] == [NOTE]


async def test_what_is_kept_is_for_this_page_this_browser_and_half_an_hour(world, held):
    visitor, customer, page = held
    visitor.client.cookies.delete(session_cookie())
    await send_late(visitor, page, **HAND_OVER)
    cookies = {one.name: one.value for one in visitor.client.cookies.jar if one.name.startswith("kept") and one.value}
    assert cookies
    other = await browser(world, person=customer)
    for name, value in cookies.items():
        other.client.cookies.set(name, value, domain="swisscom.localhost")
    assert main_form(await other.get(page.path)).fields["note"] == [""]
    await visitor.sign_in(customer.account)
    elsewhere = await visitor.get(page.path.replace("/hand-over", "/cancel"))
    assert main_form(elsewhere).fields["reason"] == [""]
    world.clock.advance(minutes=31)
    assert main_form(await visitor.get(page.path)).fields["note"] == [""]


async def test_a_form_too_long_for_the_browser_says_so(held):
    visitor, _customer, page = held
    visitor.client.cookies.delete(session_cookie())
    answer = await send_late(
        visitor, page, reason="line_fault", note="".join(chr(200 + n % 9000) for n in range(60_000))
    )
    assert answer.status_code == 401
    assert "What you typed is kept" not in answer.text
    assert [one for one in answer.headers.get_list("set-cookie") if one.startswith("kept")] == []
