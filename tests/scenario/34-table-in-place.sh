#!/bin/bash
# Goal: the rows of a live table are replaced in one transaction; foreign keys hold or the one that would not is named
# and nothing changes.
. "$(dirname "$0")/lib.sh"

in_place() {
    incant --json --quiet restore "$@" --in-place --yes-i-mean test
}

state() {
    sql source shop 'TABLE orders ORDER BY id' 'TABLE items ORDER BY 1, 2' 'TABLE log' 'TABLE parted ORDER BY 1'
}

server_start source
sql source postgres 'CREATE DATABASE shop'
sql source shop 'CREATE TABLE customers (id int PRIMARY KEY, name text)' "INSERT INTO customers VALUES (1, 'a'), (2, 'b')" \
    'CREATE TABLE orders (id serial PRIMARY KEY, customer int REFERENCES customers ON DELETE CASCADE, what text,
        twice text GENERATED ALWAYS AS (what || what) STORED)' \
    "INSERT INTO orders (customer, what) SELECT 1 + i % 2, 'order ' || i FROM generate_series(1, 1000) i" \
    'CREATE TABLE items (order_id int REFERENCES orders ON DELETE CASCADE, thing text)' \
    "INSERT INTO items VALUES (1, 'x'), (2, E'tab\\t, newline\\n, ä')" \
    'CREATE TABLE log (what text)' \
    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.log VALUES (TG_OP); RETURN NULL; END'" \
    'CREATE TRIGGER noted AFTER INSERT OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION note()' \
    'CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id)' \
    'CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100)' \
    'CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (100) TO (200)' \
    'INSERT INTO parted VALUES (1), (2), (101)' \
    'CREATE TABLE to_parted (id int REFERENCES parted)' 'INSERT INTO to_parted VALUES (1), (101)'
settings_write source
backup
first=$backup_id
state >"$folder/recorded"

# Nobody is asked.
incant --json --quiet restore --table shop.public.orders --in-place
expect_error 2 usage 'nothing was done'

# Beside, with all definitions of its database and the rows of that table alone.
incant --json --quiet restore --table shop.public.orders
expect_exit 0
expect_json ".databases | map([.name, .restored_as, .rows]) == [[\"shop\", \"shop_incant_$first\", 1000]]"
[ "$(sql source "shop_incant_$first" 'SELECT count(*) FROM orders') $(sql source "shop_incant_$first" 'SELECT count(*) FROM items')" = '1000 0' ] ||
    fail 'the wrong rows stand beside'
sql source postgres "DROP DATABASE \"shop_incant_$first\""

# Rows deleted, changed and added come back as they were; the trigger is silent, the sequence is set, others keep
# their rows although they refer to deleted ones with ON DELETE CASCADE.
sql source shop 'ALTER TABLE orders DISABLE TRIGGER noted' "UPDATE orders SET what = 'spoilt' WHERE id < 500" \
    'DELETE FROM orders WHERE id > 900' "INSERT INTO orders (customer, what) VALUES (1, 'new')" 'ALTER TABLE orders ENABLE TRIGGER noted'
in_place --table shop.public.orders
expect_exit 0
expect_json '.databases == [.databases[0]] and .databases[0].rows == 1000' '.safety_backup | length > 0' '.read_bytes > 0'
state >"$folder/found"
same_files "$folder/recorded" "$folder/found" 'the tables'
[ "$(sql source shop "SELECT nextval('orders_id_seq')")" = 1001 ] || fail 'the sequence is not as recorded'
expect_backups 2

# A row that others refer to and the backup has not: named, and nothing changes.
sql source shop "INSERT INTO orders (id, customer, what) VALUES (5000, 1, 'late')" "INSERT INTO items VALUES (5000, 'late')"
state >"$folder/before"
in_place "$first" --table shop.public.orders --no-safety-backup
expect_error 9 restore 'foreign key items_order_id_fkey would not hold'
state >"$folder/found"
same_files "$folder/before" "$folder/found" 'the tables after a conflict'
# So for a row that refers to one that is gone.
sql source shop 'DELETE FROM items WHERE order_id = 5000' 'DELETE FROM orders' 'DELETE FROM customers WHERE id = 2' 'DELETE FROM log'
in_place "$first" --table shop.public.orders --no-safety-backup
expect_error 9 restore 'foreign key orders_customer_fkey would not hold'
# Together they fit.
in_place "$first" --table shop.public.orders --table shop.public.customers --table shop.public.items --no-safety-backup
expect_exit 0


# A partition, whose key is its parent's.
sql source shop 'DELETE FROM to_parted' 'DELETE FROM parted' 'INSERT INTO parted VALUES (101)' 'INSERT INTO to_parted VALUES (101)'
in_place "$first" --table shop.public.parted_low --no-safety-backup
expect_exit 0
[ "$(sql source shop 'SELECT count(*) FROM parted')" = 3 ] || fail 'the partition did not come back'

# Columns: one that is gone is named; one that is new gets its default; one that must have a value is named.
sql source shop 'ALTER TABLE items RENAME thing TO stuff'
in_place "$first" --table shop.public.items --no-safety-backup
expect_error 9 restore 'has no column thing'
sql source shop 'ALTER TABLE items RENAME stuff TO thing' "ALTER TABLE items ADD note text DEFAULT 'none'"
in_place "$first" --table shop.public.items --no-safety-backup
expect_exit 0
expect_json 'any(.warnings[]; contains("column note"))'
[ "$(sql source shop "SELECT count(*) FROM items WHERE note = 'none'")" = 2 ] || fail 'the default is missing'
sql source shop 'ALTER TABLE items ALTER note DROP DEFAULT, ALTER note SET NOT NULL'
in_place "$first" --table shop.public.items --no-safety-backup
expect_error 9 restore 'column note, which must have a value'

# What does not exist.
in_place "$first" --table shop.public.nothing --no-safety-backup
expect_error 6 not-found "no table 'public.nothing' in database shop"
sql source shop 'DROP TABLE log CASCADE' 'DROP FUNCTION note CASCADE'
in_place "$first" --table shop.public.log --no-safety-backup
expect_error 9 restore 'does not exist'
