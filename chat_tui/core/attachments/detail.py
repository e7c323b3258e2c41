"""How closely a model looks at a picture: a module of its own, since settings come first."""

from typing import Literal

ImageDetail = Literal["auto", "low", "high"]
"""As the API has it; `auto` leaves it to the server."""
