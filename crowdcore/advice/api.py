"""The advice room as JSON: the partner's questions and results, all at once."""

from __future__ import annotations

from pydantic import Field

from crowdcore.advice import queries
from crowdcore.advice.rules import NoSuchStep
from crowdcore.base.text import Text
from crowdcore.plugin.triage_file import Triage
from crowdcore.web.api import ApiRoute, Call
from crowdcore.web.fields import Output


class AnswerOut(Output):
    """One way on from a question."""

    id: str
    text: str
    to: str = Field(description="`id` of a question or of a result.")


class QuestionOut(Output):
    """Something the customer is asked."""

    id: str
    text: str
    hint: str | None
    answers: list[AnswerOut]


class ResultOut(Output):
    """Where answers end: what it probably is, what to try first, and who helps."""

    id: str
    title: str
    text: str
    tips: list[str]
    service: str | None = Field(description="Service that helps; book it with /jobs.")
    channel: str | None = Field(description="Channel that helps, where no service does.")


class TriageOut(Output):
    """The partner's questions; texts are in the language of Accept-Language."""

    start: str = Field(description="`id` of the first question.")
    questions: list[QuestionOut]
    results: list[ResultOut]


async def _find(_call: Call) -> Triage:
    return queries.triage()


async def _triage(call: Call, found: Triage) -> TriageOut:
    def said(text: Text) -> str:
        return call.visit.translator.text(text)

    return TriageOut(
        start=found.start,
        questions=[
            QuestionOut(
                id=one.id,
                text=said(one.text),
                hint=said(one.hint) if one.hint else None,
                answers=[AnswerOut(id=way.id, text=said(way.text), to=way.to) for way in one.answers],
            )
            for one in found.questions.values()
        ],
        results=[
            ResultOut(
                id=one.id,
                title=said(one.title),
                text=said(one.text),
                tips=[said(tip) for tip in one.tips],
                service=one.service,
                channel=one.channel,
            )
            for one in found.results.values()
        ],
    )


ROUTES = (
    ApiRoute(
        method="GET",
        path="/triage",
        do=_find,
        show=_triage,
        answer=TriageOut,
        public=True,
        absent=NoSuchStep,
        summary="Read the questions that lead to what helps",
    ),
)
