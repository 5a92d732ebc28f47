-- Telephone numbers, and what is otherwise than the trunks of the configuration expect.

ALTER TABLE leg ADD COLUMN trunk_violations TEXT NOT NULL DEFAULT ''; -- list of names of what the trunks at its ends do not expect: transport, dscp
ALTER TABLE leg ADD COLUMN number_from ANY;  -- number in From, by the rules of the configuration: +4420... where it could be completed, else as it was dialled; NULL: no number
ALTER TABLE leg ADD COLUMN number_to ANY;    -- likewise in To
ALTER TABLE leg ADD COLUMN prefix_label ANY; -- what number_to leads to: emergency, the label of the longest configured prefix, premium, or its country by ITU-T E.164; NULL: not known
ALTER TABLE leg ADD COLUMN emergency INTEGER NOT NULL DEFAULT 0; -- 1: To is an emergency number of the configuration or urn:service:sos (RFC 5031)
ALTER TABLE leg ADD COLUMN number_violation TEXT; -- from, to, both: which number is written otherwise than the trunks at its ends want; NULL: none
ALTER TABLE stream ADD COLUMN trunk_violations TEXT NOT NULL DEFAULT ''; -- list of names of what the trunks at its ends do not expect: codec, dscp, security (encrypted, or in clear)
