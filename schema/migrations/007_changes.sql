-- What was done to a call between one leg and the next.

ALTER TABLE leg ADD COLUMN parent_leg INTEGER; -- leg.id of the leg of its call that led to the host from which this one leaves; NULL: none was seen
ALTER TABLE leg ADD COLUMN changes TEXT; -- list of what is otherwise than on that leg: call_id, tag (of From), caller, callee (users or numbers, in whatever format), transport, transcoded (no codec in common), srtp_removed, srtp_added; [] with no such leg
