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
        SELECT file_line, min(file_line) OVER (PARTITION BY account_id, serial) AS first_line
        FROM staged_meters WHERE verdict IS NULL
    ) AS meter JOIN staged_meters AS first ON first.file_line = meter.first_line
    WHERE staged_meters.file_line = meter.file_line
      AND NOT (
        coalesce(staged_meters.model, '') = coalesce(first.model, '')
        AND staged_meters.installed_on = first.installed_on
        AND coalesce(staged_meters.removed_on, '0001-01-01')
          = coalesce(first.removed_on, '0001-01-01')
        AND coalesce(staged_meters.verified_until, '0001-01-01')
          = coalesce(first.verified_until, '0001-01-01')
      )
""")

# A meter keeps its number for ever; new ones go on from the highest that the account has.
_NUMBER = text("""
    UPDATE staged_meters SET meter_no = numbered.meter_no
    FROM (
        SELECT s.file_line, coalesce(m.meter_no,
            coalesce((SELECT max(n.meter_no) FROM meters AS n WHERE n.account_id = s.account_id), 0)
            + dense_rank() OVER (
                PARTITION BY s.account_id, m.meter_no IS NULL ORDER BY s.installed_on, s.serial
            )) AS meter_no
        FROM staged_meters AS s
        LEFT JOIN meters AS m ON m.account_id = s.account_id AND m.serial = s.serial
        WHERE s.verdict IS NULL
    ) AS numbered
    WHERE staged_meters.file_line = numbered.file_line
""")

_IS_SAME_METER = """
    m.model = coalesce(s.model, '') AND m.installed_on = s.installed_on
    AND coalesce(m.removed_on, '0001-01-01') = coalesce(s.removed_on, '0001-01-01')
    AND coalesce(m.verified_until, '0001-01-01') = coalesce(s.verified_until, '0001-01-01')
"""

_DECIDE = text(f"""
    UPDATE staged_meters SET verdict = known.verdict
    FROM (
        SELECT s.file_line, CASE
            WHEN r.register_no IS NULL THEN 'new'
            WHEN {_IS_SAME_METER}
             AND r.zone = s.zone AND r.digits = s.digits AND r.ratio = s.ratio
             AND r.initial = s.initial AND coalesce(r.final, -1) = coalesce(s.final, -1)
            THEN 'unchanged' ELSE 'changed' END AS verdict
        FROM staged_meters AS s
        LEFT JOIN meters AS m ON m.account_id = s.account_id AND m.meter_no = s.meter_no
        LEFT JOIN registers AS r ON r.account_id = s.account_id AND r.meter_no = s.meter_no
          AND r.register_no = s.register
        WHERE s.verdict IS NULL
    ) AS known
    WHERE staged_meters.file_line = known.file_line
""")  # noqa: S608 - a constant of ours

_UPDATE_METERS = text(f"""
    UPDATE meters
    SET model = coalesce(s.model, ''), installed_on = s.installed_on, removed_on = s.removed_on,
        verified_until = s.verified_until
    FROM staged_meters AS s JOIN meters AS m
      ON m.account_id = s.account_id AND m.meter_no = s.meter_no
    WHERE s.verdict IN ('new', 'changed') AND NOT ({_IS_SAME_METER})
      AND meters.account_id = m.account_id AND meters.meter_no = m.meter_no
""")  # noqa: S608 - a constant of ours

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
        _NUMBER,
        _DECIDE,
        _UPDATE_METERS,
        _INSERT_METERS,
        _INSERT_REGISTERS,
        _UPDATE_REGISTERS,
    ),
)
