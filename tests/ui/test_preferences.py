import pytest
from django.test import Client


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chosen_colours_are_drawn_by_the_server(theme: str) -> None:
    visitor = Client()

    answer = visitor.post("/preferences/theme", {"theme": theme, "next": "/console/ui/"})

    assert answer["Location"] == "/console/ui/"
    assert f'data-theme="chuzhi-{theme}"' in visitor.get("/console/ui/").content.decode()


def test_the_system_decides_when_nothing_or_nonsense_was_chosen() -> None:
    visitor = Client()
    visitor.cookies["theme"] = '"><script>'

    assert "data-theme=" not in visitor.get("/console/ui/").content.decode().partition("<head>")[0]
    assert visitor.post("/preferences/theme", {"theme": "system", "next": "https://evil.example/"})["Location"] == "/"


def test_the_language_is_kept_for_the_next_page() -> None:
    visitor = Client(headers={"accept-language": "zh-hans"})

    visitor.post("/preferences/language", {"language": "en", "next": "/console/ui/"})

    assert '<html lang="en"' in visitor.get("/console/ui/").content.decode()


def test_large_text_is_drawn_by_the_server_until_it_is_taken_back() -> None:
    visitor = Client()

    visitor.post("/preferences/text", {"text": "large", "next": "/console/ui/"})
    large = visitor.get("/console/ui/").content.decode()
    visitor.post("/preferences/text", {"text": "normal", "next": "/console/ui/"})
    usual = visitor.get("/console/ui/").content.decode()

    assert ('data-text="large"' in large, 'data-text="large"' in usual) == (True, False)


@pytest.mark.parametrize("text", ["", "huge", '"><script>'])
def test_text_of_another_size_is_the_usual(text: str) -> None:
    visitor = Client()

    answer = visitor.post("/preferences/text", {"text": text, "next": "https://evil.example/"})

    assert (answer["Location"], "text" in answer.cookies and answer.cookies["text"].value) == ("/", "")
