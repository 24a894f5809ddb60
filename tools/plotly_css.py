"""Writes the style rules that Plotly's script carries as a style sheet.

Left alone, the script adds its rules to the page as it runs, which our Content-Security-Policy forbids. It adds none
where the page links a sheet with id="plotly.js-style-global" and class="no-inline-styles"; this is that sheet.
"""

import ast
import re

# The script's table of rules, selector to declarations. X and Y are its short forms of the two selectors below.
TABLE = re.compile(r'\{("X,X div":[^{}]+)\}')
RULE = re.compile(r"""(?P<selector>"[^"]*"|Y):(?P<declarations>"[^"]*"|'[^']*')(?:,|$)""")
SHORT_FORMS = {"X": ".js-plotly-plot .plotly", "Y": ".plotly-notifier"}


def style_sheet(script: str) -> str:
    """The sheet, one rule a line, in the order in which the script's rules take effect; raises ValueError."""
    table = TABLE.search(script)
    if table is None:
        raise ValueError("Plotly's script has no table of style rules where it used to be: has its layout changed?")
    if unread := RULE.sub("", table[1]):
        raise ValueError(f"Plotly's style rules are written in a way that was not met before: {unread[:80]}")
    rules = []
    for rule in RULE.finditer(table[1]):
        selector = re.sub(r"\b[XY]\b", lambda short: SHORT_FORMS[short[0]], rule["selector"].strip('"'))
        rules.append(f"{selector} {{{ast.literal_eval(rule['declarations'])}}}\n")
    # The script puts each rule before the last, so what its table names first wins.
    return "".join(reversed(rules))
