"""The settings, under the name that scripts of a checkout import: see `claims_app/config.py`.

Packages do not contain this module, since a module called `config` would be in the way of others.
"""

from claims_app.config import *  # noqa: F403
