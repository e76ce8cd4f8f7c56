"""Files of readings: what registers showed, and what was consumed since the reading before."""

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
    reject,
    reject_repeated,
    staging,
)
from tesweb.meters.dials import GUESSED
from tesweb.meters.models import Source
from tesweb.meters.rules import Limits
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

_FULL_SCALES = " ".join(
    f"WHEN {digits} THEN {10 ** (digits + cells.WATT_HOURS)}" for digits in range(3, 10)
)

_FIND_REGISTERS = text(f"""
    UPDATE staged_readings
    SET meter_no = found.meter_no, installed_on = found.installed_on,
        removed_on = found.removed_on, initial = found.initial, ratio = found.ratio,
        full_scale = CASE found.digits {_FULL_SCALES} END
    FROM (
        SELECT s.file_line, m.meter_no, m.installed_on, m.removed_on, r.initial, r.ratio, r.digits
        FROM staged_readings AS s
        JOIN meters AS m ON m.account_id = s.account_id AND m.serial = s.serial
        LEFT JOIN registers AS r ON r.account_id = m.account_id AND r.meter_no = m.meter_no
          AND r.register_no = s.register
        WHERE s.verdict IS NULL
    ) AS found
    WHERE staged_readings.file_line = found.file_line
""")  # noqa: S608 - numbers of our own

_IS_READ = "CASE WHEN {}.source IN ('average', 'norm') THEN 0 ELSE 1 END"

# Known is what counts now, and also what billing itself sent last: a file that is sent again must
# not win over a resident's later correction. A real reading is news after an average of its value.
_FIND_KNOWN = text(f"""
    UPDATE staged_readings SET verdict = 'unchanged'
    FROM readings AS r
    WHERE staged_readings.verdict IS NULL
      AND r.account_id = staged_readings.account_id AND r.period = staged_readings.period
      AND r.meter_no = staged_readings.meter_no AND r.register_no = staged_readings.register
      AND r.value = staged_readings.value
      AND {_IS_READ.format("r")} = {_IS_READ.format("staged_readings")}
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
""")  # noqa: S608 - a constant of ours

_DECIDE = text("""
    UPDATE staged_readings
    SET version = next.version, verdict = CASE WHEN next.version = 1 THEN 'new' ELSE 'changed' END
    FROM (
        SELECT s.file_line, 1 + coalesce(max(r.version), 0) AS version
        FROM staged_readings AS s LEFT JOIN readings AS r
          ON r.account_id = s.account_id AND r.period = s.period
          AND r.meter_no = s.meter_no AND r.register_no = s.register
        WHERE s.verdict IS NULL GROUP BY s.file_line
    ) AS next
    WHERE staged_readings.file_line = next.file_line
""")

#: The share of the full scale, in per cent, from which on a register may start at zero again.
_NEAR_FULL_SCALE = int(Limits().near_full_scale * 100)


def _reckon(rows: str) -> str:
    """What each reading in `rows` consumes, as `tesweb.meters.rules` has it for one.

    It is the way from the value that was really read last, less what billing has counted since by
    average or norm; `guessed` adds those up, so that the difference of two is what lies between.
    Windows instead of joins: PostgreSQL knows nothing about the size of a TEMP table, and takes
    hours over a join of two that it believes to be small.
    """
    return f"""
    {rows}_guessed AS (
        SELECT {rows}.*, sum(CASE WHEN is_read = 0 THEN consumed ELSE 0 END) OVER (
            PARTITION BY account_id, meter_no, register_no ORDER BY period
        ) AS guessed FROM {rows}
    ), {rows}_reckoned AS (
        SELECT {rows}_guessed.*, (value - coalesce(lag(value) OVER same, initial) + full_scale)
            % full_scale * ratio - (guessed - coalesce(lag(guessed) OVER same, 0)) AS reckoned,
            CASE WHEN value < coalesce(lag(value) OVER same, initial)
                AND coalesce(lag(value) OVER same, initial) * 100 < full_scale * {_NEAR_FULL_SCALE}
            THEN 1 ELSE 0 END AS is_lower
        FROM {rows}_guessed
        WINDOW same AS (PARTITION BY account_id, meter_no, register_no, is_read ORDER BY period)
    )
    """  # noqa: S608 - names of our own


# `before` is how the registers of this file stand in the store, from the last real reading before
# the file's first month; `after` is how they will stand.
_CHAINS = f"""
    WITH touched AS (
        SELECT s.*, coalesce((
            SELECT r.period FROM readings AS r
            WHERE r.account_id = s.account_id AND r.period < s.since AND r.meter_no = s.meter_no
              AND r.register_no = s.register AND r.state = 'accepted'
              AND {_IS_READ.format("r")} = 1
            ORDER BY r.period DESC LIMIT 1
        ), '0001-01-01') AS floor
        FROM (
            SELECT account_id, meter_no, register, min(initial) AS initial, min(ratio) AS ratio,
                min(full_scale) AS full_scale, min(period) AS since
            FROM staged_readings WHERE verdict IN ('new', 'changed')
            GROUP BY account_id, meter_no, register
        ) AS s
    ), before AS (
        SELECT r.account_id, r.meter_no, r.register_no, r.period, r.version, r.value, r.consumed,
            r.read_on, r.source, {_IS_READ.format("r")} AS is_read,
            t.since, t.initial, t.ratio, t.full_scale
        FROM touched AS t JOIN readings AS r ON r.account_id = t.account_id
          AND r.period >= t.floor AND r.meter_no = t.meter_no AND r.register_no = t.register
          AND r.state = 'accepted'
    ), {_reckon("before")}, combined AS (
        SELECT NULL AS file_line, account_id, meter_no, register_no, period, version, value,
            consumed, read_on, source, is_read, since, initial, ratio, full_scale,
            reckoned AS was_reckoned
        FROM before_reckoned
        UNION ALL
        SELECT file_line, account_id, meter_no, register, period, version, value,
            consumed, read_on, source, {_IS_READ.format("staged_readings")}, period, initial, ratio,
            full_scale, NULL
        FROM staged_readings WHERE verdict IN ('new', 'changed')
    ), marked AS (
        SELECT combined.*, max(file_line) OVER (
            PARTITION BY account_id, meter_no, register_no, period
        ) AS replaced_by FROM combined
    ), after AS (
        SELECT * FROM marked WHERE file_line IS NOT NULL OR replaced_by IS NULL
    ), {_reckon("after")}
"""  # noqa: S608 - constants of ours

# A dial counts forward: a lower value is a slip or a story that billing has to tell in `consumed`,
# and what the file says of that register afterwards hangs in the air.
_REFUSE_LOWER = text(f"""
    {_CHAINS}, doubted AS (
        SELECT file_line, max(
            CASE WHEN is_lower = 1 AND is_read = 1 AND consumed IS NULL THEN 1 ELSE 0 END
        ) OVER (PARTITION BY account_id, meter_no, register_no ORDER BY period) AS is_doubted
        FROM after_reckoned
    )
    UPDATE staged_readings SET verdict = 'bad', fault_column = 'value',
        fault = 'lower than the reading before, or after such a one; correct it or send consumed'
    FROM doubted
    WHERE staged_readings.file_line = doubted.file_line AND doubted.is_doubted = 1
      AND staged_readings.consumed IS NULL
""")  # noqa: S608 - a constant of ours

# A reading that comes late or is corrected moves what the next one consumes, so that one gets a new
# version; but only where it was reckoned: what billing said itself stays.
_FOLLOW = text(f"""
    {_CHAINS}
    INSERT INTO staged_readings (
        file_line, verdict, account_id, meter_no, register, period, version, value, consumed,
        read_on, source
    )
    SELECT -row_number() OVER (), 'followed', account_id, meter_no, register_no, period,
        (
            SELECT 1 + max(r.version) FROM readings AS r
            WHERE r.account_id = after_reckoned.account_id AND r.period = after_reckoned.period
              AND r.meter_no = after_reckoned.meter_no
              AND r.register_no = after_reckoned.register_no
        ), value, reckoned, read_on, source
    FROM after_reckoned
    WHERE file_line IS NULL AND is_read = 1 AND period > since
      AND consumed = was_reckoned AND reckoned <> was_reckoned
""")  # noqa: S608 - a constant of ours

_CONSUME = text(f"""
    {_CHAINS}
    UPDATE staged_readings SET consumed = after_reckoned.reckoned
    FROM after_reckoned
    WHERE staged_readings.file_line = after_reckoned.file_line
      AND staged_readings.consumed IS NULL
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
    del region
    if values["source"] in GUESSED and values.get("consumed") is None:
        raise BadRowError("consumed", "empty, and what was counted by average or norm is wanted")


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
        Field("consumed", cells.watt_hours, optional=True, blank=True),
    ),
    check=_check,
    staged=_STAGED,
    prepare=(
        *find_accounts(_STAGED),
        _FIND_REGISTERS,
        reject(
            _STAGED,
            _STAGED.c.meter_no.is_(None),
            "serial",
            "no such meter on this account; send it in a file of meters first",
        ),
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
        _DECIDE,
        _REFUSE_LOWER,
        _FOLLOW,
        _CONSUME,
        _SUPERSEDE,
        _INSERT,
    ),
)
