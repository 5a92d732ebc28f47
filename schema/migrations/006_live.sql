-- What a probe that listens for months keeps: its runs have no end that was known before,
-- calls in progress must outlive it, and where it was deaf has to be said.

ALTER TABLE run ADD COLUMN state TEXT NOT NULL DEFAULT 'complete'; -- complete: over captures, or ended in order; running; waiting: the probe has ended, and records of it wait beside the database for its next start; interrupted: the engine died; of live runs, digest is a random number
ALTER TABLE run ADD COLUMN durable INTEGER; -- number of the engine's last record that is kept; NULL: a run over captures
ALTER TABLE run ADD COLUMN begun INTEGER;   -- microseconds UTC; when a live run began

-- Of live runs, what is not over: the rows of leg, call and stream with these ids are as things stood.
CREATE TABLE in_progress (
	run    INTEGER NOT NULL,
	kind   TEXT NOT NULL,    -- leg, call, stream
	id     INTEGER NOT NULL, -- leg.id, call.id, stream.id; its row may not be there yet
	ladder TEXT,             -- leg: as leg.ladder, up to the run's last commit; NULL: no message yet
	PRIMARY KEY (run, kind, id)
) STRICT, WITHOUT ROWID;

-- What befell the probe itself.
CREATE TABLE probe_event (
	seq     INTEGER PRIMARY KEY,
	run     INTEGER,          -- run.id that it befell; NULL: none was going on
	at      INTEGER NOT NULL, -- microseconds UTC, by the probe's clock; its beginning
	until   INTEGER,          -- microseconds UTC; its end; NULL: a moment
	what    TEXT NOT NULL,    -- engine_gap: no engine worked in between, and what came waited for the next one; keeper_gap: records waited; interface_gone; interface_back;
	                          -- not_kept: records that found no room; file_damaged, file_given_up: of a watched folder, the latter one that the engine died of; stream_begun, stream_ended: of a capture that is sent on; clock_wrong, clock_right: of a source, whose packets were taken at their arrival in between; silent, heard: of an interface that brings no packet, and again some; one_sided, two_sided: of all sources, that bring requests without responses or media one way, and again both;
	                          -- store_waited: the database took nothing in between;
	                          -- store_replaced: it was damaged, a new one was begun; store_checked: it was looked through for damage;
	                          -- spill_lost: records that waited in the spill file cannot be read
	subject ANY,              -- name of the interface, kind of the records (message_bytes, timeline: these alone), what is wrong with which file, locked, full or failing, name of the damaged database; NULL: the whole probe
	count   INTEGER           -- of not_kept, how many; of engine_gap, frames that were lost with the engine
) STRICT;
CREATE INDEX probe_event_at ON probe_event (at);
