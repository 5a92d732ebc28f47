-- What the configuration said of the trunks when a run was made.

CREATE TABLE trunk (
	run        INTEGER NOT NULL, -- run.id
	name       TEXT NOT NULL,    -- as in leg.trunk_src and so on
	site       TEXT,             -- where it is; NULL: not said
	role       TEXT,             -- carrier, pop, sbc, pbx, phones; NULL: not said
	type       TEXT NOT NULL,    -- static; registered: works as long as it is registered
	"group"    TEXT,             -- of redundancy: trunks that stand in for each other; NULL: none
	redundancy TEXT,             -- its part in the group: primary, backup, active; NULL: not said
	priority   INTEGER NOT NULL, -- in the group: lower figures get calls first
	channels   INTEGER,          -- calls that it carries at once; NULL: not said
	PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
