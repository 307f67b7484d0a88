"""How a paper is drawn: by topic, from a secret seed, the same for ever."""

from __future__ import annotations

from collections import Counter

from hypothesis import given

from crowdcore.exams import rules
from crowdcore.exams.rules import choice_key, draw
from crowdcore.plugin.content_exam import Draw
from tests.rooms.exams.material import SEED, asked, exam_of, exams, question, router, seeds


@given(exams(), seeds)
def test_the_same_seed_gives_the_same_paper(exam, seed):
    assert draw(exam, seed) == draw(exam, seed)


@given(exams(), seeds)
def test_a_paper_has_as_many_scored_questions_of_each_topic_as_the_exam_says(exam, seed):
    paper = draw(exam, seed)
    scored = [q for q in (exam.questions[item.question_id] for item in paper.items) if not q.pilot]
    assert Counter(q.topic for q in scored) == {d.topic: d.count for d in exam.draws}
    assert len(paper.items) == rules.length(exam)
    assert len({item.question_id for item in paper.items}) == len(paper.items)


@given(exams(), seeds)
def test_every_choice_of_a_question_is_shown_once(exam, seed):
    for item in draw(exam, seed).items:
        assert sorted(item.choices) == sorted(c.id for c in exam.questions[item.question_id].choices)


@given(exams(), seeds)
def test_a_paper_remembers_what_it_was_drawn_from(exam, seed):
    paper = draw(exam, seed)
    assert (paper.exam_version, paper.content_hash) == (exam.version, exam.content_hash)


def test_the_paper_of_a_seed_is_the_same_for_ever():
    """A changed order would make stored seeds worthless as evidence."""
    paper = draw(router(), SEED)
    assert [item.question_id for item in paper.items] == ["steps", "cable", "socket", "band", "new", "places"]
    assert [c[-1] for c in paper.items[0].choices] == ["2", "1", "0", "3"]


def test_two_draws_of_one_topic_never_take_a_question_twice():
    exam = exam_of(*(question(f"q{n}") for n in range(4)), draws=(Draw("wifi", 2), Draw("wifi", 2)))
    assert sorted(q.id for q in asked(exam)) == ["q0", "q1", "q2", "q3"]


def test_seeds_spread_questions_and_choices_evenly():
    exam = exam_of(*(question(f"q{n}") for n in range(8)), draws=(Draw("wifi", 4),))
    drawn, first_place, first_choice = Counter(), Counter(), Counter()
    for n in range(2000):
        paper = draw(exam, f"seed{n}")
        drawn.update(item.question_id for item in paper.items)
        first_place[paper.items[0].question_id] += 1
        first_choice[paper.items[0].choices[0][-1]] += 1
    assert all(900 < drawn[f"q{n}"] < 1100 for n in range(8))
    assert all(190 < first_place[f"q{n}"] < 310 for n in range(8))
    assert all(410 < first_choice[str(n)] < 590 for n in range(4))


@given(exams(), seeds)
def test_the_key_of_a_choice_tells_nothing_and_belongs_to_one_question(exam, seed):
    keys = [
        choice_key(seed, item.question_id, choice_id) for item in draw(exam, seed).items for choice_id in item.choices
    ]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 12 and set(key) <= set("0123456789abcdef") for key in keys)


def test_the_same_choice_has_another_key_in_another_attempt():
    assert choice_key("one", "band", "a") != choice_key("two", "band", "a")
