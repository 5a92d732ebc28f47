-- Key performance indicators by the minute (docs/kpis.md).  All figures add up, over any rows of
-- one view: minutes, trunks, codecs, runs.  Hours and days are kept in tables of their own (011).

CREATE TABLE kpi (
	seq       INTEGER PRIMARY KEY,
	run       INTEGER NOT NULL,
	id        INTEGER NOT NULL, -- of the bucket: its sensor and what follows
	start     INTEGER,          -- microseconds; the minute
	view      TEXT NOT NULL,    -- leg: each once; trunk: at each end's trunk; call: the caller's view; peer: at each end of no trunk
	trunk     ANY NOT NULL,     -- empty: none known, and in view leg
	site      ANY NOT NULL,     -- of the trunk; empty: none said
	peer      ANY NOT NULL,     -- address of an end of no trunk (view peer, and call where it has no trunk); other: the rest of them; empty: none
	direction TEXT NOT NULL,    -- inbound: from the trunk, outbound: to it; empty: no trunk
	prefix    ANY NOT NULL,     -- label of the called number; empty: none
	codec     TEXT NOT NULL,    -- first used; empty: none, or not told apart
	status    INTEGER NOT NULL, -- final SIP code; 0: none, or not told apart
	seen                 INTEGER NOT NULL, -- legs (view call: calls) that began in this minute
	incomplete           INTEGER NOT NULL, -- of seen: begun before the capture; in no ratio
	interrupted          INTEGER NOT NULL, -- of seen: given up by the probe; in no ratio
	pending              INTEGER NOT NULL, -- of seen: neither answered nor refused when the capture ended; in no ratio
	seizures             INTEGER NOT NULL, -- of seen: the rest, what became of them is known
	answered             INTEGER NOT NULL, -- of seizures: 2xx
	redirected           INTEGER NOT NULL, -- of seizures: 3xx
	delivered            INTEGER NOT NULL, -- of seizures: the called terminal was reached (NER)
	effective            INTEGER NOT NULL, -- of seizures: 2xx, 480, 486, 600, 603 (SEER)
	ineffective          INTEGER NOT NULL, -- of seizures: 408, 500, 503, 504 or no response (ISA)
	busy                 INTEGER NOT NULL, -- of seizures: 486, 600
	no_answer            INTEGER NOT NULL, -- of seizures: leg.state
	cancelled            INTEGER NOT NULL, -- of seizures: leg.state
	no_response          INTEGER NOT NULL, -- of seizures: leg.state
	capacity_rejects     INTEGER NOT NULL, -- of seizures: refused for want of channels
	rang                 INTEGER NOT NULL, -- of seizures: a 18x came
	authenticated        INTEGER NOT NULL, -- of seizures: went through 401 or 407
	forked               INTEGER NOT NULL, -- of seizures: several To tags answered
	talking              INTEGER NOT NULL, -- of answered: in progress when the capture ended
	ended                INTEGER NOT NULL, -- of answered: the rest
	completed            INTEGER NOT NULL, -- of ended: by a BYE
	short_calls          INTEGER NOT NULL, -- of ended: within 10 s of the answer
	audio_judged         INTEGER NOT NULL, -- of answered: it is known what became of the audio
	one_way              INTEGER NOT NULL, -- of audio_judged: a fault in one direction
	talk_us              INTEGER NOT NULL, -- microseconds from answer to end, of ended
	completed_us         INTEGER NOT NULL, -- the same of completed
	occupied_us          INTEGER NOT NULL, -- microseconds of this minute in which legs were in progress
	pdd_us               INTEGER NOT NULL, -- microseconds, sum of what the histogram pdd_ms counts; and so on
	srd_us               INTEGER NOT NULL,
	srd_failed_us        INTEGER NOT NULL,
	setup_us             INTEGER NOT NULL,
	sdd_us               INTEGER NOT NULL,
	rrd_us               INTEGER NOT NULL,
	messages             INTEGER NOT NULL, -- SIP messages seen
	retransmissions      INTEGER NOT NULL, -- of messages
	call_legs            INTEGER NOT NULL, -- view call: legs of the calls
	redials              INTEGER NOT NULL, -- view call: the same caller and called within 60 s of the end of the one before
	registrations        INTEGER NOT NULL, -- attempts to register
	registrations_failed INTEGER NOT NULL, -- of registrations: 4xx but 401, 402, 407; 5xx, 6xx, no response
	streams              INTEGER NOT NULL, -- streams that began in this minute
	packets_expected     INTEGER NOT NULL, -- stream.expected
	packets_lost         INTEGER NOT NULL, -- stream.lost
	octets               INTEGER NOT NULL, -- of IP packets
	bins BLOB, -- histograms and figures by the second (analyzer/model/kpi.h)
	UNIQUE (start, run, view, trunk, site, peer, direction, prefix, codec, status)
) STRICT;
