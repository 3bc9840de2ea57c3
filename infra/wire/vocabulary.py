"""What the models share: they refuse unknown fields and convert nothing."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from scorecast.protocol.ids import ID_PATTERN
from scorecast.protocol.limits import ID_CHARACTERS_MAX, INTEGER_MAX, SCORE_MAX

STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)

ID_SCHEMA: Final = {"type": "string", "pattern": ID_PATTERN}
Id = Annotated[str, Field(pattern=str(ID_SCHEMA["pattern"]))]
FrameId = Annotated[str, Field(min_length=1, max_length=ID_CHARACTERS_MAX)]
Text = Annotated[str, Field(min_length=1)]
Whole = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
Points = Annotated[int, Field(ge=0, le=SCORE_MAX)]


class Described(BaseModel):
    """A JSON object whose fields are described where they are named."""

    model_config = STRICT
