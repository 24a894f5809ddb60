"""What all tests share."""

from hypothesis import settings

# The same examples on every run and every machine, and no failure for a slow moment of a busy one.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")
