-- What a file of months needs to stay of one size: how old its rows are and how much they take.

CREATE TABLE upkeep (
	name  TEXT PRIMARY KEY,
	value INTEGER NOT NULL -- clock: microseconds, the time by which rows age, which no jump of a
	                       -- clock takes along; messages, timelines: bytes of these that are kept
) STRICT, WITHOUT ROWID;
INSERT INTO upkeep SELECT 'messages', coalesce(sum(length(raw)), 0) FROM message_raw;
INSERT INTO upkeep SELECT 'timelines', coalesce(sum(length(timeline)), 0) FROM stream;

-- Which rows were there at what time: they are numbered as they come, whatever their stamps say.
CREATE TABLE upkeep_mark (
	clock INTEGER PRIMARY KEY, -- microseconds, by upkeep.clock
	seqs  TEXT NOT NULL        -- JSON object: of each table the highest seq
) STRICT;

-- How the probe fared, minute by minute.  frames = parsed + not_ours + malformed + dropped.
CREATE TABLE health (
	seq       INTEGER PRIMARY KEY,
	run       INTEGER,          -- run.id; NULL: no engine worked
	at        INTEGER NOT NULL, -- microseconds UTC, by the probe's clock; end of what it is about
	seconds   REAL NOT NULL,    -- s, how long that was
	source    TEXT,             -- name of the interface; NULL: the probe as a whole
	frames    INTEGER,          -- taken from the source in that time; and so on
	parsed    INTEGER,          -- of frames: taken apart down to UDP, TCP or SCTP; NULL: of one source
	not_ours  INTEGER,          -- of frames: of other protocols, or left out by the filter; NULL likewise
	malformed INTEGER,          -- of frames: cannot be taken apart; NULL likewise
	dropped   INTEGER,          -- of frames: no room for their fragments or segments; NULL likewise
	kernel_dropped    INTEGER,  -- beside frames: the ring was full
	interface_dropped INTEGER,  -- beside frames: by the interface before that (rx_dropped, rx_missed_errors)
	lost      INTEGER,          -- beside frames: with an engine that died, which had taken them
	drop_pct REAL AS (100.0 * (kernel_dropped + interface_dropped + coalesce(lost, 0)) /
	                  nullif(frames + kernel_dropped + interface_dropped + coalesce(lost, 0), 0)),
	                            -- %, what was dropped and lost of all that came; NULL: nothing came
	capture_lost INTEGER,       -- RTP packets of streams that ended, which were lost on the way to the
	                            -- probe, by what receivers and other streams tell; NULL: of one source
	not_kept  INTEGER,          -- records, or parts of them, that found no room; NULL: of one source; and so on
	queue_bytes  INTEGER,       -- waiting in the engine at the end of that time
	queue_most_bytes INTEGER,   -- the most that waited there
	held_bytes   INTEGER,       -- waiting in the keeper for their commit, at the end
	spill_bytes  INTEGER,       -- waiting beside the database
	lag_ms       REAL,          -- ms, longest that a record waited in the keeper for its commit
	stall_ms     REAL,          -- ms, longest step of what makes room in the database
	engine_bytes INTEGER,       -- memory that is resident
	keeper_bytes INTEGER,       -- likewise
	parent_bytes INTEGER,       -- likewise
	db_bytes     INTEGER,       -- the database
	free_bytes   INTEGER        -- left on its disk
) STRICT;
CREATE INDEX health_at ON health (at);
