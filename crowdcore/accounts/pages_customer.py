"""Pages for everybody: signing in without a password, signing out, one's own page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crowdcore.accounts import queries, service
from crowdcore.accounts.rules import CodeLocked, CodeWrong, LinkUsed, Role, email_address
from crowdcore.accounts.service import SignedIn
from crowdcore.base.errors import Refusal
from crowdcore.db.commands import Answer
from crowdcore.settings import settings
from crowdcore.web.context import Visit
from crowdcore.web.fields import Input
from crowdcore.web.forms import Form, content_of, empty_form, key_of, read_form, submit
from crowdcore.web.once import once_patiently
from crowdcore.web.pages import PageRoute
from crowdcore.web.rates import limit
from crowdcore.web.respond import is_local, page, redirect
from crowdcore.web.security import end_session, start_session

SIGNED_IN = frozenset(Role)

SIGN_IN = "/sign-in"
HOME = "/account"

NEXT_COOKIE = "next"
"""Where somebody wanted to go; a mailed link opens in the same browser, but cannot carry it."""
_NEXT_LIFE_S = 600


class AddressForm(Input):
    """Where the code is to be sent."""

    email: Annotated[str, Field(max_length=300)] = ""
    next: Annotated[str, Field(max_length=2000)] = ""


class CodeForm(AddressForm):
    """The code from the mail."""

    code: Annotated[str, Field(max_length=40)] = ""


class NothingTyped(Input):
    """A form that is only a button."""


async def show_sign_in(_request: Request, visit: Visit) -> Response:
    """Ask for the e-mail address; whoever is signed in goes on."""
    wanted = _next(visit.query.get("next", ""))
    if visit.viewer is not None:
        return redirect(visit, wanted)
    return _address_page(visit, empty_form(next=wanted))


async def request_code(request: Request, visit: Visit) -> Response:
    """Send link and code; the answer is the same whether the address is known or not."""
    form = await read_form(request, AddressForm)
    try:
        response = await submit(visit, form, do=lambda: _send(visit, form.value.email), then=lambda _: _code_path(form))
    except Refusal as refusal:
        return _address_page(visit, form.refused(visit, refusal, at="email"), status=refusal.status)
    response.set_cookie(
        NEXT_COOKIE,
        _next(form.value.next),
        max_age=_NEXT_LIFE_S,
        secure=settings().public_scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


async def show_code(_request: Request, visit: Visit) -> Response:
    """Ask for the code that was mailed."""
    wanted = _next(visit.query.get("next", ""))
    if visit.viewer is not None:
        return redirect(visit, wanted)
    return _code_page(visit, empty_form(email=visit.query.get("email", ""), next=wanted))


async def enter_code(request: Request, visit: Visit) -> Response:
    """Sign in with a code; the same wrong code sent twice costs one try."""
    form = await read_form(request, CodeForm)
    try:
        typed = form.value
        return await _signed_in(
            visit, form, do=lambda: _try_code(visit, typed.email, typed.code), wanted=_next(typed.next)
        )
    except Refusal as refusal:
        again = empty_form(email=form.first("email"), next=form.first("next"), code=form.first("code"))
        return _code_page(visit, again.refused(visit, refusal, at="code"), status=refusal.status)


async def show_link(_request: Request, visit: Visit) -> Response:
    """Show one button: programs that look into mails open links, and must not use them up."""
    return page(visit, "accounts/link.html", form=empty_form())


async def use_link(request: Request, visit: Visit) -> Response:
    """Sign in with a mailed link, in the browser that asked for it."""
    form = await read_form(request, NothingTyped)
    secret = request.path_params["secret"]
    wanted = _next(request.cookies.get(NEXT_COOKIE, ""))
    try:
        return await _signed_in(
            visit,
            form,
            do=lambda: service.sign_in_by_link(secret=secret, browser=visit.visitor),
            wanted=wanted,
        )
    except LinkUsed as refusal:
        return page(visit, "accounts/link_used.html", status=refusal.status, wanted=wanted)


async def sign_out(_request: Request, visit: Visit) -> Response:
    """End the session of this browser."""
    if visit.viewer is not None and visit.viewer.session_id is not None:
        await service.sign_out(session_id=visit.viewer.session_id)
    response = redirect(visit, "/")
    end_session(response)
    return response


async def show_account(_request: Request, visit: Visit) -> Response:
    """Who is signed in, and the ways to their pages."""
    account = await queries.account(visit.account_id)
    return page(visit, "accounts/account.html", person=account, form=empty_form())


async def _send(visit: Visit, email: str) -> None:
    await limit(visit, "signin", actor=email_address(email))
    await service.request_sign_in(email=email, language=visit.language.value, browser=visit.visitor)


async def _try_code(visit: Visit, email: str, code: str) -> SignedIn:
    await limit(visit, "code", actor=email_address(email))
    return await service.sign_in_by_code(email=email, code=code)


async def _signed_in(
    visit: Visit, form: Form[BaseModel], *, do: Callable[[], Awaitable[SignedIn | int]], wanted: str
) -> Response:
    """Sign in once per form and give the browser its cookie; a second click gets the same cookie.

    What is stored with the form's key is the id of the session, never its secret; for a wrong code it
    is the number of tries that are left.
    """

    async def render(outcome: SignedIn | int) -> Answer:
        if isinstance(outcome, int):
            return Answer(CodeWrong.status, str(outcome))
        return Answer(303, str(outcome.session_id))

    done = await once_patiently(
        visit,
        route="form sign-in",
        key=key_of(form),
        content=f"{visit.path} {content_of(form)}",
        do=do,
        render=render,
    )
    if done.answer.status == CodeWrong.status:
        left = int(done.answer.body)
        raise CodeWrong(left=left) if left > 0 else CodeLocked
    response = RedirectResponse(visit.href(wanted), status_code=303)
    start_session(response, queries.secret_of_session(UUID(done.answer.body)))
    response.delete_cookie(NEXT_COOKIE)
    return response


def _code_path(form: Form[AddressForm]) -> str:
    return f"{SIGN_IN}/code?{urlencode({'email': form.value.email, 'next': _next(form.value.next)})}"


def _next(path: str) -> str:
    """Return where to go after signing in; only pages of this site, and not the sign-in itself."""
    return path if is_local(path) and not path.startswith(SIGN_IN) else HOME


def _address_page(visit: Visit, form: Form[BaseModel], *, status: int = 200) -> Response:
    wanted = form.first("next")
    way, _question, query = wanted.partition("?")
    booking = way.startswith("/book/")
    call = f"{way.removesuffix('/who')}/call?{query}" if booking and way.endswith("/who") else ""
    joining = way.startswith("/friends/join")
    return page(visit, "accounts/sign_in.html", status=status, form=form, booking=booking, call=call, joining=joining)


def _code_page(visit: Visit, form: Form[BaseModel], *, status: int = 200) -> Response:
    return page(visit, "accounts/code.html", status=status, form=form, again=empty_form())


ROUTES = (
    PageRoute(method="GET", path=SIGN_IN, handler=show_sign_in, public=True),
    PageRoute(method="POST", path=SIGN_IN, handler=request_code, public=True),
    PageRoute(method="GET", path=f"{SIGN_IN}/code", handler=show_code, public=True),
    PageRoute(method="POST", path=f"{SIGN_IN}/code", handler=enter_code, public=True),
    PageRoute(method="GET", path=f"{SIGN_IN}/{{secret}}", handler=show_link, public=True),
    PageRoute(method="POST", path=f"{SIGN_IN}/{{secret}}", handler=use_link, public=True),
    PageRoute(method="POST", path="/sign-out", handler=sign_out, public=True),
    PageRoute(method="GET", path=HOME, handler=show_account, roles=SIGNED_IN),
)
