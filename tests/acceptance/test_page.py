"""The page, in a real browser."""

import pytest
import requests

from browser import Browser
from support import spec_for, wait_until


@pytest.fixture
def browser(tmp_path):
    with Browser(tmp_path) as browser:
        yield browser


def sees(browser, *words, where="body"):
    wait_until(lambda: all(word in browser.text(where) for word in words), what=f"{where} shows {', '.join(words)}")


def test_the_page_shows_the_names_to_who_has_a_token(manager, simulator, browser):
    # Markup in what users give is text on the page.
    manager.register(spec_for("lms-chen", tags={"Note": "<img src=x onerror=alert(1)>"}))
    machine = manager.wait_for_state("lms-chen", "serving")["machine"]

    page = requests.get(manager.url, headers={"Accept": "text/html"}, timeout=10)
    assert page.status_code == 200 and "lms-chen" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; ")

    browser.open(manager.url)
    sees(browser, "A token is needed")
    browser.complaints()
    browser.type("#token", "a-wrong-token")
    browser.click("#sign-in button")
    sees(browser, "this token is not known", where="#refusal")
    browser.type("#token", manager.READ_TOKEN)
    browser.click("#sign-in button")
    sees(browser, "lms-chen", machine, "spot", "registered", where="#list")
    assert "A token is needed" not in browser.text()

    browser.click("#list a")
    sees(browser, "points at", "The schedule's next image is due at", where="#one")
    browser.click("#close")

    # It follows by itself: the machine will go, no other is to be had, and then one is.
    simulator.control("capacity", available=False)
    simulator.do(machine, "notice")
    sees(browser, "0 done within the last hour, 1 under way, 0 waiting", where="#progress")
    sees(browser, "lms-chen", "requested", where="#moves")
    simulator.control("capacity", available=True)
    sees(browser, f"AWS takes machine {machine}", where="#list")
    sees(browser, "1 done within the last hour, 0 under way, 0 waiting", where="#progress")
    policy_breaches = [complaint for complaint in browser.complaints() if "401" not in complaint]
    assert policy_breaches == []
