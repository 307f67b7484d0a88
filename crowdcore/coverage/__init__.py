"""Room: where the crowd can keep its promise - a map of dots, the stage of each region, who waits for it.

Announces nothing, listens to nothing, stores nothing: it reads what the other rooms wrote.
"""
