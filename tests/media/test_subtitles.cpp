// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/media/subtitles.h"
#include "src/media/wire.h"

namespace butaca::media {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

Subtitles styled()
{
    Subtitles track;
    track.form = CueForm::styled;
    track.ass_header = "[Script Info]\n[V4+ Styles]\n";
    track.fonts = {{"Comic.ttf", std::string("\0\1\2", 3)}};
    track.skipped = 3;
    track.cues.push_back({-second_ns,
                          2 * second_ns,
                          "¿Qué &amp; <i>quién</i>?\nNadie",
                          "line:10%",
                          "0,Default,,0,0,0,,Hola",
                          {}});
    track.cues.push_back({second_ns, 3 * second_ns, "b", "", "", {}});
    return track;
}

std::string pixels()
{
    std::string rgba(std::size_t{40} * 8 * 4, '\xff');
    rgba[5] = 'x';
    return rgba;
}

Subtitles pictures()
{
    Subtitles track;
    track.form = CueForm::pictures;
    track.canvas_width = 720;
    track.canvas_height = 576;
    track.cues.push_back({0, second_ns, "", "", "", {{10, 500, 40, 8, pack_pixels(pixels())}}});
    return track;
}

TEST(Subtitles, come_back_as_they_were)
{
    auto track = Subtitles::parse(styled().serialize());
    ASSERT_TRUE(track) << track.error().detail;
    EXPECT_EQ(track->form, CueForm::styled);
    EXPECT_EQ(track->ass_header, styled().ass_header);
    EXPECT_EQ(track->fonts.at(0).bytes.size(), 3U);
    EXPECT_EQ(track->skipped, 3U);
    ASSERT_EQ(track->cues.size(), 2U);
    EXPECT_EQ(track->cues[0].start_ns, -second_ns);
    EXPECT_EQ(track->cues[0].end_ns, 2 * second_ns);
    EXPECT_EQ(track->cues[0].text, styled().cues[0].text);
    EXPECT_EQ(track->cues[0].settings, "line:10%");
    EXPECT_EQ(track->cues[0].ass, styled().cues[0].ass);
    EXPECT_EQ(track->serialize(), styled().serialize());
}

TEST(Subtitles, hold_no_more_fonts_than_they_may)
{
    Subtitles track = styled();
    track.fonts.assign(cue_fonts_most, {"a", "b"});
    EXPECT_TRUE(Subtitles::parse(track.serialize()));
    track.fonts.push_back({"a", "b"});
    EXPECT_FALSE(Subtitles::parse(track.serialize()));
    track.fonts.assign(2, {"a", std::string(cue_fonts_bytes_most / 2 + 1, 'b')});
    EXPECT_FALSE(Subtitles::parse(track.serialize()));
}

TEST(Subtitles, pictures_come_back_pixel_by_pixel_and_take_little_room)
{
    auto bytes = pictures().serialize();
    EXPECT_LT(bytes.size(), 100U);
    auto track = Subtitles::parse(bytes);
    ASSERT_TRUE(track) << track.error().detail;
    EXPECT_EQ(unpack_pixels(track->cues.at(0).pictures.at(0)), pixels());
}

TEST(Subtitles, no_shortened_or_changed_byte_goes_unnoticed)
{
    for (const auto &bytes : {styled().serialize(), pictures().serialize()})
        for (std::size_t i = 0; i < bytes.size(); i++) {
            EXPECT_FALSE(Subtitles::parse(bytes.substr(0, i)));
            auto other = bytes;
            other[i] = static_cast<char>(other[i] ^ 0x40);
            EXPECT_FALSE(Subtitles::parse(other));
        }
}

TEST(Subtitles, what_is_no_cue_is_refused_though_its_checksum_is_right)
{
    auto refused = [](auto change) {
        Subtitles track = styled();
        change(track);
        return !Subtitles::parse(track.serialize());
    };
    EXPECT_TRUE(refused([](Subtitles &t) { t.cues[0].end_ns = t.cues[0].start_ns; }));
    EXPECT_TRUE(refused([](Subtitles &t) { std::swap(t.cues[0], t.cues[1]); }));
    EXPECT_TRUE(refused([](Subtitles &t) { t.cues[0].text = "a\n\nb"; }));
    EXPECT_TRUE(refused([](Subtitles &t) { t.cues[0].text = "00:01 --> 00:02"; }));
    EXPECT_TRUE(refused([](Subtitles &t) { t.cues[0].settings = "a\nb"; }));
    EXPECT_TRUE(refused([](Subtitles &t) { t.cues[0].text.assign(cue_text_bytes_most + 1, 'a'); }));
    EXPECT_TRUE(refused([](Subtitles &t) { t.cues[0].start_ns = INT64_MIN; }));
    EXPECT_TRUE(refused([](Subtitles &t) { t.canvas_width = cue_canvas_most + 1; }));
    EXPECT_TRUE(refused([](Subtitles &t) { t.cues[1].pictures.push_back({0, 0, 1, 1, "rgba"}); }));
}

TEST(Subtitles, a_run_that_is_longer_than_its_picture_is_refused)
{
    Subtitles track = pictures();
    track.cues[0].pictures[0].runs = pack_pixels(pixels() + "rgba");
    EXPECT_FALSE(Subtitles::parse(track.serialize()));
    track = pictures();
    track.cues[0].pictures[0].runs = pack_pixels("rgba");
    EXPECT_FALSE(Subtitles::parse(track.serialize()));
}

} // namespace
} // namespace butaca::media
