"""Room: a few questions that lead from "it does not work" to what helps; read from the plugin's files.

Announces nothing, listens to nothing.
"""
