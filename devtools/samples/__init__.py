"""Real data sets for `./dev serve --sample NAME`: each module has `load(env)`, run once for a database."""
