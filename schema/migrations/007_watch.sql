-- A folder of captures that are read as they are finished: which ones have been, and where
-- to go on, so that each counts once, whatever was killed meanwhile.  A run over a folder
-- goes on when the probe is started again.

CREATE TABLE watch_run (
	run       INTEGER PRIMARY KEY, -- run.id
	number    INTEGER NOT NULL,    -- of the engine's records, up to here all are kept
	frames    INTEGER NOT NULL,    -- read up to here
	steps     INTEGER NOT NULL,    -- files begun or read to their end up to here, together
	finishing INTEGER NOT NULL     -- 1: what came after is the state at the end of the run (watch_undo)
) STRICT;

CREATE TABLE watch_file (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL,    -- in the folder
	device   INTEGER NOT NULL, -- with inode: of the file system
	inode    INTEGER NOT NULL,
	size     INTEGER NOT NULL, -- bytes
	modified INTEGER NOT NULL, -- nanoseconds UTC
	digest   BLOB NOT NULL,    -- of its size, its first and its last 16 KiB
	state    TEXT NOT NULL,    -- found; reading: begun; done: read to its end; given_up: the engine died of it
	run      INTEGER,          -- run.id that it was read in; NULL: not begun
	place    INTEGER,          -- in that run, from 1; NULL: not begun
	before   INTEGER,          -- frames of the run before it; NULL: not begun
	frames   INTEGER,          -- in it; NULL: not done
	last     INTEGER,          -- nanoseconds UTC, highest time stamp of the run so far; NULL: not done, or no frame yet
	needed   INTEGER,          -- nanoseconds UTC, when the oldest leg or stream began that was not over; NULL: not done, or none was
	damage   TEXT              -- what is wrong with it; NULL: nothing that was seen
) STRICT;
CREATE INDEX watch_file_place ON watch_file (run, place);
CREATE INDEX watch_file_digest ON watch_file (digest);
CREATE INDEX watch_file_name ON watch_file (name);

-- What was not over when the run ended: it is taken back when the run goes on.
CREATE TABLE watch_undo (
	run  INTEGER NOT NULL,
	kind TEXT NOT NULL,    -- name of the table
	row  INTEGER NOT NULL, -- its seq; of kpi, its start; of message, its id
	PRIMARY KEY (run, kind, row)
) STRICT, WITHOUT ROWID;

-- The buckets of those minutes, as they were before.
CREATE TABLE watch_kpi AS SELECT * FROM kpi WHERE 0;
CREATE UNIQUE INDEX watch_kpi_seq ON watch_kpi (seq);
