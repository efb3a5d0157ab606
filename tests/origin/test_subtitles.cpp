// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "src/origin/subtitles/ass.h"
#include "src/origin/subtitles/charset.h"
#include "src/origin/subtitles/cue_text.h"
#include "src/origin/subtitles/read.h"
#include "src/origin/subtitles/sidecar_name.h"
#include "src/origin/subtitles/subrip.h"
#include "src/origin/subtitles/webvtt.h"
#include "tests/origin/support.h"

namespace butaca::origin {
namespace {

constexpr std::int64_t ms = 1'000'000;

// One of the real files, or "" where they are not at hand.
std::string real_file(const std::string &name)
{
    const char *folder = std::getenv("BUTACA_MEDIA");
    std::ifstream in(folder ? std::filesystem::path(folder) / name : std::filesystem::path(),
                     std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return bytes.str();
}

media::Subtitles read_real(const std::string &name, const std::string &format)
{
    auto read = read_subtitles(real_file(name));
    EXPECT_TRUE(read) << name;
    if (!read)
        return {};
    EXPECT_EQ(read->format, format);
    // Whatever was read holds all that is promised of cues.
    EXPECT_TRUE(media::Subtitles::parse(read->subtitles.serialize())) << name;
    return read->subtitles;
}

#define NEEDS_MEDIA()                                                                                        \
    if (!std::getenv("BUTACA_MEDIA"))                                                                        \
    GTEST_SKIP() << "BUTACA_MEDIA names no folder"

TEST(CueText, ShowsWhatIsNoTagOfWebVttAndClosesWhatIsOpen)
{
    EXPECT_EQ(marked_cue_text("<script>alert(1)</script> a < b & c", true),
              "&lt;script&gt;alert(1)&lt;/script&gt; a &lt; b &amp; c");
    EXPECT_EQ(marked_cue_text("<i>one <b>two</i> three", true), "<i>one <b>two</b></i> three");
    EXPECT_EQ(marked_cue_text("</i>x<u>y", false), "x<u>y</u>");
    EXPECT_EQ(marked_cue_text("<font color=\"#ff0000\">red</font>", false), "red");
    EXPECT_EQ(marked_cue_text("<v.loud Ana <b>>hi", true), "<v.loud Ana &lt;b>&gt;hi</v>");
    EXPECT_EQ(marked_cue_text("<v Ana>hi", false), "&lt;v Ana&gt;hi");
    EXPECT_EQ(marked_cue_text("a<00:00:01.000>b", true), "ab");
    EXPECT_EQ(marked_cue_text("<b onclick=alert(1)>x</b>", true), "<b>x</b>");
}

TEST(CueText, ReadsEntitiesOnceAndKeepsNoEmptyLine)
{
    EXPECT_EQ(marked_cue_text("&amp;lt; &lt;i&gt; &copy;", true), "&amp;lt; &lt;i&gt; &amp;copy;");
    EXPECT_EQ(marked_cue_text("\n a \n\n \t\nb\n", true), " a\nb");
    EXPECT_EQ(plain_cue_text("1 --> 2\x01"), "1 --&gt; 2");
}

TEST(CueText, TakesAHundredThousandOpenBracketsInNoTime)
{
    std::string hostile(200'000, '<');
    EXPECT_EQ(marked_cue_text(hostile, true).size(), hostile.size() * 4);
}

TEST(SubRip, IsReadAsItIsFound)
{
    auto subtitles = parse_subrip("1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hola</i>\r\n¿Qué?\r\n\r\n"
                                  "2\r\n00:00:03.5 --> 00:00:04.25 X1:10\r\n{\\an8}Arriba\r\n"
                                  "3\r\n1:00:05,000 --> 1:00:06,000\r\n\r\nTras un hueco\r\n\r\ny más\r\n");
    ASSERT_EQ(subtitles.cues.size(), 3U);
    EXPECT_EQ(subtitles.cues[0].text, "<i>Hola</i>\n¿Qué?");
    EXPECT_EQ(subtitles.cues[0].end_ns, 2500 * ms);
    EXPECT_EQ(subtitles.cues[1].text, "Arriba\n3"); // there is no blank line to tell a number by
    EXPECT_EQ(subtitles.cues[1].settings, "line:0");
    EXPECT_EQ(subtitles.cues[1].start_ns, 3500 * ms);
    EXPECT_EQ(subtitles.cues[2].text, "Tras un hueco\ny más");
    EXPECT_EQ(subtitles.cues[2].start_ns, 3605000 * ms);
    EXPECT_EQ(subtitles.skipped, 0U);
}

TEST(SubRip, CountsAndLeavesOutWhatMakesNoSense)
{
    auto subtitles =
        parse_subrip("1\n00:00:01,000 --> never\nlost\n\n2\n00:00:02,000 --> 00:00:01,000\nbackwards\n\n"
                     "3\n00:00:05,000 --> 00:00:06,000\nkept\n");
    ASSERT_EQ(subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles.cues[0].text, "kept");
    EXPECT_EQ(subtitles.skipped, 2U);
}

TEST(SubRip, PutsCuesInTheOrderOfTheirBeginning)
{
    auto subtitles =
        parse_subrip("1\n00:00:05,000 --> 00:00:06,000\nb\n\n2\n00:00:01,000 --> 00:00:02,000\na\n");
    EXPECT_EQ(subtitles.cues[0].text, "a");
    EXPECT_TRUE(media::Subtitles::parse(subtitles.serialize()));
}

TEST(SubRip, ReadsFiftyThousandCuesAndNoMoreThanTheLimit)
{
    std::string text;
    for (int i = 0; i < 50'000; i++)
        text += std::to_string(i) + "\n" + std::to_string(i / 3600) + ":" + std::to_string(i / 60 % 60) +
                ":" + std::to_string(i % 60) + ",000 --> 20:00:00,000\ncue " + std::to_string(i) + "\n\n";
    auto subtitles = parse_subrip(text);
    EXPECT_EQ(subtitles.cues.size(), 50'000U);
    EXPECT_EQ(subtitles.cues.back().text, "cue 49999");
    std::string many;
    for (std::size_t i = 0; i <= media::cues_most; i++)
        many += "0:0:1 --> 0:0:2\nx\n\n";
    subtitles = parse_subrip(many);
    EXPECT_EQ(subtitles.cues.size(), media::cues_most);
    EXPECT_EQ(subtitles.skipped, 1U);
}

TEST(WebVtt, KeepsSettingsAndPassesOverNotesAndStyles)
{
    auto subtitles =
        parse_webvtt("WEBVTT - title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE\n"
                     "00:01.000 --> 00:02.000\nnot a cue\n\nid\n00:03.000 --> 00:04.000 line:10% "
                     "region:fred align:start evil:<b>\n<v Ana>Hi\n\n00:05.000 --> 00:06.000\n<00:05.500>x");
    ASSERT_TRUE(subtitles);
    ASSERT_EQ(subtitles->cues.size(), 2U);
    EXPECT_EQ(subtitles->cues[0].settings, "line:10% align:start");
    EXPECT_EQ(subtitles->cues[0].text, "<v Ana>Hi</v>");
    EXPECT_EQ(subtitles->cues[1].text, "x");
}

TEST(WebVtt, WithoutItsSignatureIsNone)
{
    EXPECT_FALSE(parse_webvtt("WEBVTTX\n\n00:01.000 --> 00:02.000\nx\n"));
    EXPECT_FALSE(parse_webvtt("00:01.000 --> 00:02.000\nx\n"));
}

TEST(Ass, KeepsItsStylesAndGivesItsWordsToPlainPlayers)
{
    auto subtitles = parse_ass(
        "[Script Info]\nTitle: t\n[V4+ Styles]\nFormat: Name\nStyle: Default\n[Fonts]\nx\n"
        "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,no\n"
        "Dialogue: 3,0:00:01.50,0:00:02.00,Default,Ana,0,0,0,,{\\i1}Hola,{\\i0}\\N<mundo>\\hsí\n"
        "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}\n"
        "Dialogue: 0,0:00:xx,0:00:04.00,Default,,0,0,0,,bad\n");
    ASSERT_TRUE(subtitles);
    EXPECT_EQ(subtitles->form, media::CueForm::styled);
    EXPECT_EQ(subtitles->ass_header, "[Script Info]\nTitle: t\n[V4+ Styles]\nFormat: Name\nStyle: Default\n");
    ASSERT_EQ(subtitles->cues.size(), 2U);
    EXPECT_EQ(subtitles->cues[0].text, "<i>Hola,</i>\n&lt;mundo&gt; sí");
    EXPECT_EQ(subtitles->cues[0].start_ns, 1500 * ms);
    EXPECT_EQ(subtitles->cues[0].ass, "3,Default,Ana,0,0,0,,{\\i1}Hola,{\\i0}\\N<mundo>\\hsí");
    EXPECT_EQ(subtitles->cues[1].text, "");
    EXPECT_NE(subtitles->cues[1].ass, "");
    EXPECT_EQ(subtitles->skipped, 1U);
}

TEST(Ass, KeepsOnlyMarksThatPlainPlayersHaveToo)
{
    media::Subtitles subtitles;
    auto add = [&](const std::string &text) {
        add_ass_packet("0,0,Default,,0,0,0,," + text, 0, 1000 * ms, subtitles);
        return subtitles.cues.back().text;
    };
    EXPECT_EQ(add("{\\b700\\bord2\\i1}a{\\b0\\i0}b"), "<b><i>a</i></b>b");
    EXPECT_EQ(add("{\\i1}never closed"), "<i>never closed</i>");
    EXPECT_EQ(add("{\\pos(1,2)\\fs20}a <i>b</i> &amp;"), "a &lt;i&gt;b&lt;/i&gt; &amp;amp;");
}

TEST(Ass, TakesPacketsOfMatroskaOneLineEach)
{
    media::Subtitles subtitles;
    take_ass_header("[Script Info]\nPlayResX: 640\n", subtitles);
    add_ass_packet("7,0,Default,,0,0,0,,Hola, mundo\r\nDialogue: evil", 0, 1000 * ms, subtitles);
    add_ass_packet("too,few", 0, 1000 * ms, subtitles);
    ASSERT_EQ(subtitles.cues.size(), 1U);
    EXPECT_EQ(subtitles.cues[0].ass, "0,Default,,0,0,0,,Hola, mundo");
    EXPECT_EQ(subtitles.cues[0].text, "Hola, mundo");
    EXPECT_EQ(subtitles.skipped, 1U);
}

TEST(Charset, IsFoundOut)
{
    EXPECT_EQ(to_utf8("\xef\xbb\xbf¿Qué?"), "¿Qué?");
    EXPECT_EQ(to_utf8("¿Qué?"), "¿Qué?");
    EXPECT_EQ(to_utf8(std::string_view("\xff\xfe\xbf\0Q\0", 6)), "¿Q");
    EXPECT_EQ(to_utf8(std::string_view("\xfe\xff\0Q\0\xbf", 6)), "Q¿");
    EXPECT_EQ(to_utf8(std::string_view("H\0o\0l\0a\0 \0m\0u\0n\0d\0o\0", 20)), "Hola mundo");
    EXPECT_EQ(to_utf8("It\x92s \x93quoted\x94 \x96 na\xefve caf\xe9"), "It’s “quoted” – naïve café");
    EXPECT_EQ(to_utf8(std::string_view("a\0b", 3)), "a b");
    // Cyrillic, as it was saved before there was UTF-8.
    EXPECT_EQ(to_utf8("\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0? \xd5\xee\xf0\xee\xf8\xee, "
                      "\xf1\xef\xe0\xf1\xe8\xe1\xee."),
              "Привет, как дела? Хорошо, спасибо.");
}

TEST(RealSubtitles, AreReadInFullWhateverTheirEncoding)
{
    NEEDS_MEDIA();
    auto spanish = read_real("internets-own-boy.es.srt", "srt");
    EXPECT_GT(spanish.cues.size(), 1500U);
    EXPECT_EQ(spanish.skipped, 0U);
    EXPECT_EQ(read_real("internets-own-boy.fr.srt", "srt").skipped, 0U);
    auto windows = read_real("mayer-and-bettle.en.windows-1252.srt", "srt");
    bool curly = false;
    for (const auto &cue : windows.cues) {
        curly = curly || cue.text.find("’") != std::string::npos || cue.text.find("…") != std::string::npos;
        EXPECT_EQ(cue.text.find("\uFFFD"), std::string::npos) << cue.text;
    }
    EXPECT_TRUE(curly);
    EXPECT_GT(read_real("deep-rumbling.utf16le.srt", "srt").cues.size(), 4U);
    EXPECT_GT(read_real("deep-rumbling.utf16le.vtt", "webvtt").cues.size(), 1U);
    for (const char *language : {"ar", "en", "ja", "ru", "sv"})
        EXPECT_GT(read_real(std::string("elephants-dream.") + language + ".vtt", "webvtt").cues.size(), 50U);
    auto styled = read_real("aegisub-format-tests.ass", "ass");
    EXPECT_EQ(styled.form, media::CueForm::styled);
    EXPECT_GT(styled.cues.size(), 20U);
}

TEST(RealSubtitles, DamagedOnesGiveWhatIsWholeOrSayWhatIsWrong)
{
    NEEDS_MEDIA();
    for (const char *name : {"bad-signature-missing.vtt", "bad-timings-garbage.vtt", "bad-nulls.vtt",
                             "bad-invalid.srt", "bad-no-indexes.srt"}) {
        auto read = read_subtitles(real_file(name));
        if (read)
            EXPECT_TRUE(media::Subtitles::parse(read->subtitles.serialize())) << name;
        else
            EXPECT_FALSE(read.error().message.empty()) << name;
    }
    auto numberless = read_subtitles(real_file("bad-no-indexes.srt"));
    ASSERT_TRUE(numberless);
    EXPECT_GT(numberless->subtitles.cues.size(), 3U);
}

TEST(RealSubtitles, PicturesOfDiscsAreShownUntilTheNextOnes)
{
    NEEDS_MEDIA();
    auto subtitles = read_real("pgs-multi-image.sup", "pgs");
    ASSERT_GE(subtitles.cues.size(), 1U); // the second set of the file is cut off
    EXPECT_EQ(subtitles.form, media::CueForm::pictures);
    EXPECT_NEAR(static_cast<double>(subtitles.cues[0].start_ns), 679.846e9, 1e6);
    EXPECT_NEAR(static_cast<double>(subtitles.cues[0].end_ns), 682.724e9, 1e6);
    ASSERT_EQ(subtitles.cues[0].pictures.size(), 2U);
    const auto &picture = subtitles.cues[0].pictures[0];
    std::string rgba = media::unpack_pixels(picture);
    ASSERT_EQ(rgba.size(), std::size_t{picture.width} * picture.height * 4);
    bool seen = false;
    bool through = false;
    for (std::size_t i = 3; i < rgba.size(); i += 4) {
        seen = seen || static_cast<std::uint8_t>(rgba[i]) > 200;
        through = through || rgba[i] == 0;
    }
    EXPECT_TRUE(seen && through);
}

TEST(Pgs, DamagedDisplaySetsAreLeftOutAndNothingIsReadBeyondThem)
{
    NEEDS_MEDIA();
    std::string file = real_file("pgs-multi-image.sup");
    ASSERT_FALSE(file.empty());
    auto keeps_its_promises = [](std::string_view bytes) {
        auto read = read_subtitles(bytes);
        return !read || media::Subtitles::parse(read->subtitles.serialize());
    };
    for (std::size_t cut = 0; cut < file.size(); cut += 977)
        EXPECT_TRUE(keeps_its_promises(std::string_view(file).substr(0, cut))) << cut;
    for (std::size_t at = 0; at < 3000; at += 7) {
        std::string changed = file.substr(0, 90'000);
        changed[at] = static_cast<char>(changed[at] ^ 0xff);
        EXPECT_TRUE(keeps_its_promises(changed)) << at;
    }
}

TEST(SidecarName, SaysLanguageAndPurpose)
{
    auto track = [](std::string_view name) {
        auto found = sidecar_of("/films/a film.2010.mkv", "/films/" + std::string(name));
        EXPECT_TRUE(found) << name;
        return found.value_or(media::SubtitleTrack());
    };
    EXPECT_EQ(track("a film.2010.srt").language, "");
    EXPECT_EQ(track("a film.2010.es.srt").language, "es");
    EXPECT_EQ(track("a film.2010.spa.srt").language, "es");
    EXPECT_EQ(track("a film.2010.pt-BR.srt").language, "pt-BR");
    EXPECT_EQ(track("a film.2010.es-419.srt").language, "es-419");
    EXPECT_TRUE(track("a film.2010.en.forced.vtt").forced);
    EXPECT_TRUE(track("a film.2010.ar.SDH.ass").hearing_impaired);
    EXPECT_TRUE(track("a film.2010.fr.default.srt").is_default);
    EXPECT_EQ(track("a film.2010.en.Director.srt").name, "Director");
    EXPECT_FALSE(sidecar_of("/films/film.mkv", "/films/film2.es.srt"));
    EXPECT_FALSE(sidecar_of("/films/film.mkv", "/films/film/es.srt"));
    EXPECT_FALSE(sidecar_of("/films/film.mkv", "/other/film.es.srt"));
    EXPECT_FALSE(sidecar_of("/films/.mkv", "/films/.srt"));
}

TEST(RealSubtitles, InsideFilmsHaveTheTimesOfTheFilm)
{
    NEEDS_MEDIA();
    auto result = test::probe_file(std::string(std::getenv("BUTACA_MEDIA")) + "/ssa-subtitles.mkv");
    ASSERT_EQ(result.subtitles.size(), result.asset.subtitles.size());
    ASSERT_GE(result.subtitles.size(), 1U);
    auto cues = media::Subtitles::parse(result.subtitles[0]);
    ASSERT_TRUE(cues);
    EXPECT_EQ(cues->form, media::CueForm::styled);
    EXPECT_NE(cues->ass_header.find("Styles]"), std::string::npos);
    EXPECT_EQ(result.asset.subtitles[0].cues, cues->cues.size());
    EXPECT_FALSE(cues->cues[0].text.empty());
}

TEST(RealSubtitles, AnEmptyFileIsNone)
{
    EXPECT_FALSE(read_subtitles(""));
    EXPECT_FALSE(read_subtitles("just words\nand more\n"));
}

} // namespace
} // namespace butaca::origin
