"""Room: what a partner offers and what it roughly costs; read from the plugin's files, held in memory.

Announces nothing, listens to nothing.
"""
