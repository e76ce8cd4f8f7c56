"""Files of meters, a line for each register."""

from datetime import date

from sqlalchemy import BigInteger, Column, Date, Integer, String, text

from tesweb.exchange import cells
from tesweb.exchange.kinds import (
    ACCOUNT,
    REGION,
    BadRowError,
    Field,
    Kind,
    Values,
    find_accounts,
    later,
    reject_repeated,
    staging,
)
from tesweb.meters.models import Zone
from tesweb.regions.region import Region

#: Most registers that a meter has on its display.
_REGISTERS = 9

_STAGED = staging(
    "meters",
    Column("serial", String),
    Column("model", String),
    Column("installed_on", Date),
    Column("removed_on", Date),
    Column("verified_until", Date),
    Column("register", Integer),
    Column("zone", String),
    Column("digits", Integer),
    Column("ratio", Integer),
    Column("initial", BigInteger),
    Column("final", BigInteger),
    Column("meter_no", Integer),
)

# Each register's line repeats what the meter is; the first line of a meter decides.
_REJECT_CONTRADICTIONS = text("""
    UPDATE staged_meters
    SET verdict = 'bad', fault_column = 'serial',
        fault = 'the meter is described otherwise in line ' || first.file_line
    FROM (
        SELECT account_id, serial, min(file_line) AS file_line FROM staged_meters
        WHERE verdict IS NULL GROUP BY account_id, serial
    ) AS meter JOIN staged_meters AS first ON first.file_line = meter.file_line
    WHERE staged_meters.verdict IS NULL
      AND staged_meters.account_id = meter.account_id AND staged_meters.serial = meter.serial
      AND NOT (
        coalesce(staged_meters.model, '') = coalesce(first.model, '')
        AND staged_meters.installed_on = first.installed_on
        AND coalesce(staged_meters.removed_on, '0001-01-01')
          = coalesce(first.removed_on, '0001-01-01')
        AND coalesce(staged_meters.verified_until, '0001-01-01')
          = coalesce(first.verified_until, '0001-01-01')
      )
""")

_FIND_KNOWN = text("""
    UPDATE staged_meters SET meter_no = m.meter_no FROM meters AS m
    WHERE staged_meters.verdict IS NULL
      AND m.account_id = staged_meters.account_id AND m.serial = staged_meters.serial
""")

# A meter keeps its number for ever; new ones go on from the highest that the account has.
_NUMBER_NEW = text("""
    UPDATE staged_meters SET meter_no = numbered.taken + numbered.place
    FROM (
        SELECT s.file_line,
            dense_rank() OVER (PARTITION BY s.account_id ORDER BY s.installed_on, s.serial)
              AS place,
            coalesce((SELECT max(m.meter_no) FROM meters AS m WHERE m.account_id = s.account_id), 0)
              AS taken
        FROM staged_meters AS s WHERE s.verdict IS NULL AND s.meter_no IS NULL
    ) AS numbered
    WHERE staged_meters.file_line = numbered.file_line
""")

_COMPARE = text("""
    UPDATE staged_meters
    SET verdict = CASE
        WHEN m.model = coalesce(staged_meters.model, '')
         AND m.installed_on = staged_meters.installed_on
         AND coalesce(m.removed_on, '0001-01-01')
           = coalesce(staged_meters.removed_on, '0001-01-01')
         AND coalesce(m.verified_until, '0001-01-01')
           = coalesce(staged_meters.verified_until, '0001-01-01')
         AND r.zone = staged_meters.zone AND r.digits = staged_meters.digits
         AND r.ratio = staged_meters.ratio AND r.initial = staged_meters.initial
         AND coalesce(r.final, -1) = coalesce(staged_meters.final, -1)
        THEN 'unchanged' ELSE 'changed' END
    FROM meters AS m JOIN registers AS r ON r.account_id = m.account_id AND r.meter_no = m.meter_no
    WHERE staged_meters.verdict IS NULL
      AND m.account_id = staged_meters.account_id AND m.meter_no = staged_meters.meter_no
      AND r.register_no = staged_meters.register
""")

_REST_IS_NEW = text("UPDATE staged_meters SET verdict = 'new' WHERE verdict IS NULL")

_INSERT_METERS = text("""
    INSERT INTO meters
        (account_id, meter_no, serial, model, installed_on, removed_on, verified_until)
    SELECT s.account_id, s.meter_no, min(s.serial), coalesce(min(s.model), ''), min(s.installed_on),
        min(s.removed_on), min(s.verified_until)
    FROM staged_meters AS s
    LEFT JOIN meters AS m ON m.account_id = s.account_id AND m.meter_no = s.meter_no
    WHERE s.verdict = 'new' AND m.meter_no IS NULL
    GROUP BY s.account_id, s.meter_no
""")

_UPDATE_METERS = text("""
    UPDATE meters
    SET model = coalesce(s.model, ''), installed_on = s.installed_on, removed_on = s.removed_on,
        verified_until = s.verified_until
    FROM staged_meters AS s
    WHERE s.verdict IN ('new', 'changed')
      AND meters.account_id = s.account_id AND meters.meter_no = s.meter_no
""")

_INSERT_REGISTERS = text("""
    INSERT INTO registers (account_id, meter_no, register_no, zone, digits, ratio, initial, final)
    SELECT account_id, meter_no, register, zone, digits, ratio, initial, final
    FROM staged_meters WHERE verdict = 'new'
""")

_UPDATE_REGISTERS = text("""
    UPDATE registers
    SET zone = s.zone, digits = s.digits, ratio = s.ratio, initial = s.initial, final = s.final
    FROM staged_meters AS s
    WHERE s.verdict = 'changed' AND registers.account_id = s.account_id
      AND registers.meter_no = s.meter_no AND registers.register_no = s.register
""")


def _check(values: Values, region: Region) -> None:
    del region
    later(values, "installed_on", "removed_on")
    removed = isinstance(values["removed_on"], date)
    if removed != (values["final"] is not None):
        missing = "final" if removed else "removed_on"
        raise BadRowError(missing, "removed_on and final come together")
    digits = int(str(values["digits"]))
    for name in ("initial", "final"):
        value = values[name]
        if isinstance(value, int) and value >= 10 ** (digits + cells.WATT_HOURS):
            raise BadRowError(name, f"more than the register's {digits} digits")


METERS = Kind(
    name="meters",
    order=2,
    fields=(
        REGION,
        ACCOUNT,
        Field("serial", cells.text(32)),
        Field("model", cells.text(64), blank=True),
        Field("installed_on", cells.day),
        Field("removed_on", cells.day, blank=True),
        Field("verified_until", cells.day, blank=True),
        Field("register", cells.whole(1, _REGISTERS)),
        Field("zone", cells.choice(Zone)),
        Field("digits", cells.whole(3, 9)),
        Field("ratio", cells.whole(1, 100_000)),
        Field("initial", cells.dial_value),
        Field("final", cells.dial_value, blank=True),
    ),
    check=_check,
    staged=_STAGED,
    prepare=(
        *find_accounts(_STAGED),
        _REJECT_CONTRADICTIONS,
        reject_repeated(_STAGED, "register", "account_id", "serial", "register"),
        reject_repeated(_STAGED, "zone", "account_id", "serial", "zone"),
    ),
    apply=(
        _FIND_KNOWN,
        _NUMBER_NEW,
        _COMPARE,
        _REST_IS_NEW,
        _INSERT_METERS,
        _UPDATE_METERS,
        _INSERT_REGISTERS,
        _UPDATE_REGISTERS,
    ),
)
