-- The first form of the journal. Times are milliseconds since 1970, UTC; minutes are counted from there. Routings,
-- memories, evidence and kinds are JSON in the program's own words. A later form is a new file beside this one.

-- What must outlive the program, for each alias.
CREATE TABLE memories (
    endpoint TEXT NOT NULL,
    account  TEXT NOT NULL,
    region   TEXT NOT NULL,
    function TEXT NOT NULL,
    alias    TEXT NOT NULL,
    memory   TEXT NOT NULL,
    PRIMARY KEY (endpoint, account, region, function, alias)
) STRICT, WITHOUT ROWID;

-- Where things happen. `world` is empty but for embedded worlds: each of their runs is a place of its own.
CREATE TABLE sites (
    site        INTEGER PRIMARY KEY,
    endpoint    TEXT NOT NULL,
    region      TEXT NOT NULL,
    world       TEXT NOT NULL,
    account     TEXT NOT NULL,
    environment TEXT NOT NULL,
    UNIQUE (endpoint, region, world, account, environment)
) STRICT;

CREATE TABLE releases (
    release       INTEGER PRIMARY KEY,
    site          INTEGER NOT NULL REFERENCES sites,
    id            TEXT NOT NULL,
    title         TEXT,
    caller        TEXT NOT NULL,
    os_user       TEXT NOT NULL,
    why           TEXT,
    began         INTEGER NOT NULL,
    stages        TEXT NOT NULL,
    bake_ms       INTEGER NOT NULL,
    watch_ms      INTEGER NOT NULL,
    error_rate    REAL,
    p99_ms        REAL,
    ended         INTEGER,
    ending        TEXT,
    end_note      TEXT,
    metrics_asked INTEGER NOT NULL DEFAULT 0,
    UNIQUE (site, id)
) STRICT;
CREATE INDEX releases_by_time ON releases (began);

CREATE TABLE parts (
    release   INTEGER NOT NULL REFERENCES releases,
    function  TEXT NOT NULL,
    alias     TEXT NOT NULL,
    stable    TEXT NOT NULL,
    new       TEXT NOT NULL,
    about     TEXT NOT NULL,
    committed INTEGER,
    PRIMARY KEY (release, function, alias)
) STRICT, WITHOUT ROWID;

-- One row a write: the intent before it leaves, the outcome after.
CREATE TABLE actions (
    action     INTEGER PRIMARY KEY,
    site       INTEGER NOT NULL REFERENCES sites,
    id         TEXT NOT NULL,
    function   TEXT NOT NULL,
    alias      TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    percent    REAL,
    automatic  INTEGER NOT NULL,
    caller     TEXT NOT NULL,
    os_user    TEXT NOT NULL,
    why        TEXT,
    stable     TEXT NOT NULL,
    new        TEXT NOT NULL,
    before     TEXT NOT NULL,
    after      TEXT NOT NULL,
    evidence   TEXT NOT NULL,
    intended   INTEGER NOT NULL,
    result     TEXT,
    settled    INTEGER,
    request_id TEXT,
    message    TEXT,
    found      TEXT
) STRICT;
CREATE INDEX actions_of_release ON actions (site, id);
CREATE INDEX actions_unsettled ON actions (site) WHERE result IS NULL OR result = 'unknown';

CREATE TABLE happenings (
    happening INTEGER PRIMARY KEY,
    site      INTEGER NOT NULL REFERENCES sites,
    id        TEXT,
    at        INTEGER NOT NULL,
    function  TEXT,
    alias     TEXT,
    who       TEXT NOT NULL,
    text      TEXT NOT NULL,
    kind      TEXT NOT NULL
) STRICT;
CREATE INDEX happenings_of_release ON happenings (site, id);

CREATE TABLE minutes (
    release  INTEGER NOT NULL REFERENCES releases,
    function TEXT NOT NULL,
    alias    TEXT NOT NULL,
    version  TEXT NOT NULL,
    minute   INTEGER NOT NULL,
    calls    REAL NOT NULL,
    errors   REAL,
    p99_ms   REAL,
    PRIMARY KEY (release, function, alias, version, minute)
) STRICT, WITHOUT ROWID;
