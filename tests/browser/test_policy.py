"""What the page may load is said by its policy, and the witness hears of whatever breaks it."""

from __future__ import annotations

from tests.browser.conftest import Tabs
from tests.browser.page import UnrollPage
from tests.browser.witness import Witness
from tests.server.running import Running

INLINE = """() => {
  const script = document.createElement("script");
  script.textContent = "window.inline = true";
  document.head.append(script);
}"""


def test_a_whole_session_keeps_to_the_policy_and_to_its_host(
    unroll: UnrollPage, site: Running, witness: Witness
) -> None:
    """The witness fails every test in which it is broken; here it is seen that it was there to be broken."""
    headers = unroll.open({"cell": "lstm"}).headers
    for part in ("default-src 'self'", "script-src 'self'", "style-src 'self'"):
        assert part in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    for key in ("e", "Escape", "?", "Escape", "d", "+", "-", "g", "Home", "End"):
        unroll.press(key)
        unroll.frame()
    assert unroll.shown().title == "Update."
    assert f"ws://{site.host}/ws" in witness.requests
    for part in (".woff2", ".mjs", ".css"):
        assert any(url.startswith(f"http://{site.host}/vendor/") and url.endswith(part) for url in witness.requests)
    assert witness.complaints == []


def test_a_script_that_is_written_into_the_page_is_not_run_and_is_heard(unroll: UnrollPage, witness: Witness) -> None:
    witness.excuse("policy|Policy")
    unroll.open()
    with unroll.tab.expect_console_message(lambda message: "policy script-src" in message.text):
        unroll.tab.evaluate(INLINE)
    assert unroll.tab.evaluate("() => window.inline") is None
    assert any("policy script-src" in one for one in witness.complaints)


def test_another_host_is_not_asked_and_that_it_should_be_is_heard(unroll: UnrollPage, witness: Witness) -> None:
    witness.excuse("policy|Policy")
    unroll.open()
    with unroll.tab.expect_console_message(lambda message: "policy connect-src" in message.text):
        refused = unroll.tab.evaluate("() => fetch('http://elsewhere.invalid/').then(() => false, () => true)")
    assert refused
    assert not any("elsewhere" in url for url in witness.requests)


def test_a_page_without_the_policy_that_asks_another_host_is_heard(tabs: Tabs, witness: Witness) -> None:
    witness.excuse("elsewhere.invalid|ERR_NAME_NOT_RESOLVED")
    unroll = tabs(bypass_csp=True)
    unroll.open()
    with unroll.tab.expect_request("http://elsewhere.invalid/"):
        unroll.tab.evaluate("() => fetch('http://elsewhere.invalid/').catch(() => null)")
    assert "asked another host: http://elsewhere.invalid/" in witness.complaints
