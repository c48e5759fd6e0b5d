"""Hearing and speaking. This Chromium has neither a voice nor an ear, so what stands in for them is the
browser's own interface; that a page without them offers nothing is seen as it is."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.citizen import answer, begin, faults

VOICES = """
  window.spoken = [];
  const voice = (lang, localService) => ({ lang, localService, name: lang, default: false, voiceURI: lang });
  class Utterance { constructor(text) { this.text = text; } }
  const synthesis = {
    getVoices: () => [
      voice("es-PE", false), voice("es-ES", true), voice("en-US", true), voice("es_MX", true)
    ],
    speak: (each) => window.spoken.push([each.voice.lang, each.lang, each.text]),
    cancel: () => window.spoken.push("silence"),
    addEventListener: () => {},
  };
  Object.defineProperty(window, "speechSynthesis", { value: synthesis });
  window.SpeechSynthesisUtterance = Utterance;
"""
EAR = """
  window.heard = [];
  window.SpeechRecognition = class {
    start() {
      window.heard.push(this.lang);
      this.onresult({ results: [[{ transcript: "me duele la cabeza" }]] });
      this.onend();
    }
  };
"""
DEAF = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"


def page_with(context: BrowserContext, url: str, *scripts: str) -> Page:
    page = context.new_page()
    for each in scripts:
        page.add_init_script(each)
    begin(page, url)
    return page


def test_without_a_voice_and_an_ear_nothing_is_offered(context: BrowserContext, url: str) -> None:
    page = page_with(context, url, DEAF)
    assert page.evaluate("speechSynthesis.getVoices().length") == 0
    expect(page.locator("#reading")).to_be_hidden()
    assert page.locator(".said .listen, .dictate").count() == 0


def test_a_voice_of_the_phone_reads_each_message_and_the_whole_page(
    context: BrowserContext, url: str
) -> None:
    page = page_with(context, url, VOICES)
    answer(page, "tengo tos")
    question = " ".join(page.locator("#question").text_content().split())
    page.locator(".said.now .listen").click()
    spoken = page.evaluate("window.spoken.filter(Array.isArray)")
    assert {tuple(each[:2]) for each in spoken} == {("es_MX", "es-PE")}, "the nearest Spanish, of no network"
    assert " ".join(each[2] for each in spoken) == question
    expect(page.locator(".said.now .listen")).to_have_attribute("aria-pressed", "true")
    page.locator(".said.now .listen").click()
    expect(page.locator(".said.now .listen")).to_have_attribute("aria-pressed", "false")
    page.evaluate("window.spoken = []")
    page.locator("#read-all").click()
    whole = " ".join(each[2] for each in page.evaluate("window.spoken.filter(Array.isArray)"))
    for words in ("Soy QHALI, un programa", "tengo tos", question):
        assert whole.count(words) == 1
    assert faults(page) == []


def test_a_voice_is_heard_only_after_a_warning_and_a_second_tap(context: BrowserContext, url: str) -> None:
    page = page_with(context, url, EAR)
    page.locator(".dictate").click()
    expect(page.locator(".dictation")).to_contain_text("la empresa que hizo su navegador")
    assert page.evaluate("window.heard") == []
    assert faults(page) == []
    page.get_by_role("button", name="No, escribo").click()
    assert page.evaluate("window.heard") == []
    page.locator(".dictate").click()
    page.get_by_role("button", name="Sí, usar mi voz").click()
    assert page.evaluate("window.heard") == ["es-PE"]
    expect(page.locator("#text")).to_have_value("me duele la cabeza")
    assert page.locator("#said-1").count() == 0, "nothing goes out before it was read"
