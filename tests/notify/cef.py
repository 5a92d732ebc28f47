"""The Common Event Format, revision 25, as its paper has it."""
import re


def parse_cef(message):
    """bytes behind "CEF:0|": (vendor ... severity), {key: value}; ValueError."""
    text = message.decode("ascii")
    heads, at = [], 0
    for _ in range(6):
        match = re.compile(r"((?:[^|\\]|\\[|\\])*)\|").match(text, at)
        if not match:
            raise ValueError(text)
        heads.append(match[1])
        at = match.end()
    pair = re.compile(r"(?:^| )([A-Za-z0-9]+)=((?:[^=\\]|\\[=\\nr])*?)(?= [A-Za-z0-9]+=|$)")
    values, rest = {}, text[at:]
    while rest:
        match = pair.match(rest)
        if not match or match[1] in values:
            raise ValueError(rest)
        values[match[1]] = re.sub(r"\\([=\\])", r"\1", match[2])
        rest = rest[match.end():]
    return heads, values
