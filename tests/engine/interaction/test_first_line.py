from crm_plus.engine.interaction.first_line import first_line, plain_text


def test_blocks_are_lines_and_the_rest_flows():
    html = "<div>One<br>two</div><ul><li>three</li><li>fo<b>ur</b></li></ul>\n five\n"
    assert plain_text(html).split("\n") == ["One", "two", "three", "four", "five"]


def test_quotes_styles_and_scripts_are_no_text():
    html = (
        "<style>p {}</style><p>Yes</p>"
        "<div data-o-mail-quote-container='1'><p>On Monday you wrote:<br><img></p><blockquote>no</blockquote></div>"
        "<p>Ada</p><script>alert('x')</script>"
    )
    assert plain_text(html) == "Yes\nAda"


def test_broken_markup_has_a_text_all_the_same():
    assert plain_text("<p>a<blockquote data-o-mail-quote>b</p>c") == "a"
    assert plain_text("a &lt;b&gt; </div></p> &amp; c") == "a <b>\n& c"


def test_the_first_line_is_no_longer_than_asked():
    for length in range(2, 20):
        assert len(first_line("three words only " * 3, length)) <= length
    assert first_line("unbreakable" * 3, 10) == "unbreakab…"
    assert first_line(" \n\t\n") == ""
