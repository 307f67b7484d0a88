"""The environment: languages that never mix, escaping, where a template comes from."""

import asyncio
import re
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError, nodes
from jinja2.exceptions import SecurityError

from crowdcore.base.errors import Fault
from crowdcore.base.folders import shared_folder
from crowdcore.base.money import Currency, Money
from crowdcore.base.text import Text
from crowdcore.theming import AccountView, Link, MailFrame, Page, Templates, Toast, plain_theme
from tests.floors.theming.conftest import LOOK

FOLDER = shared_folder("themes") / "base" / "templates"
OWN = ("layout.html", "friend.html", "console.html", "error.html", "macros.html", "icons.html", "mail")
MAIL = MailFrame(subject="S", preview="P", home_url="https://help.example/de", reason="R & D", number="47")


def of_plugin(formats, folder: Path, **files: str) -> Templates:
    for name, content in files.items():
        path = folder / name.replace("__", "/")
        path = path.with_name(path.name.replace("_html", ".html").replace("_txt", ".txt"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return Templates(portal=LOOK, theme=plain_theme(), formats=formats, plugin_folder=folder)


def error_page(templates, translator, **page):
    context = {"code": "not_found", "sentence": "x", "problems": [], "reference": "r-1"}
    return templates.render("error.html", translator, page=Page(**page), account=None, **context)


async def test_pages_of_two_languages_rendered_at_once_do_not_mix(templates, translations):
    """Steps of the two renderings take turns; each must stay in its own language to the end."""

    async def in_steps(language):
        source = "{% for n in range(40) %}{{ _('Undo') }} {{ amount|money }} {{ name|text }};{% endfor %}"
        template = templates._environment.from_string(source)
        chunks = []
        context = {"amount": Money(5900, Currency.CHF), "name": Text("drei", "trois", "three")}
        reader = {"translator": translations.translator(language), "formats": templates._formats[language]}
        for chunk in template.generate({**context, **reader}):
            chunks.append(chunk)
            await asyncio.sleep(0)
        return set("".join(chunks).strip(";").split(";"))

    german, french = await asyncio.gather(in_steps("de"), in_steps("fr"))
    assert german == {"Rückgängig machen CHF\u00a059.00 drei"}
    assert french == {"Annuler 59.00\u00a0CHF trois"}


async def test_pages_rendered_in_threads_do_not_mix(templates, translations):
    async def page(language):
        return await asyncio.to_thread(error_page, templates, translations.translator(language))

    pages = await asyncio.gather(*(page(language) for language in ("de", "fr", "en") * 8))
    for language, html in zip(("de", "fr", "en") * 8, pages, strict=True):
        assert f'<html lang="{language}">' in html
        headline = {
            "de": "Hier ist nichts angeschlossen.",
            "fr": "Rien n’est branché ici.",
            "en": "Nothing is plugged in",
        }
        assert headline[language] in html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ portal.brand|safe }}", "lets anything through"),
        ('<p>\n<a href="/" onclick="x()">', ":2: the content policy blocks inline handlers"),
        ("<p style='color:red'>", "inline styles"),
        ("<script>x()</script>", "inline scripts"),
        ('<a href="javascript:x()">', "cannot be a script"),
        ('<script src="https://cdn.example/x.js"></script>', "comes from elsewhere"),
        ('<img src="//cdn.example/x.png">', "comes from elsewhere"),
        ('{% include "../../../etc/passwd" %}', "there is no template '../../../etc/passwd'"),
        ('{% import "macro.html" as p %}', "macros.html"),
    ],
)
def test_a_partners_piece_holds_nothing_that_the_content_policy_blocks(formats, tmp_path, text, said):
    with pytest.raises(Fault) as fault:
        of_plugin(formats, tmp_path, **{"slots__error.help_html": text})
    assert said in str(fault.value)
    assert str(fault.value).startswith("slots/error.help.html:")


def test_a_partners_piece_may_link_elsewhere_and_a_mail_may_have_styles(formats, tmp_path):
    link = '{# style="x" #}<a href="https://partner.example/">{{ icon("user") }}</a><img src="/_s/x.png" alt="">'
    of_plugin(formats, tmp_path, **{"slots__error.help_html": link})


def test_what_people_write_is_escaped_in_pages_and_left_alone_in_text_mails(templates, translations, render):
    assert render("{{ name }} {{ _('Help: %(phone)s', phone=name) }}", name="<b>") == "&lt;b&gt; Help: &lt;b&gt;"
    german = translations.translator("de")
    assert "R &amp; D" in templates.render("mail/layout.html", german, mail=MAIL)
    text = templates.render("mail/layout.txt", german, mail=MAIL)
    assert "R & D" in text
    assert "Plain & Co" in text


def test_a_value_nobody_gave_is_an_error(render):
    with pytest.raises(UndefinedError):
        render("{{ forgotten }}")


def test_macros_imported_without_context_say_so(render):
    with pytest.raises(Fault, match="import its macros 'with context'"):
        render("{% import 'macros.html' as p %}{{ p.stepper(['a'], 1) }}")


def test_every_format_has_a_filter(render):
    assert render("{{ 3000|distance }}", "fr") == "2–4\u00a0km"
    assert render("{{ ['a', 'b']|joined }}", "de") == "a und b"
    assert (
        render("{{ a|price_range(b) }}", a=Money(5900, Currency.CHF), b=Money(7900, Currency.CHF)) == "CHF\u00a059–79"
    )


def test_plurals_and_trimmed_blocks_are_translated(render):
    source = "{% import 'macros.html' as p with context %}{{ p.error_summary([('a', 'x'), ('b', 'y')]) }}"
    assert "2 Angaben stimmen noch nicht" in render(source, "de")
    assert "2 indications à corriger" in render(source, "fr")


def test_addresses_are_in_the_readers_language(render):
    assert render("{{ to('/jobs/7') }}", "fr") == "/fr/jobs/7"


def test_a_partners_template_comes_first_and_can_build_on_the_shared_one(formats, translations, tmp_path):
    override = '{% extends "base/error.html" %}{% block footer %}{{ super() }}<p>ours</p>{% endblock %}'
    templates = of_plugin(formats, tmp_path, theme__templates__error_html=override)
    html = error_page(templates, translations.translator("en"))
    assert "<p>ours</p>" in html
    assert "Nothing is plugged in here." in html


def test_a_partners_mail_comes_first(formats, translations, tmp_path):
    templates = of_plugin(
        formats,
        tmp_path,
        mail__greeting_txt='{% extends "base/mail/layout.txt" %}{% block main %}Hoi{% endblock %}',
    )
    assert templates.render("mail/greeting.txt", translations.translator("de"), mail=MAIL).startswith("Hoi")


def test_a_slot_is_filled_by_the_partner_and_knows_the_reader(formats, translations, tmp_path):
    templates = of_plugin(formats, tmp_path, **{"slots__error.help_html": "<p>{{ _('Undo') }} {{ portal.brand }}</p>"})
    html = error_page(templates, translations.translator("de"))
    assert "<p>Rückgängig machen Plain &amp; Co</p>" in html


def test_a_slot_that_no_place_is_called_like_stops_the_start(formats, tmp_path):
    with pytest.raises(Fault, match=r"did you mean 'error\.help'"):
        of_plugin(formats, tmp_path, **{"slots__error.halp_html": "x"})


def test_an_undeclared_place_is_an_error(render):
    with pytest.raises(Fault, match=r"not declared in themes/base/theme\.toml"):
        render("{{ slot('nowhere.at_all') }}")


def test_a_template_that_does_not_compile_stops_the_start(formats, tmp_path):
    with pytest.raises(Fault, match=r"part\.html:2: "):
        of_plugin(formats, tmp_path, theme__templates__part_html="<p>\n{% if %}")


def test_a_wrong_name_has_its_neighbour_named(templates, translations):
    with pytest.raises(Fault, match=r"did you mean 'error\.html'"):
        templates.render("eror.html", translations.translator("de"))


def test_templates_reach_neither_python_nor_other_files(render, formats, tmp_path):
    with pytest.raises(SecurityError):
        render("{{ ''.__class__.__mro__ }}")
    (tmp_path / "hooks.py").write_text("secret", encoding="utf-8")
    templates = of_plugin(formats, tmp_path / "theme", theme__x_html="")
    assert "hooks.py" not in templates.names()
    with pytest.raises(Fault, match="no template"):
        templates.render("../hooks.py", formats["de"].translator)


def own_templates():
    return sorted(
        path for name in OWN for path in ([FOLDER / name] if (FOLDER / name).is_file() else (FOLDER / name).iterdir())
    )


@pytest.mark.parametrize("path", own_templates(), ids=lambda path: path.name)
def test_every_shared_template_compiles_and_says_nothing_unmarked(path, templates):
    source = path.read_text(encoding="utf-8")
    templates._environment.compile(source, path.name)
    written = templates._environment.parse(source).find_all(nodes.TemplateData)
    markup = r"<style>.*?</style>|<[^>]*>|\saria-\w+=\"[^\"]*\"|\srequired"
    text = re.sub(markup, " ", "·".join(node.data for node in written), flags=re.DOTALL)
    assert re.findall(r"[A-Za-zÀ-ÿ]{3,}", text) == []


@pytest.mark.parametrize("path", own_templates(), ids=lambda path: path.name)
def test_pages_hold_no_inline_script_or_style_and_no_foreign_address(path):
    source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\son\w+=|javascript:|<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", source)
    if path.parent.name != "mail":
        assert not re.search(r"\sstyle=|<style", source)


def test_the_environment_never_holds_a_language(templates):
    environment: Environment = templates._environment
    assert {"translator", "formats"} & set(environment.globals) == set()


# The layout


def test_the_layout_has_its_landmarks_and_a_way_past_the_header(templates, translations):
    html = error_page(templates, translations.translator("fr"))
    order = [
        'href="#main"',
        "<header",
        'aria-label="Menu principal"',
        'aria-label="Langue"',
        '<main id="main"',
        "<footer",
    ]
    places = [html.index(mark) for mark in order]
    assert places == sorted(places)
    assert "<title>Rien n’est branché ici. – Plain &amp; Co</title>" in html


def test_the_language_switch_keeps_path_and_query(templates, translations):
    html = error_page(templates, translations.translator("de"), path="/jobs/7", query="a=1&b=2")
    for language, name in (("de", "Deutsch"), ("fr", "Français"), ("en", "English")):
        assert f'href="/{language}/jobs/7?a=1&amp;b=2" lang="{language}" hreflang="{language}"' in html
        assert f'<span class="p-sr">{name}</span>' in html
    assert html.count('aria-current="true"') == 1


def test_search_engines_see_pages_meant_for_them(templates, translations):
    german = translations.translator("de")
    assert '<meta name="robots" content="noindex">' in error_page(templates, german)
    html = error_page(templates, german, path="/services/tv", indexable=True)
    assert 'hreflang="fr" href="https://help.example/fr/services/tv"' in html
    assert '<link rel="canonical" href="https://help.example/de/services/tv">' in html
    assert "noindex" not in html


def test_menus_account_and_toast(templates, translations):
    links = (
        Link(path="/offers", text="Offers", icon="bolt", current=True),
        Link(path="/help", text="Help", wide=True),
    )
    page = Page(
        navigation=links,
        legal=(Link(path="/legal/imprint", text="Imprint"),),
        toast=Toast(text="Moved", undo_path="/undo"),
    )
    account = AccountView(name="Demo", roles=frozenset({"friend"}), path="/account")
    html = templates.render(
        "error.html",
        translations.translator("en"),
        page=page,
        account=account,
        code="x",
        sentence="s",
        problems=[],
        reference="",
    )
    assert re.search(r'<a href="/en/offers" aria-current="page"><svg.*?</svg>Offers</a>', html)
    assert '<a class="p-wide" href="/en/help">Help</a>' in html
    assert '<a href="/en/legal/imprint">Imprint</a>' in html
    assert re.search(r'href="/en/account"><svg.*?</svg><span>Demo</span>', html)
    assert "Sign in" not in html
    assert re.search(r'role="status" data-toast>.*<span>Moved</span><a href="/en/undo">Undo</a>', html, re.DOTALL)


def test_a_form_with_errors_says_so_in_the_title(templates, translations):
    assert "<title>Fehler: Hier" in error_page(templates, translations.translator("de"), failed=True)


def test_the_console_has_a_rail_instead_of_a_header(templates, translations, render):
    page = Page(navigation=(Link(path="/console/live", text="Live", current=True),))
    html = render('{% extends "console.html" %}{% block main %}<h1>3 of 4</h1>{% endblock %}', "en", page=page)
    assert '<main id="main" class="p-stack" tabindex="-1"><h1>3 of 4</h1></main>' in html
    assert '<a href="/en/console/live" aria-current="page">' in html
    assert "<footer" not in html
    assert "<header" not in html


def test_a_friend_finds_the_same_links_in_the_header_and_at_the_bottom(render):
    page = Page(navigation=(Link(path="/friend/offers", text="Offers", icon="bolt", current=True),))
    html = render('{% extends "friend.html" %}{% block main %}<h1>1 new</h1>{% endblock %}', "de", page=page)
    assert html.count('href="/de/friend/offers" aria-current="page"') == 2
    assert html.index("<footer") < html.index('class="p-tabs"')


def test_an_error_page_says_what_helps(templates, translations):
    context = {
        "code": "offer.taken",
        "sentence": "Somebody was faster.",
        "problems": ["Too long."],
        "reference": "r-1",
    }
    html = templates.render("error.html", translations.translator("en"), page=Page(), account=None, **context)
    assert "<h1>Somebody was faster.</h1>" in html
    assert "<li>Too long.</li>" in html
    assert "Reference for questions: r-1" in html
    assert "Would you rather talk? 0800 000 000, daily 7 am–10 pm" in html


def test_a_mail_is_written_in_plain_colours(templates, translations):
    html = templates.render("mail/layout.html", translations.translator("de"), mail=MAIL)
    assert "var(" not in html
    assert "#16191D" in html
    assert "Auftrag 47 · Fragen? 0800 000 000, täglich 7–22 Uhr" in html
    assert "https://help.example/de" in html
