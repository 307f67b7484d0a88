"""Room: how a Friend qualifies - a paper drawn from the partner's exam, answers, a grade on the server.

Announces `ExamPassed` and `ExamFailed`. Listens to its own timer `exam.deadline` only. A pass grants the
exam's skill through the crowd room.
"""
