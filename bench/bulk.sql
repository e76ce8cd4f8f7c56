-- What bulk.py fills a database with; both databases run the same text. The words in braces are
-- expressions of bulk.py. Accounts :low to :high are made, with the months :first to :last.

-- people
INSERT INTO users (id, login, password_hash, name, language, created_at)
{numbers} SELECT n.id, 'user' || CAST(n.id AS TEXT), '!', 'Анна Петровна', 'ru', '{moment}' FROM n;

INSERT INTO accounts (id, region, number, address, category, balance, balance_on)
{numbers} SELECT n.id, 'tyumen', CAST(720400000000 + n.id AS TEXT),
  'г. Тюмень, ул. Республики, д. ' || CAST(n.id / 40 AS TEXT)
  || ', кв. ' || CAST(n.id % 40 + 1 AS TEXT),
  'gas_stove', {balance}, '{balance_on}' FROM n;

INSERT INTO memberships (user_id, account_id, role, position, linked_at)
{numbers} SELECT n.id, n.id, 'owner', 0, '{moment}' FROM n;

INSERT INTO memberships (user_id, account_id, role, position, linked_at)
{numbers} SELECT n.id, n.id - 1, 'reader', 1, '{moment}' FROM n WHERE n.id % 4 = 0;

INSERT INTO meters (account_id, meter_no, serial, model, installed_on, verified_until)
{numbers} SELECT n.id, 1, CAST(10000000 + n.id AS TEXT), 'CE101', '2020-03-01', '2036-03-01' FROM n;

INSERT INTO registers (account_id, meter_no, register_no, zone, digits, ratio, initial)
{numbers} SELECT n.id, 1, z.register_no, z.zone, 6, 1, 0
FROM n CROSS JOIN bench_zones z WHERE (n.id % 5 = 0) = (z.zone <> 'single');

INSERT INTO sessions (id_hash, user_id, created_at, seen_at, ends_at)
{numbers} SELECT sha256(CAST({sid} AS {bytes})), n.id, '{moment}', '{moment}', '{moment}' FROM n;

-- history
INSERT INTO readings (account_id, period, meter_no, register_no, version,
  value, consumed, read_on, source, state)
SELECT a.id, m.period, 1, r.register_no, 1,
  {value} * 1000, {consumed} * 1000, m.read_on, 'resident', 'accepted'
FROM accounts a CROSS JOIN bench_months m JOIN registers r ON r.account_id = a.id
WHERE a.id BETWEEN :low AND :high AND m.n BETWEEN :first AND :last;

INSERT INTO charges (account_id, period, line, title, volume, price, amount)
SELECT a.id, m.period, CAST(r.register_no AS TEXT), 'Электроэнергия',
  {consumed} * 1000, '{price}', {consumed} * {kopecks}
FROM accounts a CROSS JOIN bench_months m JOIN registers r ON r.account_id = a.id
WHERE a.id BETWEEN :low AND :high AND m.n BETWEEN :first AND :last;

INSERT INTO payments (account_id, paid_on, reference, channel, amount)
SELECT a.id, m.paid_on, CAST(m.n * 10 + r.register_no AS TEXT), 'СБП', {consumed} * {kopecks}
FROM accounts a CROSS JOIN bench_months m JOIN registers r ON r.account_id = a.id
WHERE a.id BETWEEN :low AND :high AND m.n BETWEEN :first AND :last AND m.n < {months};
