"""Imported once, by the process that the others are forked from: what every start would do alike is done.

Templates are compiled per process, not per start; files, database and sockets are opened by each process itself.
"""

import gc
import logging

import uvicorn.lifespan.on
import uvicorn.loops.auto
import uvicorn.protocols.http.auto

from crowdcore.app import cli_serve, main, worker
from crowdcore.partners.service import open_portals, use_portals
from crowdcore.settings import Settings

__all__ = ["cli_serve", "main", "uvicorn", "worker"]

logging.disable(logging.CRITICAL)
open_portals(Settings(public_scheme="http"))
use_portals({})
logging.disable(logging.NOTSET)
gc.collect()
gc.freeze()
