// SPDX-License-Identifier: LGPL-2.1-or-later
// Cues as the ASS document or the pictures that subtitleburn gets.
#include <gtest/gtest.h>

#include "pipelines/cue_text.h"
#include "pipelines/subtitle_script.h"

using namespace butaca;
using namespace butaca::pipelines;

namespace {

constexpr std::int64_t second = 1'000'000'000;

media::Cue cue(std::int64_t start_ns, std::int64_t end_ns, const std::string &text,
               const std::string &settings = "")
{
    media::Cue made;
    made.start_ns = start_ns;
    made.end_ns = end_ns;
    made.text = text;
    made.settings = settings;
    return made;
}

media::Subtitles texts(std::vector<media::Cue> cues)
{
    media::Subtitles made;
    made.cues = std::move(cues);
    return made;
}

std::vector<std::string> dialogues(const std::string &script)
{
    std::vector<std::string> lines;
    for (std::size_t at = script.find("\nDialogue: "); at != std::string::npos;
         at = script.find("\nDialogue: ", at + 1))
        lines.push_back(script.substr(at + 1, script.find('\n', at + 1) - at - 1));
    return lines;
}

std::string decode_ass_file(std::string_view text)
{
    std::string bytes;
    std::uint32_t group = 0;
    int count = 0;
    for (const char c : text) {
        if (c == '\n')
            continue;
        group = group << 6 | static_cast<std::uint32_t>(c - '!');
        if (++count == 4) {
            for (int shift = 16; shift >= 0; shift -= 8)
                bytes += static_cast<char>(group >> shift & 255);
            group = 0;
            count = 0;
        }
    }
    for (int i = 1; i < count; i++)
        bytes += static_cast<char>(group >> (6 * count - 8 * i) & 255);
    return bytes;
}

} // namespace

TEST(CueText, TurnsTagsIntoOverridesAndClosesWhatIsLeftOpen)
{
    EXPECT_EQ(ass_text("<i>so</i> <b>much"), "{\\i1}so{\\i0} {\\b1}much{\\b0}");
    EXPECT_EQ(ass_text("<i>a<i>b</i>c</i>d"), "{\\i1}abc{\\i0}d");
    EXPECT_EQ(ass_text("<v Ana María>Hola</v>\n<lang es>¡sí!</lang>"), "Hola\\N¡sí!");
    EXPECT_EQ(ass_text("<ruby>漢字<rt>かんじ</rt></ruby>"), "漢字(かんじ)");
    EXPECT_EQ(ass_text("<c.yellow.loud>a<c.red>b</c>c</c>d"),
              "{\\c&H00FFFF&}a{\\c&H0000FF&}b{\\c&H00FFFF&}c{\\c}d");
}

TEST(CueText, UnescapesAndKeepsBracesAndBackslashesAsText)
{
    EXPECT_EQ(ass_text("1 &lt; 2 &amp;&amp; 3&nbsp;&gt; 2 &unknown; &"), "1 < 2 && 3\u00A0> 2 &unknown; &");
    EXPECT_EQ(ass_text("{\\b1}C:\\Nero"), "\\{\\\u2060b1\\}C:\\\u2060Nero");
}

TEST(CueText, SurvivesBrokenTagsAndDeepNesting)
{
    EXPECT_EQ(ass_text("</i>a</b><"), "a");
    EXPECT_EQ(ass_text("a<i"), "a{\\i1}{\\i0}");
    std::string deep;
    for (int i = 0; i < 5000; i++)
        deep += "<c.red><b>";
    EXPECT_LT(ass_text(deep).size(), 400U);
}

TEST(CueText, CountsLinesWithWideLettersAsTwo)
{
    EXPECT_EQ(lines_of("abcdefghij", 10), 1U);
    EXPECT_EQ(lines_of("abcdefghijk", 10), 2U);
    EXPECT_EQ(lines_of("a\nb", 10), 2U);
    EXPECT_EQ(lines_of("左に見えるの", 10), 2U);
    EXPECT_EQ(lines_of("<b>abcdefghij</b>", 10), 1U);
}

TEST(CuePlaces, FollowLineAndAlign)
{
    const ScriptCanvas canvas;
    EXPECT_EQ(place_of("", canvas, 2, false).alignment, 2);
    const CuePlace top = place_of("line:0", canvas, 2, false);
    EXPECT_EQ(top.alignment, 8);
    EXPECT_EQ(top.vertical, canvas.vertical_margin);
    EXPECT_EQ(place_of("line:10%", canvas, 1, false).vertical, 108U);
    const CuePlace low = place_of("line:80%", canvas, 1, false);
    EXPECT_EQ(low.alignment, 2);
    EXPECT_EQ(low.vertical, 1080U - 864U - canvas.line_height);
    EXPECT_EQ(place_of("line:-1", canvas, 3, false).vertical, canvas.vertical_margin);
    EXPECT_EQ(place_of("align:start", canvas, 1, false).alignment, 1);
    EXPECT_EQ(place_of("align:start", canvas, 1, true).alignment, 3);
}

TEST(CuePlaces, FollowPositionAndSizeAndKeepTheMargins)
{
    const ScriptCanvas canvas;
    const CuePlace left = place_of("position:10% align:left size:35%", canvas, 1, false);
    EXPECT_EQ(left.alignment, 1);
    EXPECT_EQ(left.left, 192U);
    EXPECT_EQ(left.right, 1056U);
    const CuePlace narrow = place_of("position:70% size:100%", canvas, 1, false);
    EXPECT_EQ(narrow.left, 768U);
    EXPECT_EQ(narrow.right, canvas.side_margin);
    for (const char *bad :
         {"position:", "position:5000%", "line:x", "line:nan", "size:1e9%", "align:", ":::", "line:-900"}) {
        const CuePlace place = place_of(bad, canvas, 1, false);
        EXPECT_LE(place.left + place.right, canvas.width * 8 / 10) << bad;
        EXPECT_LE(place.vertical, canvas.height - canvas.vertical_margin) << bad;
    }
}

TEST(SubtitleScript, CountsFromPresentationZeroAndHoldsTheRangeOnly)
{
    const auto track =
        texts({cue(0, 2 * second, "before"), cue(11 * second, 13'456'000'000, "in"),
               cue(19 * second, 25 * second, "over the end"), cue(20 * second, 21 * second, "after")});
    const SubtitleRange range{.from_ns = 10 * second, .to_ns = 20 * second, .zero_ns = 500'000'000};
    const auto lines = dialogues(subtitle_script(track, range));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_TRUE(lines[0].starts_with("Dialogue: 0,0:00:10.50,0:00:12.96,Default,")) << lines[0];
    EXPECT_TRUE(lines[0].ends_with("}in")) << lines[0];
    EXPECT_TRUE(lines[1].ends_with("}over the end")) << lines[1];
    EXPECT_EQ(subtitle_script(track, {.from_ns = 3 * second, .to_ns = 11 * second}), "");
    EXPECT_FALSE(shows_anything(track, {.from_ns = 3 * second, .to_ns = 11 * second}));
}

TEST(SubtitleScript, TakesAlongWhatAnEventOfTheRangeOverlapped)
{
    const auto track = texts({cue(0, 2 * second, "apart"), cue(3 * second, 5 * second, "first"),
                              cue(4 * second, 8 * second, "second"), cue(7 * second, 12 * second, "third")});
    EXPECT_EQ(dialogues(subtitle_script(track, {.from_ns = 10 * second, .to_ns = 14 * second})).size(), 3U);
}

TEST(SubtitleScript, StartsAtZeroWhatBeganBefore)
{
    const auto lines =
        dialogues(subtitle_script(texts({cue(-second, second, "x")}), {.from_ns = 0, .to_ns = second}));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].starts_with("Dialogue: 0,0:00:00.00,0:00:01.00,")) << lines[0];
}

TEST(SubtitleScript, KeepsLettersReadableOnUprightPictures)
{
    const auto track = texts({cue(0, second, "x")});
    const auto wide = subtitle_script(track, {.from_ns = 0, .to_ns = second});
    const auto tall = subtitle_script(
        track, {.from_ns = 0, .to_ns = second, .display_width = 1080, .display_height = 1920});
    EXPECT_NE(wide.find("PlayResX: 1920\n"), std::string::npos);
    EXPECT_NE(wide.find("Default,Noto Sans,71,"), std::string::npos) << wide;
    EXPECT_NE(tall.find("PlayResX: 608\n"), std::string::npos);
    EXPECT_NE(tall.find("Default,Noto Sans,49,"), std::string::npos) << tall;
}

TEST(SubtitleScript, MakesLettersSmallerWhereATextIsVeryLong)
{
    const std::string script =
        subtitle_script(texts({cue(0, second, std::string(600, 'm'))}), {.from_ns = 0, .to_ns = second});
    EXPECT_NE(script.find("\\fs"), std::string::npos);
}

TEST(SubtitleScript, KeepsAnOriginalsStylesAndFonts)
{
    media::Subtitles track;
    track.form = media::CueForm::styled;
    track.ass_header = "[Script Info]\nScriptType: v4.00+\n";
    std::string bytes;
    for (int i = 0; i < 256; i++)
        bytes += static_cast<char>(i);
    for (std::size_t size : {256U, 255U, 254U})
        track.fonts.push_back({"a\nb.ttf", bytes.substr(0, size)});
    media::Cue styled = cue(second, 2 * second, "x");
    styled.ass = "3,Song,,0,0,0,,{\\pos(1,2)}a\nDialogue: b";
    track.cues.push_back(styled);
    const std::string script = subtitle_script(track, {.from_ns = 0, .to_ns = 9 * second});
    EXPECT_TRUE(script.starts_with(track.ass_header));
    const auto lines = dialogues(script);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0], "Dialogue: 3,0:00:01.00,0:00:02.00,Song,,0,0,0,,{\\pos(1,2)}a Dialogue: b");
    std::size_t at = script.find("[Fonts]\n");
    for (const auto &font : track.fonts) {
        at = script.find("fontname: a b.ttf\n", at) + 18;
        EXPECT_EQ(decode_ass_file(script.substr(at, script.find("\nfontname", at) == std::string::npos
                                                        ? script.find("\n\n[Events]", at) - at
                                                        : script.find("\nfontname", at) - at)),
                  font.bytes);
    }
}

TEST(SubtitlePictures, AreThoseOfTheRange)
{
    media::Subtitles track;
    track.form = media::CueForm::pictures;
    track.canvas_width = 64;
    track.canvas_height = 32;
    for (int i = 0; i < 3; i++) {
        media::Cue picture;
        picture.start_ns = i * 10 * second;
        picture.end_ns = picture.start_ns + second;
        picture.pictures.push_back(
            {1, 2, 2, 1, media::pack_pixels(std::string("\xff\0\0\xff\0\xff\0\x80", 8))});
        track.cues.push_back(picture);
    }
    GVariant *value =
        subtitle_pictures(track, {.from_ns = 5 * second, .to_ns = 15 * second, .zero_ns = second});
    ASSERT_NE(value, nullptr);
    EXPECT_STREQ(g_variant_get_type_string(value), "a(xxuua(uuuuay))");
    char *text = g_variant_print(value, FALSE);
    EXPECT_STREQ(text, "[(9000000000, 10000000000, 64, 32, [(1, 2, 2, 1, [0xff, 0x00, 0x00, 0xff, 0x00, "
                       "0xff, 0x00, 0x80])])]");
    g_free(text);
    g_variant_unref(value);
    EXPECT_EQ(subtitle_pictures(track, {.from_ns = 2 * second, .to_ns = 3 * second}), nullptr);
}
