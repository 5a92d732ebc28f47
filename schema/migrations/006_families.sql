-- Forked calls: what became of each branch; calls that came out of others.

ALTER TABLE leg ADD COLUMN branch TEXT; -- what became of it beside others that one INVITE was forked into: answered, answered_elsewhere (cancelled because another was), cancelled, refused, no_answer, open; NULL: it is no branch
ALTER TABLE call ADD COLUMN branches INTEGER; -- number of legs that it was forked into, or of To tags that answered, whichever is more; 0: it was not forked
ALTER TABLE call ADD COLUMN answered_leg INTEGER; -- leg.id of the leg that reached who answered; NULL: nobody did
ALTER TABLE call ADD COLUMN family INTEGER; -- call.id of the first call of those that came out of one another; NULL: no other is known
ALTER TABLE call ADD COLUMN relation TEXT; -- how it came out of that one: transfer_blind, transfer_attended, consultation, forward, pickup; NULL: it is the first
