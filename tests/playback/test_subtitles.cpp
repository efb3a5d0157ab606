// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/playback/hls.h"
#include "src/playback/subtitle_plan.h"
#include "src/playback/webvtt.h"
#include "tests/playback/film.h"

namespace butaca::playback {
namespace {

using media::CueForm;

constexpr std::int64_t second_ns = 1'000'000'000;

media::SubtitleTrack track(unsigned index, const std::string &language, CueForm form = CueForm::text)
{
    media::SubtitleTrack made;
    made.index = index;
    made.format = "srt";
    made.language = language;
    made.form = form;
    made.digest = std::string(63, 'd') + static_cast<char>('0' + index);
    made.cues = 2;
    return made;
}

test::Original film_with(std::vector<media::SubtitleTrack> tracks)
{
    auto made = test::film();
    made.asset->subtitles = std::move(tracks);
    return made;
}

Wishes wish(const std::string &language, bool burn)
{
    Wishes wishes;
    wishes.subtitles = SubtitleWish{language, std::nullopt, burn};
    return wishes;
}

media::Subtitles cues(std::vector<std::pair<std::int64_t, std::int64_t>> times)
{
    media::Subtitles made;
    for (auto [start_ns, end_ns] : times)
        made.cues.push_back({start_ns, end_ns, "text", "", "", {}});
    return made;
}

// Planned, with subtitles from 4.5 s to 5 s and from 9 s to 13 s burned in.
Presentation burned(const test::Original &original)
{
    auto presentation = original.plan(wish("es", true));
    EXPECT_TRUE(presentation);
    burn_subtitles(*presentation, 0, cues({{4'500'000'000, 5 * second_ns}, {9 * second_ns, 13 * second_ns}}),
                   "libass 1");
    return std::move(*presentation);
}

TEST(Subtitles, TheLanguageThatWasAskedForIsChosenAndItsRegionsServeItToo)
{
    auto film = film_with({track(0, "en"), track(1, "es-419"), track(2, "fr")});
    auto chosen = chosen_subtitles(*film.asset, wish("es", false));
    ASSERT_TRUE(chosen);
    EXPECT_EQ(*chosen, 1U);
    EXPECT_EQ(*chosen_subtitles(*film.asset, wish("", false)), 0U);
    EXPECT_EQ(*chosen_subtitles(*film.asset, Wishes()), std::nullopt);
}

TEST(Subtitles, TheWholeTextComesBeforeTheForcedLinesOfTheSameLanguage)
{
    auto film = film_with({track(0, "es"), track(1, "es"), track(2, "es")});
    film.asset->subtitles[0].forced = true;
    film.asset->subtitles[1].hearing_impaired = true;
    EXPECT_EQ(*chosen_subtitles(*film.asset, wish("es", false)), 2U);
}

TEST(Subtitles, WhatCannotBeHadIsRefusedAndSaysWhichWish)
{
    auto film = film_with({track(0, "en", CueForm::pictures), track(1, "fr")});
    film.asset->subtitles[1].decodable = false;
    film.asset->subtitles[1].reason = "its cues are encrypted";
    auto refused = [&](const Wishes &wishes) {
        auto chosen = chosen_subtitles(*film.asset, wishes);
        EXPECT_FALSE(chosen);
        EXPECT_EQ(chosen.error().code, ErrorCode::unprocessable);
        EXPECT_NE(chosen.error().message.find("\"subtitles\""), std::string::npos);
        return chosen.error().message;
    };
    refused(wish("ja", false));
    EXPECT_NE(refused(wish("en", false)).find("burn"), std::string::npos);
    EXPECT_NE(refused(wish("fr", true)).find("encrypted"), std::string::npos);
    EXPECT_TRUE(chosen_subtitles(*film.asset, wish("en", true)));
    Wishes wishes;
    wishes.subtitles = SubtitleWish{"", 7, false};
    refused(wishes);
}

TEST(Subtitles, TextIsOfferedAsTracksThatCoverTheWholeFilm)
{
    auto film =
        film_with({track(0, "es"), track(1, "en", CueForm::pictures), track(2, "ar", CueForm::styled)});
    film.asset->subtitles[2].hearing_impaired = true;
    auto presentation = film.plan();
    ASSERT_TRUE(presentation);
    offer_subtitles(*presentation, 2);
    ASSERT_EQ(presentation->subtitles.size(), 2U);
    EXPECT_EQ(presentation->subtitles[0].name, "Español");
    EXPECT_FALSE(presentation->subtitles[0].is_default);
    EXPECT_TRUE(presentation->subtitles[1].is_default);
    EXPECT_EQ(presentation->subtitles[0].borders_ns,
              (std::vector<std::int64_t>{0, 30 * second_ns, 60 * second_ns}));
    EXPECT_NE(presentation->subtitles[0].id, presentation->subtitles[1].id);

    std::vector<Bandwidth> none(presentation->video.size());
    auto list = multivariant_playlist(*presentation, none, {{}}, Container::mp4);
    EXPECT_NE(list.find("#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"Español\",LANGUAGE=\"es\","
                        "DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,URI=\"" +
                        presentation->subtitles[0].id + "/index.m3u8\""),
              std::string::npos)
        << list;
    EXPECT_NE(list.find("CHARACTERISTICS=\"public.accessibility"), std::string::npos);
    EXPECT_NE(list.find(",SUBTITLES=\"subtitles\"\n"), std::string::npos);

    auto media = media_playlist(presentation->subtitles[0], Container::transport_stream);
    EXPECT_NE(media.find("#EXT-X-TARGETDURATION:30\n"), std::string::npos);
    EXPECT_NE(media.find("#EXTINF:30.000000,\n1.ts.vtt\n#EXT-X-ENDLIST\n"), std::string::npos) << media;
}

TEST(Subtitles, ACueOverABorderStandsInBothSegmentsWithItsWholeTimes)
{
    auto list = cues({{12 * second_ns, 13 * second_ns}, {39 * second_ns, 41 * second_ns}});
    list.cues[1].settings = "line:0";
    auto first = webvtt_segment(list, 10 * second_ns, 0, 30 * second_ns, 0);
    auto second = webvtt_segment(list, 10 * second_ns, 30 * second_ns, 60 * second_ns, 126000);
    EXPECT_EQ(first, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"
                     "1\n00:00:02.000 --> 00:00:03.000\ntext\n\n"
                     "2\n00:00:29.000 --> 00:00:31.000 line:0\ntext\n\n");
    EXPECT_EQ(second, "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:126000,LOCAL:00:00:00.000\n\n"
                      "2\n00:00:29.000 --> 00:00:31.000 line:0\ntext\n\n");
}

TEST(Subtitles, AreOneFileOnTheFilmsOwnAxisForPlayersThatTakeThemWhole)
{
    auto list = cues({{12 * second_ns, 13 * second_ns},
                      {39 * second_ns, 41 * second_ns},
                      {80 * second_ns, 81 * second_ns}});
    EXPECT_EQ(webvtt_file(list, 10 * second_ns, 60 * second_ns),
              "WEBVTT\n\n"
              "1\n00:00:02.000 --> 00:00:03.000\ntext\n\n"
              "2\n00:00:29.000 --> 00:00:31.000\ntext\n\n");
}

TEST(Subtitles, OnlySegmentsWithCuesDifferFromTheCleanRendition)
{
    auto film = film_with({track(0, "es")});
    auto presentation = burned(film);
    ASSERT_FALSE(presentation.video.empty());
    for (const auto &rendition : presentation.video) {
        EXPECT_FALSE(rendition.transform.copy);
        EXPECT_NE(rendition.id, rendition.clean_id);
        EXPECT_EQ(rendition.id_of(-1), rendition.clean_id);
        for (std::int64_t k = 0; k < 30; k++) {
            bool seen = k == 2 || (k >= 4 && k <= 6);
            EXPECT_EQ(rendition.id_of(k), seen ? rendition.id : rendition.clean_id) << k;
        }
    }
}

TEST(Subtitles, TheCleanRenditionIsTheOneThatOthersWatch)
{
    auto film = film_with({track(0, "es")});
    Wishes plain;
    plain.video_codec = "h264";
    plain.max_height = 480;
    auto clean = film.plan(plain);
    plain.subtitles = SubtitleWish{"es", std::nullopt, true};
    auto with = film.plan(plain);
    ASSERT_TRUE(clean && with);
    burn_subtitles(*with, 0, cues({}), "libass 1");
    EXPECT_EQ(with->video.front().clean_id, clean->video.front().id);
}

TEST(Subtitles, AnotherRendererOrOtherCuesAreAnotherRendition)
{
    auto film = film_with({track(0, "es"), track(1, "en")});
    auto id = [&](unsigned index, const std::string &renderer) {
        auto presentation = film.plan(wish("es", true));
        burn_subtitles(*presentation, index, cues({}), renderer);
        return presentation->video.front().id;
    };
    EXPECT_EQ(id(0, "libass 1"), id(0, "libass 1"));
    EXPECT_NE(id(0, "libass 1"), id(0, "libass 2"));
    EXPECT_NE(id(0, "libass 1"), id(1, "libass 1"));
}

TEST(Subtitles, WishesForThemSurviveTheSignedAddress)
{
    for (const char *body :
         {R"({"subtitles":{"language":"es","mode":"burn"}})", R"({"subtitles":{"index":3}})",
          R"({"subtitles":{},"container":"ts"})", R"({})"}) {
        auto value = json::Value::parse(body);
        auto wishes = wishes_from_json(*value);
        ASSERT_TRUE(wishes) << body;
        auto back = wishes_from_text(to_text(*wishes));
        ASSERT_TRUE(back) << to_text(*wishes);
        EXPECT_EQ(*back, *wishes) << body;
    }
}

TEST(Subtitles, WishesThatMakeNoSenseAreRefused)
{
    for (const char *body :
         {R"({"subtitles":"es"})", R"({"subtitles":{"mode":"shout"}})", R"({"subtitles":{"language":"e s"}})",
          R"({"subtitles":{"index":-1}})", R"({"subtitles":{"mode":"burn"},"video":{"codec":"copy"}})"}) {
        auto value = json::Value::parse(body);
        EXPECT_FALSE(wishes_from_json(*value)) << body;
    }
}

} // namespace
} // namespace butaca::playback
