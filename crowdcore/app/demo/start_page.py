"""The demo's front door: one neutral page that shows a newcomer every portal, sign-in, mailbox and desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router

from crowdcore.base.text import Language, Text

STYLE_PATH = "/demo/start.css"

_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

_TITLE = Text(de="Die Demo", fr="La démo", en="The demo")
_LEAD = Text(
    de="Drei Portale, ein Monat Vergangenheit und Nachbarn, die mitspielen. Wählen Sie, wer Sie sein wollen.",
    fr="Trois portails, un mois de passé et des voisins qui jouent le jeu. Choisissez qui vous voulez être.",
    en="Three portals, a month of history, and neighbours who play along. Choose who you want to be.",
)
_LIVING = Text(
    de="Erfundene Friends nehmen an, rufen an, kommen vorbei und melden sich ab.",
    fr="Des Friends inventés acceptent, appellent, se déplacent et terminent.",
    en="Made-up Friends accept, ring, come round and report back.",
)
_FAST = Text(
    de="Die Uhr läuft {speed}-mal so schnell.",
    fr="L’horloge tourne {speed} fois plus vite.",
    en="The clock runs {speed} times as fast.",
)
_ALONE = Text(
    de="Niemand spielt mit: Alles, was geschieht, tun Sie selbst.",
    fr="Personne ne joue avec vous : tout ce qui se passe vient de vous.",
    en="Nobody plays along: whatever happens, you do it yourself.",
)
_ROLES = {
    "customer": Text(de="Kundin", fr="Cliente", en="Customer"),
    "friend": Text(de="Friend", fr="Friend", en="Friend"),
    "agent": Text(de="Kundendienst", fr="Service client", en="Support agent"),
    "admin": Text(de="Leitung", fr="Direction", en="Administrator"),
}
_WHAT = {
    "customer": Text(
        de="Bucht Hilfe, hat Aufträge in jedem Stand.",
        fr="Réserve de l’aide, a des missions à tous les stades.",
        en="Books help; has jobs at every stage.",
    ),
    "friend": Text(
        de="Bekommt Anfragen, hat Einsätze und eine Kasse.",
        fr="Reçoit des demandes, a des missions et une caisse.",
        en="Gets offers; has jobs and a ledger.",
    ),
    "agent": Text(
        de="Sieht alles Laufende, beantwortet Fälle.",
        fr="Voit tout ce qui est en cours, répond aux cas.",
        en="Sees what is going on; answers cases.",
    ),
    "admin": Text(
        de="Wie der Kundendienst, dazu Zahlen und Freigaben.",
        fr="Comme le service client, plus les chiffres et les droits.",
        en="As support, with figures and permissions.",
    ),
}
_OPEN = Text(de="Portal öffnen", fr="Ouvrir le portail", en="Open the portal")
_AS = Text(de="Anmelden als", fr="Se connecter en tant que", en="Sign in as")
_MAILS = Text(de="Verschickte Mails", fr="E-mails envoyés", en="Mails that were sent")
_DESK = Text(de="Ticketsystem der Aussenwelt", fr="Système de tickets externe", en="Ticket system of the outside world")
_TRY_TITLE = Text(de="Zum Ausprobieren", fr="À essayer", en="Things to try")
_TRY = (
    Text(
        de="Als Kundin «so bald wie möglich» Hilfe in 8001 Zürich buchen und zusehen, wie jemand annimmt.",
        fr="En tant que cliente, réserver de l’aide « dès que possible » à 8001 Zürich et voir qui accepte.",
        en="As the customer, book help in 8001 Zürich as soon as possible and watch somebody accept.",
    ),
    Text(
        de="Als Friend eine Anfrage annehmen, die Arbeit melden oder den Auftrag dem Kundendienst übergeben.",
        fr="En tant que Friend, accepter une demande, annoncer la fin du travail ou passer la main au service client.",
        en="As the Friend, accept an offer, report the work done, or hand the job over to support.",
    ),
    Text(
        de="Als Kundendienst für jemanden am Telefon buchen und einen Fall beantworten.",
        fr="En tant que service client, réserver pour une personne au téléphone et répondre à un cas.",
        en="As the support agent, book for a caller and answer a case.",
    ),
    Text(
        de="Zwei Fenster nebeneinander: links die Kundin, rechts der Friend.",
        fr="Deux fenêtres côte à côte : la cliente à gauche, le Friend à droite.",
        en="Two windows side by side: the customer on the left, the Friend on the right.",
    ),
)
_SCRIPTS = Text(de="Für Skripte", fr="Pour les scripts", en="For scripts")


@dataclass(frozen=True, slots=True)
class Door:
    """One portal on the front page.

    Args:
        brand: its name.
        origin: its address.
        languages: codes it offers.
        links: role -> secret of a sign-in link.
        mails: address of its mailbox.
    """

    brand: str
    origin: str
    languages: Sequence[str]
    links: Mapping[str, str]
    mails: str


@dataclass(frozen=True, slots=True)
class Front:
    """Everything the front page shows.

    Args:
        doors: the portals.
        desk: address of the ticket desk.
        speed: how many times as fast the clock runs.
        crowd: whether made-up people play along.
    """

    doors: Sequence[Door]
    desk: str
    speed: float
    crowd: bool


def front_page(front: Front) -> Router:
    """Return the page and its style as an application."""

    async def show(request: Request) -> Response:
        asked = request.query_params.get("language") or request.headers.get("accept-language", "en")[:2]
        language = asked if asked in set(Language) else Language.EN.value
        return HTMLResponse(_page(front, language), headers={"content-security-policy": _POLICY})

    async def style(_request: Request) -> Response:
        return Response(_STYLE, media_type="text/css")

    return Router([Route("/", show), Route(STYLE_PATH, style)])


def document(language: str, title: str, body: str) -> str:
    """Return a whole page in the demo's neutral dress.

    Args:
        language: of the text.
        title: plain text.
        body: HTML.
    """
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{STYLE_PATH}"></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _page(front: Front, language: str) -> str:
    playing = _LIVING.in_(language) if front.crowd else _ALONE.in_(language)
    if front.speed > 1:
        playing += " " + _FAST.in_(language).format(speed=f"{front.speed:g}")
    switch = " ".join(
        f'<a href="/?language={one}" lang="{one}"{" aria-current=true" if one == language else ""}>{one.upper()}</a>'
        for one in Language
    )
    tries = "".join(f"<li>{escape(one.in_(language))}</li>" for one in _TRY)
    body = (
        f'<nav class="switch">{switch}</nav><h1>{_TITLE.in_(language)}</h1>'
        f'<p class="lead">{escape(_LEAD.in_(language))}</p><p>{escape(playing)}</p>'
        f'<div class="doors">{"".join(_door(door, language) for door in front.doors)}</div>'
        f"<h2>{_TRY_TITLE.in_(language)}</h2><ul>{tries}</ul>"
        f'<p><a href="{escape(front.desk)}/">{_DESK.in_(language)}</a></p>'
        f"<p>{_SCRIPTS.in_(language)}: <code>crowdcore demo credentials --json</code></p>"
    )
    return document(language, f"crowdcore · {_TITLE.in_(language)}", body)


def _door(door: Door, language: str) -> str:
    reads = language if language in door.languages else door.languages[0]
    rows = "".join(
        f'<li><a class="button" href="{escape(door.origin)}/{reads}/sign-in/{escape(secret)}">'
        f"{escape(_ROLES[role].in_(language))}</a> <span>{escape(_WHAT[role].in_(language))}</span></li>"
        for role, secret in door.links.items()
    )
    return (
        f'<section class="card"><h2>{escape(door.brand)}</h2>'
        f'<p><a href="{escape(door.origin)}/{reads}/">{_OPEN.in_(language)}</a></p>'
        f'<h3>{_AS.in_(language)}</h3><ul class="roles">{rows}</ul>'
        f'<p><a href="{escape(door.mails)}">{_MAILS.in_(language)}</a></p></section>'
    )


_STYLE = """
:root { color-scheme: light dark; --ground: #f6f7f5; --card: #fff; --ink: #1b211f; --soft: #5a6460; --line: #d8ddd9;
  --act: #14524a; --on-act: #fff; }
@media (prefers-color-scheme: dark) { :root { --ground: #131716; --card: #1c2220; --ink: #eef2ef; --soft: #a9b4af;
  --line: #38423e; --act: #9bd8c9; --on-act: #0d2420; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: clamp(2rem, 6vw, 3rem); line-height: 1.1; margin: 1rem 0 .5rem; letter-spacing: -.02em; }
h2 { font-size: 1.25rem; margin: 0 0 .5rem; }
main > h2 { margin-top: 2.5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; color: var(--soft); font-weight: 600; }
.lead { font-size: 1.2rem; max-width: 40rem; margin: 0 0 .5rem; }
a { color: inherit; text-underline-offset: .2em; display: inline-block; padding: .6rem 0; }
.switch { display: flex; gap: 1rem; justify-content: flex-end; }
.switch a { min-width: 2.75rem; text-align: center; }
.switch [aria-current] { font-weight: 700; text-decoration: none; }
.doors { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr));
  margin-top: 1.5rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem;
  margin: 0 0 1rem; overflow-wrap: anywhere; }
.doors .card { margin: 0; }
.card p { margin: 0; }
.roles { list-style: none; margin: 0; padding: 0; }
.roles li { display: grid; grid-template-columns: 9.5rem 1fr; gap: .75rem; align-items: center; padding: .35rem 0; }
.roles span { color: var(--soft); font-size: .9rem; line-height: 1.35; }
.button, button { background: var(--act); color: var(--on-act); border: 0; border-radius: .5rem; min-height: 2.75rem;
  padding: .6rem .9rem; text-decoration: none; font: inherit; font-weight: 600; text-align: center; cursor: pointer;
  overflow-wrap: normal; }
select, input { font: inherit; min-height: 2.75rem; padding: .25rem .5rem; border: 1px solid var(--soft);
  border-radius: .4rem; background: var(--card); color: inherit; max-width: 100%; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin-top: .75rem; }
label { display: grid; gap: .25rem; }
pre { overflow: auto; font-size: .85rem; }
.mails { list-style: none; margin: 0; padding: 0; }
.mails li + li { border-top: 1px solid var(--line); }
.mails p { color: var(--soft); font-size: .9rem; }
.mails p a { min-width: 2.75rem; text-align: center; }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
"""
