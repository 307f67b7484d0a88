"""The demo: a made-up month of three portals, and people who go on living in it while it is served."""
