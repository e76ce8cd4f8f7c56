"""What the API says no with."""

from uuid import uuid4

from tesweb_sandbox_bank.models import Body


class ApiError(Exception):
    """A refusal, in the words of YooKassa's API. The text repeats nothing that was sent."""

    def __init__(self, status: int, code: str, description: str, parameter: str = "") -> None:
        """Carry what the answer says."""
        super().__init__(description)
        self.status = status
        self.code = code
        self.parameter = parameter

    def body(self) -> Body:
        """The answer."""
        told = {
            "type": "error",
            "id": str(uuid4()),
            "code": self.code,
            "description": str(self),
            "parameter": self.parameter,
        }
        return {name: value for name, value in told.items() if value}


class Invalid(ApiError):
    """A parameter is missing or wrong."""

    def __init__(self, parameter: str, description: str) -> None:
        """Name the parameter."""
        super().__init__(400, "invalid_request", description, parameter)


class NotFound(ApiError):
    """There is none of that number."""

    def __init__(self, description: str, parameter: str = "") -> None:
        """Say of what."""
        super().__init__(404, "not_found", description, parameter)
