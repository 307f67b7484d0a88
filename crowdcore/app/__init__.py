"""Assembly: the application made of the rooms, the map of all URLs, middleware, errors, worker, commands."""
