"""An interface that is listened to goes away and comes back."""
import contextlib
import threading
import time

import lab
import load


def heard_again(mirror, probe, number):
    """Seconds until a frame that is sent is one that is captured."""
    begin, sent, over = time.monotonic(), {}, threading.Event()

    def call():
        while not over.is_set():
            name = f"f{number}-{len(sent)}"
            sent[f"{name}@load"] = time.monotonic() - begin
            with contextlib.suppress(OSError):
                mirror.send(load.call(name))
            over.wait(0.02)
    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    try:
        known = probe.has("SELECT sip_call_id FROM leg WHERE state = 'completed' "
                          f"AND sip_call_id LIKE 'f{number}-%'")
    finally:
        over.set()
        caller.join()
    return min(sent[name] for (name,) in known)


def away_and_back(mirror, probe, number):
    """By turns it is set down and up again, and taken away and put back; `number` counts from
    0.  Seconds from then until it is heard again."""
    if number % 2:
        leave, come = mirror.unplug, mirror.plug
    else:
        leave, come = (lambda: lab.ip("link", "set", mirror.outside, "down"),
                       lambda: lab.ip("link", "set", mirror.outside, "up"))
    leave()
    probe.has("SELECT 1 FROM probe_event WHERE what = 'interface_gone' "
              f"GROUP BY what HAVING count(*) = {number + 1}")
    come()
    return heard_again(mirror, probe, number)
