"""What a supplier may set about readings."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from tesweb.api import Limits


class ReadingsSettings(BaseModel):
    """The section `[plugins.readings]`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    far_above_factor: Decimal = Field(default=Decimal(3), gt=1)
    """So many times the usual consumption has to be confirmed."""

    far_above_floor: Decimal = Field(default=Decimal(300), ge=0)
    """Up to so many kWh a month on the dial nothing has to be confirmed: a guest is no mistake."""

    near_full_scale: Decimal = Field(default=Decimal("0.95"), gt=Decimal("0.5"), lt=1)
    """The share of the full scale from which on a dial may have started at zero again."""

    open_disputes: int = Field(default=3, ge=1)
    """Requests of one account that may wait for an answer, so that photos cannot fill the disk."""

    @property
    def limits(self) -> Limits:
        """The same as the rules want it."""
        return Limits(self.far_above_factor, self.far_above_floor, self.near_full_scale)
