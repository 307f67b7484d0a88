"""Room: how well the crowd serves - the acceptance curve against its goals, figures by region, service and daypart.

Announces nothing, listens to nothing, stores nothing: it reads what the other rooms wrote.
"""
