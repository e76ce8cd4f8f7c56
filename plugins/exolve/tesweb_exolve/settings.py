"""What the operator has from MTS Exolve."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ExolveSettings(BaseModel):
    """The section `[plugins.exolve]`."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    key: SecretStr = SecretStr("")
    """The application's API key; empty means no text messages."""

    sender: str = Field(default="", pattern=r"^[^\x00-\x1f]{0,32}$")
    """The name that was agreed with the operators, or a mobile number of yours at Exolve."""

    address: str = Field(
        default="https://api.exolve.ru",
        pattern=r"^(https://[A-Za-z0-9.-]+(:\d+)?|http://127\.0\.0\.1:\d+)$",
    )
    """Where the service is; in clear on this machine alone, for tests."""
