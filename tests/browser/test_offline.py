"""Without a network: a Friend finds the jobs of today, and after signing out nobody finds them any more."""

from __future__ import annotations

from tests.browser.conftest import Site
from tests.browser.test_journeys import STREET, Cast, Look
from tests.browser.test_pages import PHONE


def test_a_friend_underground_finds_the_address_and_the_next_user_does_not(site: Site, newcomers):
    cast = Cast(site, Look("swisscom", "de", script=True, width=PHONE), next(newcomers["swisscom"]))
    job = cast.books()
    friend = cast.opens("friend")
    cast.accepts(friend, "friend", job["number"])
    page, path = friend.page, f"/friend/jobs/{job['id']}"
    friend.go("/friend/jobs")
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    friend.go("/friend/jobs")  # now through the worker, which brings the job along
    kept = "caches.open('mine-1').then(one => one.keys()).then(all => all.map(key => new URL(key.url).pathname))"
    page.wait_for_function(f"{kept}.then(all => all.includes('/de{path}'))")
    assert page.locator("[data-asof]").is_hidden()

    page.context.set_offline(True)
    page.goto(f"{friend.origin}/de{path}")
    assert STREET in friend.says()
    assert page.locator("[data-asof]").is_visible(), "a copy says that it is one, and of when"
    page.goto(f"{friend.origin}/de/friend/offers")  # not kept: the list of jobs stands in for it
    assert page.locator("[data-asof]").is_visible()
    page.goto(f"{friend.origin}/de/services")
    assert page.locator("main a[href$='/friend/jobs']").is_visible(), "the offline page"

    page.context.set_offline(False)
    old = "new Response('old', {headers: {Date: new Date(0).toUTCString()}})"
    page.evaluate(f"caches.open('shell-1').then(one => one.put('/de/offline', {old}))")
    friend.go("/friend/jobs")
    shell = "caches.open('shell-1').then(one => one.match('/de/offline')).then(page => page.text())"
    page.wait_for_function(f"{shell}.then(text => text.includes('<h1>'))")  # a page of yesterday is fetched anew

    assert page.evaluate(f"{kept}.then(all => all.includes('/de{path}'))")
    friend.go(f"{path}/give-back")
    friend.fill(reason="Ich bin krank.")
    friend.submit()
    page.goto(f"{friend.origin}/de{path}")  # not theirs any more: neither is the copy
    page.wait_for_function(f"{kept}.then(all => !all.includes('/de{path}'))")
    friend.go("/account")
    friend.send("/sign-out")
    page.wait_for_function("caches.keys().then(names => !names.includes('mine-1'))")
    page.context.set_offline(True)
    page.goto(f"{friend.origin}/de{path}")
    assert STREET not in friend.says()
    page.context.set_offline(False)
    friend.close()
