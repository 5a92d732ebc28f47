-- Whose the two ends of legs and streams are, by the trunks of the configuration.

ALTER TABLE leg ADD COLUMN trunk_src ANY; -- name of the trunk that src is of; NULL: of none that is configured
ALTER TABLE leg ADD COLUMN trunk_dst ANY; -- likewise of dst
ALTER TABLE stream ADD COLUMN trunk_src ANY; -- name of the trunk that src is of, by its media addresses; NULL: of none that is configured
ALTER TABLE stream ADD COLUMN trunk_dst ANY; -- likewise of dst
