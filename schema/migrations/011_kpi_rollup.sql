-- Key performance indicators by the hour and by the day: what is in the minutes of kpi, added up,
-- so that a month is read in a moment.  An hour of kpi_stale has other minutes than when it was
-- added up last: who reads takes its minutes, and who writes adds it up again.

CREATE TABLE kpi_hour (
	start     INTEGER NOT NULL, -- microseconds UTC; when the hour began, by the clock of kpi_zone
	view      TEXT NOT NULL,    -- this and what follows as in kpi, of all runs
	trunk     ANY NOT NULL,
	site      ANY NOT NULL,
	peer      ANY NOT NULL,
	direction TEXT NOT NULL,
	prefix    ANY NOT NULL,
	codec     TEXT NOT NULL,
	status    INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	incomplete INTEGER NOT NULL,
	interrupted INTEGER NOT NULL,
	pending INTEGER NOT NULL,
	seizures INTEGER NOT NULL,
	answered INTEGER NOT NULL,
	redirected INTEGER NOT NULL,
	delivered INTEGER NOT NULL,
	effective INTEGER NOT NULL,
	ineffective INTEGER NOT NULL,
	busy INTEGER NOT NULL,
	no_answer INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	no_response INTEGER NOT NULL,
	capacity_rejects INTEGER NOT NULL,
	rang INTEGER NOT NULL,
	authenticated INTEGER NOT NULL,
	forked INTEGER NOT NULL,
	talking INTEGER NOT NULL,
	ended INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	short_calls INTEGER NOT NULL,
	audio_judged INTEGER NOT NULL,
	one_way INTEGER NOT NULL,
	talk_us INTEGER NOT NULL,
	completed_us INTEGER NOT NULL,
	occupied_us INTEGER NOT NULL,
	pdd_us INTEGER NOT NULL,
	srd_us INTEGER NOT NULL,
	srd_failed_us INTEGER NOT NULL,
	setup_us INTEGER NOT NULL,
	sdd_us INTEGER NOT NULL,
	rrd_us INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	retransmissions INTEGER NOT NULL,
	call_legs INTEGER NOT NULL,
	redials INTEGER NOT NULL,
	registrations INTEGER NOT NULL,
	registrations_failed INTEGER NOT NULL,
	streams INTEGER NOT NULL,
	packets_expected INTEGER NOT NULL,
	packets_lost INTEGER NOT NULL,
	octets INTEGER NOT NULL,
	bins BLOB, -- histograms, and how much each minute was occupied (analyzer/model/kpi.h)
	UNIQUE (view, start, trunk, site, peer, direction, prefix, codec, status)
) STRICT;

CREATE TABLE kpi_day (
	start     INTEGER NOT NULL, -- microseconds UTC; when the day began, by the clock of kpi_zone
	view      TEXT NOT NULL,    -- this and what follows as in kpi, of all runs
	trunk     ANY NOT NULL,
	site      ANY NOT NULL,
	peer      ANY NOT NULL,
	direction TEXT NOT NULL,
	prefix    ANY NOT NULL,
	codec     TEXT NOT NULL,
	status    INTEGER NOT NULL,
	seen INTEGER NOT NULL,
	incomplete INTEGER NOT NULL,
	interrupted INTEGER NOT NULL,
	pending INTEGER NOT NULL,
	seizures INTEGER NOT NULL,
	answered INTEGER NOT NULL,
	redirected INTEGER NOT NULL,
	delivered INTEGER NOT NULL,
	effective INTEGER NOT NULL,
	ineffective INTEGER NOT NULL,
	busy INTEGER NOT NULL,
	no_answer INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	no_response INTEGER NOT NULL,
	capacity_rejects INTEGER NOT NULL,
	rang INTEGER NOT NULL,
	authenticated INTEGER NOT NULL,
	forked INTEGER NOT NULL,
	talking INTEGER NOT NULL,
	ended INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	short_calls INTEGER NOT NULL,
	audio_judged INTEGER NOT NULL,
	one_way INTEGER NOT NULL,
	talk_us INTEGER NOT NULL,
	completed_us INTEGER NOT NULL,
	occupied_us INTEGER NOT NULL,
	pdd_us INTEGER NOT NULL,
	srd_us INTEGER NOT NULL,
	srd_failed_us INTEGER NOT NULL,
	setup_us INTEGER NOT NULL,
	sdd_us INTEGER NOT NULL,
	rrd_us INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	retransmissions INTEGER NOT NULL,
	call_legs INTEGER NOT NULL,
	redials INTEGER NOT NULL,
	registrations INTEGER NOT NULL,
	registrations_failed INTEGER NOT NULL,
	streams INTEGER NOT NULL,
	packets_expected INTEGER NOT NULL,
	packets_lost INTEGER NOT NULL,
	octets INTEGER NOT NULL,
	bins BLOB, -- histograms, and how much each minute was occupied (analyzer/model/kpi.h)
	UNIQUE (view, start, trunk, site, peer, direction, prefix, codec, status)
) STRICT;

-- The same with all codecs and codes together, which most questions do not tell apart.

CREATE TABLE kpi_hour_whole (
	start     INTEGER NOT NULL, -- microseconds UTC; when the hour began, by the clock of kpi_zone
	view      TEXT NOT NULL,    -- this and what follows as in kpi, of all runs
	trunk     ANY NOT NULL,
	site      ANY NOT NULL,
	peer      ANY NOT NULL,
	direction TEXT NOT NULL,
	prefix    ANY NOT NULL,
	seen INTEGER NOT NULL,
	incomplete INTEGER NOT NULL,
	interrupted INTEGER NOT NULL,
	pending INTEGER NOT NULL,
	seizures INTEGER NOT NULL,
	answered INTEGER NOT NULL,
	redirected INTEGER NOT NULL,
	delivered INTEGER NOT NULL,
	effective INTEGER NOT NULL,
	ineffective INTEGER NOT NULL,
	busy INTEGER NOT NULL,
	no_answer INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	no_response INTEGER NOT NULL,
	capacity_rejects INTEGER NOT NULL,
	rang INTEGER NOT NULL,
	authenticated INTEGER NOT NULL,
	forked INTEGER NOT NULL,
	talking INTEGER NOT NULL,
	ended INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	short_calls INTEGER NOT NULL,
	audio_judged INTEGER NOT NULL,
	one_way INTEGER NOT NULL,
	talk_us INTEGER NOT NULL,
	completed_us INTEGER NOT NULL,
	occupied_us INTEGER NOT NULL,
	pdd_us INTEGER NOT NULL,
	srd_us INTEGER NOT NULL,
	srd_failed_us INTEGER NOT NULL,
	setup_us INTEGER NOT NULL,
	sdd_us INTEGER NOT NULL,
	rrd_us INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	retransmissions INTEGER NOT NULL,
	call_legs INTEGER NOT NULL,
	redials INTEGER NOT NULL,
	registrations INTEGER NOT NULL,
	registrations_failed INTEGER NOT NULL,
	streams INTEGER NOT NULL,
	packets_expected INTEGER NOT NULL,
	packets_lost INTEGER NOT NULL,
	octets INTEGER NOT NULL,
	bins BLOB, -- histograms, and how much each minute was occupied (analyzer/model/kpi.h)
	UNIQUE (view, start, trunk, site, peer, direction, prefix)
) STRICT;

CREATE TABLE kpi_day_whole (
	start     INTEGER NOT NULL, -- microseconds UTC; when the day began, by the clock of kpi_zone
	view      TEXT NOT NULL,    -- this and what follows as in kpi, of all runs
	trunk     ANY NOT NULL,
	site      ANY NOT NULL,
	peer      ANY NOT NULL,
	direction TEXT NOT NULL,
	prefix    ANY NOT NULL,
	seen INTEGER NOT NULL,
	incomplete INTEGER NOT NULL,
	interrupted INTEGER NOT NULL,
	pending INTEGER NOT NULL,
	seizures INTEGER NOT NULL,
	answered INTEGER NOT NULL,
	redirected INTEGER NOT NULL,
	delivered INTEGER NOT NULL,
	effective INTEGER NOT NULL,
	ineffective INTEGER NOT NULL,
	busy INTEGER NOT NULL,
	no_answer INTEGER NOT NULL,
	cancelled INTEGER NOT NULL,
	no_response INTEGER NOT NULL,
	capacity_rejects INTEGER NOT NULL,
	rang INTEGER NOT NULL,
	authenticated INTEGER NOT NULL,
	forked INTEGER NOT NULL,
	talking INTEGER NOT NULL,
	ended INTEGER NOT NULL,
	completed INTEGER NOT NULL,
	short_calls INTEGER NOT NULL,
	audio_judged INTEGER NOT NULL,
	one_way INTEGER NOT NULL,
	talk_us INTEGER NOT NULL,
	completed_us INTEGER NOT NULL,
	occupied_us INTEGER NOT NULL,
	pdd_us INTEGER NOT NULL,
	srd_us INTEGER NOT NULL,
	srd_failed_us INTEGER NOT NULL,
	setup_us INTEGER NOT NULL,
	sdd_us INTEGER NOT NULL,
	rrd_us INTEGER NOT NULL,
	messages INTEGER NOT NULL,
	retransmissions INTEGER NOT NULL,
	call_legs INTEGER NOT NULL,
	redials INTEGER NOT NULL,
	registrations INTEGER NOT NULL,
	registrations_failed INTEGER NOT NULL,
	streams INTEGER NOT NULL,
	packets_expected INTEGER NOT NULL,
	packets_lost INTEGER NOT NULL,
	octets INTEGER NOT NULL,
	bins BLOB, -- histograms, and how much each minute was occupied (analyzer/model/kpi.h)
	UNIQUE (view, start, trunk, site, peer, direction, prefix)
) STRICT;

-- What an hour or a day peaked at, of groups whose rows cannot be added: the highest second of
-- the sum is not the sum of the highest seconds.
CREATE TABLE kpi_peak (
	step        TEXT NOT NULL,    -- hour, day
	view        TEXT NOT NULL,    -- as in kpi; peer: of all ends, those of trunks too
	grouped     TEXT NOT NULL,    -- what is told apart: all, site, trunk, peer, each also with direction; prefix
	start       INTEGER NOT NULL, -- microseconds UTC; of the hour or day
	trunk       ANY NOT NULL,     -- this and what follows as in kpi; empty: none, or not told apart
	site        ANY NOT NULL,
	peer        ANY NOT NULL,
	direction   TEXT NOT NULL,
	prefix      ANY NOT NULL,
	starts      INTEGER NOT NULL, -- begun in the busiest second
	in_progress INTEGER NOT NULL, -- at once
	bits        INTEGER NOT NULL, -- bit/s of voice in the busiest second
	PRIMARY KEY (step, view, grouped, start, trunk, site, peer, direction, prefix)
) STRICT, WITHOUT ROWID;

-- The time zone that hours and days are of: when its clock was put on or back.
CREATE TABLE kpi_zone (
	name     TEXT NOT NULL,    -- IANA
	since    INTEGER,          -- microseconds UTC; NULL: before all others
	offset_s INTEGER NOT NULL, -- seconds ahead of UTC from then on
	UNIQUE (since)
) STRICT;

CREATE TABLE kpi_stale (
	start INTEGER PRIMARY KEY -- microseconds; an hour of UTC of which minutes were added, changed or deleted
) STRICT;

-- Not OR IGNORE: what the statement says that sets a trigger off goes before it.
CREATE TRIGGER kpi_added AFTER INSERT ON kpi
WHEN NEW.start IS NOT NULL BEGIN
	INSERT INTO kpi_stale (start) SELECT NEW.start - NEW.start % 3600000000
	WHERE NOT EXISTS (SELECT 1 FROM kpi_stale WHERE start = NEW.start - NEW.start % 3600000000);
END;
CREATE TRIGGER kpi_changed AFTER UPDATE ON kpi
WHEN NEW.start IS NOT NULL BEGIN
	INSERT INTO kpi_stale (start) SELECT NEW.start - NEW.start % 3600000000
	WHERE NOT EXISTS (SELECT 1 FROM kpi_stale WHERE start = NEW.start - NEW.start % 3600000000);
END;
CREATE TRIGGER kpi_deleted AFTER DELETE ON kpi
WHEN OLD.start IS NOT NULL BEGIN
	INSERT INTO kpi_stale (start) SELECT OLD.start - OLD.start % 3600000000
	WHERE NOT EXISTS (SELECT 1 FROM kpi_stale WHERE start = OLD.start - OLD.start % 3600000000);
END;
INSERT OR IGNORE INTO kpi_stale (start)
SELECT DISTINCT start - start % 3600000000 FROM kpi WHERE start IS NOT NULL;
