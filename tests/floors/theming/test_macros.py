"""The components: what they say to people who see them and to people who hear them."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from jinja2 import UndefinedError

from crowdcore.base.money import Currency, Money
from crowdcore.theming import Page

LOW, HIGH = Money(5900, Currency.CHF), Money(7900, Currency.CHF)


@pytest.fixture
def p(render):
    """Render one macro call: ``p("p.tag('new')")``."""

    def call(expression, language="en", **context):
        html = render("{% import 'macros.html' as p with context %}{{ " + expression + " }}", language, **context)
        return re.sub(r"\s+", " ", html).strip()

    return call


def test_one_button_is_primary_and_others_are_not(p):
    assert p("p.button('Save')") == '<button type="submit" class="p-btn">Save</button>'
    assert 'class="p-btn p-btn--secondary p-btn--small"' in p("p.button('Save', kind='secondary', small=true)")
    assert 'name="answer" value="no"' in p("p.button('No', name='answer', value='no')")


def test_links_that_look_like_buttons_lead_in_the_readers_language(p):
    assert 'href="/fr/jobs"' in p("p.link_button('Jobs', '/jobs')", "fr")
    assert "p-btn--quiet" in p("p.back('Back', '/jobs')")


def test_forms_carry_their_token_and_key(p):
    html = p("p.csrf('k-1')", page=Page(csrf="t<1"))
    assert 'name="_csrf" value="t&lt;1"' in html
    assert 'name="_key" value="k-1"' in html


def test_a_field_is_labelled_hinted_and_says_its_error(p):
    more = "hint='Postcode', error='Enter a place', icon='pin', required=true"
    html = p(f"p.field('place', 'Where?', 'x\"y', {more})")
    assert '<label class="p-label" for="place">Where?</label>' in html
    assert 'aria-describedby="place-hint place-error"' in html
    assert 'aria-invalid="true" required' in html
    assert 'value="x&#34;y"' in html
    assert html.index("p-label") < html.index("place-hint") < html.index("place-error") < html.index("<input")


def test_a_field_without_hint_and_error_describes_nothing(p):
    html = p("p.field('place', 'Where?')")
    assert "aria-" not in html
    assert "p-failed" not in html


def test_longer_text_and_lists(p):
    assert re.search(r"<textarea [^>]*>\s?&lt;a&gt;</textarea>", p("p.textarea('t', 'Text', '<a>')"))
    html = p("p.select('s', 'Region', [('a', 'A'), ('b', 'B')], 'b')")
    assert '<option value="b" selected>B</option>' in html
    assert '<option value="a">A</option>' in html


def test_nothing_is_chosen_beforehand(p):
    options = "[('now', 'Now', 'In 10 minutes'), ('later', 'Later')]"
    html = p(f"p.choices('when', 'When?', {options}, error='Choose one', columns=2)")
    assert "checked" not in html
    assert '<fieldset class="p-stack p-failed" id="when" tabindex="-1"' in html
    assert 'aria-describedby="when-error" aria-invalid="true">' in html
    assert "p-grid--2" in html
    assert html.count(" checked") == 0
    assert 'value="later" checked' in p(f"p.choices('when', 'When?', {options}, chosen='later')")
    assert p(f"p.choices('when', 'When?', {options}, chosen=['now'], kind='checkbox')").count(" checked") == 1
    assert 'role="switch"' in p("p.switch('ready', 'Ready', true)")


def test_the_error_summary_leads_to_the_fields(p):
    html = p("p.error_summary({'place': 'Enter a place'}.items())")
    assert 'role="alert" tabindex="-1" autofocus' in html
    assert '<a href="#place">Enter a place</a>' in html
    assert "One detail needs your attention" in html
    assert p("p.error_summary({}.items())") == ""


def test_a_guide_price_is_never_alone(p):
    html = p("p.price(low, high)", "de", low=LOW, high=HIGH)
    assert '<b aria-hidden="true">CHF\xa059–79</b>' in html or "CHF 59–79" in html
    assert "Orientierungspreis inklusive Anfahrt" in html
    assert re.search(r'<span class="p-sr">CHF.59 bis CHF.79</span>', html)


def test_a_single_price_is_said_once(p):
    html = p("p.price(low, note='From Friday')", low=LOW)
    assert "aria-hidden" not in html
    assert "p-sr" not in html
    assert "From Friday" in html
    assert "Agreed price" in p("p.agreed_price(low)", low=LOW)
    assert p("p.money(low)", "fr", low=LOW) == '<span class="p-num">59.00 CHF</span>'


def test_tags_are_words_with_a_colour(p):
    assert p("p.tag('Accepted', 'good', 'check')").startswith('<span class="p-tag p-tag--good"><svg')
    assert p("p.tag('New')") == '<span class="p-tag">New</span>'


@dataclass
class Step:
    title: str
    state: str
    at: datetime | None = None
    note: str = ""


def test_a_timeline_marks_what_is_now_and_what_comes(p, clock):
    steps = [
        Step("Asked", "done", datetime(2026, 11, 23, 13, 2, tzinfo=UTC)),
        Step("Accepted", "now", note="14 asked"),
        Step("On the way", "next"),
        Step("Given back", "undone"),
    ]
    html = p("p.timeline(steps)", "de", steps=steps)
    assert '<time datetime="2026-11-23T13:02:00+00:00">heute, 14.02 Uhr</time>' in html
    assert html.count('aria-current="step"') == 1
    assert 'data-state="next"><b>On the way</b></li>' in html
    assert 'data-state="undone"' in html


def test_a_stepper_says_which_step_it_is(p):
    html = p("p.stepper(['Place', 'Details', 'Check'], 2)", "fr")
    assert 'aria-label="Étape 2 sur 3"' in html
    assert '<li data-state="done"><span>1. Place</span></li>' in html
    assert '<li aria-current="step"><span>2. Details</span></li>' in html


def test_decoration_is_hidden_from_those_who_listen(p):
    for expression in ("p.bar(37.6, 'good', mark=75)", "p.avatar('Demo Friend', true)", "icon('wifi')"):
        assert 'aria-hidden="true"' in p(expression)
    assert ">DF</span>" in p("p.avatar('Demo Friend')")
    assert 'width="38"' in p("p.bar(37.6)")


def test_an_unknown_icon_is_an_error(p):
    with pytest.raises(UndefinedError):
        p("icon('unicorn')")


def test_cards_and_notes_hold_what_is_given(render):
    source = (
        "{% import 'macros.html' as p with context %}"
        "{% call p.card('Messages', kind='soft', id='chat') %}<p>{{ x }}</p>{% endcall %}"
        "{% call p.note(kind='bad', icon='wifi', live=true) %}down{% endcall %}"
        "{% call p.ask('How?') %}<p>So.</p>{% endcall %}{% call p.buttons() %}b{% endcall %}"
    )
    html = render(source, x="<y>")
    assert '<section class="p-card p-stack p-card--soft" id="chat" aria-labelledby="chat-title">' in html
    assert "<p>&lt;y&gt;</p>" in html
    assert '<div class="p-note p-note--bad" role="status">' in html
    assert "<details" in html
    assert '<div class="p-row p-btns">b</div>' in html


def test_lists_of_facts(p):
    html = p("p.facts([('Price', 'CHF 59'), ('Total', 'CHF 84')], sum=true)")
    assert "<div><dt>Price</dt><dd>CHF 59</dd></div>" in html
    assert "p-facts--sum" in html
    assert p("p.ticks(['a'])").count("<li>") == 1


def test_an_empty_state_offers_one_way_on(p):
    html = p("p.empty('No jobs', 'Nobody asks', label='See exams', path='/exams')")
    assert html.count("<a ") == 1
    assert "<a " not in p("p.empty('No jobs', 'Nobody asks')")


def test_a_service_card_has_one_link_and_its_price_is_text(p):
    html = p("p.service_card('TV', '/s/tv', 'Connect', 'tv', 'CHF 59–79', 45)", "de")
    assert html.count("<a ") == 1
    assert re.search(r"<small>ca. 45.min</small>", html)


def test_the_tab_bar_marks_the_current_page(p):
    from crowdcore.theming import Link

    html = p("p.tabs(links, 'Menu')", links=(Link(path="/offers", text="Offers", icon="bolt", current=True),))
    assert 'href="/en/offers" aria-current="page"' in html
