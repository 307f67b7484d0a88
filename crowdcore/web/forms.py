"""HTML forms: typed values become a model, or come back with a sentence at every wrong field.

A handler looks like this::

    async def book(request: Request, visit: Visit) -> Response:
        form = await read_form(request, BookForm)
        try:
            return await submit(
                visit,
                form,
                do=lambda: service.book(service=form.value.service),
                then=lambda job: f"/jobs/{job.id}",
            )
        except Rejected as refusal:
            return page(visit, "jobs/book.html", status=refusal.status, form=form.refused(visit, refusal))
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from crowdcore.base.errors import FieldProblem, Refusal, Rejected
from crowdcore.base.ids import new_secret
from crowdcore.db.commands import Answer
from crowdcore.web.context import Visit
from crowdcore.web.once import checked_key, once_patiently
from crowdcore.web.respond import local_path
from crowdcore.web.schema import problems_of, strings_for

M = TypeVar("M", bound=BaseModel)
M_co = TypeVar("M_co", bound=BaseModel, covariant=True)
R = TypeVar("R")

#: Hidden fields of every form; not part of its model.
KEY_FIELD = "_key"
CSRF_FIELD = "_csrf"
MOST_FIELDS = 200

_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class DuplicateField(Refusal):
    """A field that holds one value was sent twice."""

    code = "form.duplicate_field"
    status = 400
    message = "The field %(name)s was sent twice."


class FormBroken(Refusal):
    """The body is not a form, or one with files or too many fields."""

    code = "form.broken"
    status = 400
    message = "This form could not be read. Please reload the page and send it again."


@dataclass(frozen=True, slots=True)
class Form(Generic[M_co]):
    """What somebody typed, what it means, and what is wrong with it.

    Args:
        typed: field name -> everything typed under it, for showing the form again.
        key: value of the hidden field ``_key``; one key, one effect.
        problems: wrong fields.
        errors: field name -> sentence in the reader's language (after `refused`).
    """

    typed: Mapping[str, tuple[str, ...]]
    key: str
    problems: tuple[FieldProblem, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    model: M_co | None = None

    @property
    def value(self) -> M_co:
        """The checked values.

        Raises:
            Rejected: a field is wrong; show the form again with `refused`.
        """
        if self.model is None:
            raise Rejected(fields=self.problems)
        return self.model

    def first(self, name: str) -> str:
        """Return what was typed in a field, empty if nothing (for templates)."""
        return self.typed.get(name, ("",))[0]

    def chosen(self, name: str) -> tuple[str, ...]:
        """Return everything chosen under a name, for groups of checkboxes (for templates)."""
        return self.typed.get(name, ())

    def holding(self, kept: Mapping[str, tuple[str, ...]]) -> Form[M_co]:
        """Return this form with what was typed before the language was changed or the session ended, if anything."""
        return replace(self, typed=kept) if kept and not self.problems else self

    def refused(self, visit: Visit, refusal: Refusal, *, at: str = "") -> Form[M_co]:
        """Return this form with the sentences of a refusal at its fields.

        Args:
            visit: who reads it.
            refusal: why the form was not taken.
            at: field that shows the sentence of a refusal that names no field itself.
        """
        if refusal.fields or not at:
            sentences: dict[str, str] = {}
            for problem in refusal.fields:
                sentences.setdefault(name_of(problem), visit.formats.field_problem(problem))
            return replace(self, problems=refusal.fields, errors=sentences)
        problem = FieldProblem(f"/{at}", refusal.code, refusal.message, tuple(refusal.params.items()))
        return replace(self, problems=(problem,), errors={at: visit.formats.refusal(refusal)})


def name_of(problem: FieldProblem) -> str:
    """Return the name of the form field a problem belongs to."""
    return problem.pointer.strip("/").partition("/")[0]


def empty_form(**initial: str) -> Form[BaseModel]:
    """Return a form to be shown for the first time, with a fresh key and `initial` values."""
    return Form(typed={name: (value,) for name, value in initial.items()}, key=new_secret("f"))


async def read_form(request: Request, model: type[M]) -> Form[M]:
    """Read the posted form as `model`; wrong fields are kept in the answer, not raised.

    A field left empty counts as not sent, so optional fields take their default.

    Raises:
        FormBroken: 400, not a form, or a file in it.
        DuplicateField: 400, a field that holds one value was sent twice.
    """
    typed = _typed(await posted(request))
    key = typed.pop(KEY_FIELD, ("",))[0]
    typed.pop(CSRF_FIELD, None)
    return _read(typed, model, key=key)


def read_query(request: Request, model: type[M]) -> Form[M]:
    """Read the query of the address as `model`, for pages with filters.

    Raises:
        DuplicateField: 400, a parameter that holds one value was given twice.
    """
    typed: dict[str, tuple[str, ...]] = {}
    for name, value in request.query_params.multi_items():
        typed[name] = (*typed.get(name, ()), value)
    return _read(typed, model, key="")


def is_form(request: Request) -> bool:
    """Say whether a request announces a form."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() in _FORM_TYPES


async def posted(request: Request) -> FormData:
    """Return the fields of the body, read once per request.

    Raises:
        FormBroken: not a form, or one with too many fields.
    """
    if not is_form(request):
        raise FormBroken
    try:
        return await request.form(max_files=0, max_fields=MOST_FIELDS)
    except (HTTPException, MultiPartException) as error:
        raise FormBroken from error


async def submit(visit: Visit, form: Form[M], *, do: Callable[[], Awaitable[R]], then: Callable[[R], str]) -> Response:
    """Do something once for this form's key and redirect; a second click lands on the same page.

    Args:
        visit: who asks.
        form: the form that was sent.
        do: calls one verb.
        then: path (without language) of the page to show, from the verb's result.

    Raises:
        Rejected: a field of the form is wrong.
    """
    form.value  # noqa: B018 -- raises when a field is wrong, before the key is looked at

    async def render(result: R) -> Answer:
        return Answer(303, local_path(then(result)))

    result = await once_patiently(
        visit, route=f"form {visit.path}", key=key_of(form), content=content_of(form), do=do, render=render
    )
    return RedirectResponse(visit.href(result.answer.body), status_code=303)


def content_of(form: Form[M]) -> str:
    """Return what was typed as one text; the same details give the same text."""
    return json.dumps(sorted(form.typed.items()))


def key_of(form: Form[M]) -> str:
    """Return the idempotency key of what was sent: of the form shown and the details in it.

    Who goes back in the browser, changes a detail and sends the form again means something new, and
    must not be told about keys.

    Raises:
        KeyRequired, KeyInvalid: the hidden field is missing or was changed.
    """
    shown = checked_key(form.key or None)
    return hashlib.sha256(f"{shown} {content_of(form)}".encode()).hexdigest()


def _typed(fields: FormData) -> dict[str, tuple[str, ...]]:
    typed: dict[str, tuple[str, ...]] = {}
    for name, value in fields.multi_items():
        if not isinstance(value, str):
            raise FormBroken
        typed[name] = (*typed.get(name, ()), value)
    return typed


def _read(typed: Mapping[str, tuple[str, ...]], model: type[M], *, key: str) -> Form[M]:
    try:
        value = model.model_validate(strings_for(typed, model, DuplicateField))
    except ValidationError as error:
        return Form(typed=typed, key=key, problems=problems_of(error, model))
    return Form(typed=typed, key=key, model=value)
