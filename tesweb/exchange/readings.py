"""Files of readings: what registers showed, and what was consumed since the reading before."""

from sqlalchemy import BigInteger, Column, Date, Integer, String, text

from tesweb.exchange import cells
from tesweb.exchange.kinds import (
    ACCOUNT,
    REGION,
    Field,
    Kind,
    Values,
    find_accounts,
    reject,
    reject_repeated,
    staging,
)
from tesweb.meters.models import Source
from tesweb.regions.region import Region

_STAGED = staging(
    "readings",
    Column("serial", String),
    Column("register", Integer),
    Column("read_on", Date),
    Column("period", Date),
    Column("value", BigInteger),
    Column("source", String),
    Column("consumed", BigInteger),
    Column("meter_no", Integer),
    Column("installed_on", Date),
    Column("removed_on", Date),
    Column("initial", BigInteger),
    Column("ratio", Integer),
    # Where the dial stands at zero again, in watt-hours.
    Column("full_scale", BigInteger),
    Column("version", Integer),
)

_FIND_METERS = text("""
    UPDATE staged_readings
    SET meter_no = m.meter_no, installed_on = m.installed_on, removed_on = m.removed_on
    FROM meters AS m
    WHERE staged_readings.verdict IS NULL
      AND m.account_id = staged_readings.account_id AND m.serial = staged_readings.serial
""")

_FULL_SCALES = " ".join(
    f"WHEN {digits} THEN {10 ** (digits + cells.WATT_HOURS)}" for digits in range(3, 10)
)

_FIND_REGISTERS = text(f"""
    UPDATE staged_readings
    SET initial = r.initial, ratio = r.ratio, full_scale = CASE r.digits {_FULL_SCALES} END
    FROM registers AS r
    WHERE staged_readings.verdict IS NULL
      AND r.account_id = staged_readings.account_id AND r.meter_no = staged_readings.meter_no
      AND r.register_no = staged_readings.register
""")  # noqa: S608 - numbers of our own

# Known is what counts now, and also what billing itself sent last: a file that is sent again must
# not win over a resident's later correction.
_FIND_KNOWN = text("""
    UPDATE staged_readings SET verdict = 'unchanged'
    FROM readings AS r
    WHERE staged_readings.verdict IS NULL
      AND r.account_id = staged_readings.account_id AND r.period = staged_readings.period
      AND r.meter_no = staged_readings.meter_no AND r.register_no = staged_readings.register
      AND r.value = staged_readings.value
      AND coalesce(staged_readings.consumed, r.consumed) = r.consumed
      AND (
        r.state = 'accepted'
        OR (
          r.receipt_id IS NULL AND r.read_on = staged_readings.read_on
          AND r.source = staged_readings.source
          AND NOT EXISTS (
            SELECT 1 FROM readings AS newer
            WHERE newer.account_id = r.account_id AND newer.period = r.period
              AND newer.meter_no = r.meter_no AND newer.register_no = r.register_no
              AND newer.version > r.version AND newer.receipt_id IS NULL
          )
        )
      )
""")

_COUNT_VERSIONS = text("""
    UPDATE staged_readings
    SET version = 1 + coalesce((
        SELECT max(r.version) FROM readings AS r
        WHERE r.account_id = staged_readings.account_id AND r.period = staged_readings.period
          AND r.meter_no = staged_readings.meter_no AND r.register_no = staged_readings.register
    ), 0)
    WHERE verdict IS NULL
""")

_DECIDE = text("""
    UPDATE staged_readings SET verdict = CASE WHEN version = 1 THEN 'new' ELSE 'changed' END
    WHERE verdict IS NULL
""")

# A reading's consumption depends on the one before it, so a reading that comes late or is corrected
# moves the next one too. `before` is how the registers of this file stand in the store, from the
# reading before the file's first; `after` is how they will stand. `previous` is the value of the
# reading before, or the dial's initial value.
_CHAINS = """
    WITH touched AS (
        SELECT s.*, coalesce((
            SELECT r.period FROM readings AS r
            WHERE r.account_id = s.account_id AND r.period < s.since AND r.meter_no = s.meter_no
              AND r.register_no = s.register AND r.state = 'accepted'
            ORDER BY r.period DESC LIMIT 1
        ), s.since) AS floor
        FROM (
            SELECT account_id, meter_no, register, min(initial) AS initial, min(ratio) AS ratio,
                min(full_scale) AS full_scale, min(period) AS since
            FROM staged_readings WHERE verdict IN ('new', 'changed')
            GROUP BY account_id, meter_no, register
        ) AS s
    ), before AS (
        SELECT r.account_id, r.meter_no, r.register_no, r.period, r.version, r.value, r.consumed,
            r.read_on, r.source, t.since, t.ratio, t.full_scale, t.initial,
            coalesce(lag(r.value) OVER chain, t.initial) AS previous
        FROM touched AS t JOIN readings AS r ON r.account_id = t.account_id
          AND r.period >= t.floor AND r.meter_no = t.meter_no AND r.register_no = t.register
          AND r.state = 'accepted'
        WINDOW chain AS (PARTITION BY r.account_id, r.meter_no, r.register_no ORDER BY r.period)
    ), standing AS (
        SELECT account_id, meter_no, register AS register_no, period, file_line, value, initial
        FROM staged_readings WHERE verdict IN ('new', 'changed')
        UNION ALL
        SELECT b.account_id, b.meter_no, b.register_no, b.period, NULL, b.value, b.initial
        FROM before AS b
        LEFT JOIN staged_readings AS s ON s.account_id = b.account_id AND s.period = b.period
          AND s.meter_no = b.meter_no AND s.register = b.register_no
          AND s.verdict IN ('new', 'changed')
        WHERE s.file_line IS NULL
    ), after AS (
        SELECT account_id, meter_no, register_no, period, file_line,
            coalesce(lag(value) OVER chain, initial) AS previous
        FROM standing
        WINDOW chain AS (PARTITION BY account_id, meter_no, register_no ORDER BY period)
    )
"""

# The same as `tesweb.meters.rules.consumption`, for a whole file at once; a test compares the two.
_CONSUME = text(f"""
    {_CHAINS}
    UPDATE staged_readings
    SET consumed = (staged_readings.value - after.previous + full_scale) % full_scale * ratio
    FROM after
    WHERE staged_readings.file_line = after.file_line AND staged_readings.consumed IS NULL
""")  # noqa: S608 - a constant of ours

# Only where consumption was the difference of the two: what billing said itself stays.
_FOLLOW = text(f"""
    {_CHAINS}
    INSERT INTO staged_readings (
        file_line, verdict, account_id, meter_no, register, period, version, value, consumed,
        read_on, source
    )
    SELECT -row_number() OVER (), 'followed', b.account_id, b.meter_no, b.register_no, b.period,
        b.version + 1, b.value, (b.value - a.previous + b.full_scale) % b.full_scale * b.ratio,
        b.read_on, b.source
    FROM before AS b JOIN after AS a ON a.account_id = b.account_id AND a.meter_no = b.meter_no
      AND a.register_no = b.register_no AND a.period = b.period AND a.file_line IS NULL
    WHERE b.period > b.since AND a.previous <> b.previous
      AND b.consumed = (b.value - b.previous + b.full_scale) % b.full_scale * b.ratio
""")  # noqa: S608 - a constant of ours

_SUPERSEDE = text("""
    UPDATE readings SET state = 'superseded'
    FROM staged_readings AS s
    WHERE s.verdict IN ('changed', 'followed') AND readings.state = 'accepted'
      AND readings.account_id = s.account_id AND readings.period = s.period
      AND readings.meter_no = s.meter_no AND readings.register_no = s.register
""")

_INSERT = text("""
    INSERT INTO readings (account_id, period, meter_no, register_no, version, value, consumed,
        read_on, source, state)
    SELECT account_id, period, meter_no, register, version, value, consumed, read_on, source,
        'accepted'
    FROM staged_readings WHERE verdict IN ('new', 'changed', 'followed')
    ORDER BY account_id, period, meter_no, register
""")


def _check(values: Values, region: Region) -> None:
    del values, region


READINGS = Kind(
    name="readings",
    order=3,
    fields=(
        REGION,
        ACCOUNT,
        Field("serial", cells.text(32)),
        Field("register", cells.whole(1, 9)),
        Field("read_on", cells.day),
        Field("period", cells.month),
        Field("value", cells.dial_value),
        Field("source", cells.choice(Source)),
        Field("consumed", cells.dial_value, optional=True, blank=True),
    ),
    check=_check,
    staged=_STAGED,
    prepare=(
        *find_accounts(_STAGED),
        _FIND_METERS,
        reject(
            _STAGED,
            _STAGED.c.meter_no.is_(None),
            "serial",
            "no such meter on this account; send it in a file of meters first",
        ),
        _FIND_REGISTERS,
        reject(_STAGED, _STAGED.c.ratio.is_(None), "register", "the meter has no such register"),
        reject(
            _STAGED,
            _STAGED.c.value >= _STAGED.c.full_scale,
            "value",
            "more digits than the register has",
        ),
        reject(
            _STAGED,
            _STAGED.c.read_on < _STAGED.c.installed_on,
            "read_on",
            "before the meter was installed",
        ),
        reject(
            _STAGED,
            _STAGED.c.read_on > _STAGED.c.removed_on,
            "read_on",
            "after the meter was removed",
        ),
        reject_repeated(_STAGED, "period", "account_id", "period", "meter_no", "register"),
    ),
    apply=(
        _FIND_KNOWN,
        _COUNT_VERSIONS,
        _DECIDE,
        _FOLLOW,
        _CONSUME,
        _SUPERSEDE,
        _INSERT,
    ),
)
