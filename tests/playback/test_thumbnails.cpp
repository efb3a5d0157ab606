// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "tests/playback/film.h"

using namespace butaca;
using namespace butaca::playback;

namespace {

Thumbnails plan_of(const test::Original &original, const std::string &encoder = "jpegenc 1")
{
    const auto &track = original.asset->video[0];
    const auto &packets = original.index->video[0];
    auto timeline = media::video_timeline(track, packets, 0);
    EXPECT_TRUE(timeline);
    return plan_thumbnails(*original.asset, track, packets, *timeline, encoder);
}

// As long as that, a frame a second, with a keyframe every `gop` frames.
test::Original slow_film(std::uint32_t seconds, std::uint32_t gop)
{
    test::Original original = test::film();
    auto &frames = original.index->video[0];
    frames = {};
    for (std::uint32_t i = 0; i < seconds; i++) {
        frames.pts_ns.push_back(std::int64_t{i} * 1'000'000'000);
        frames.size_bytes.push_back(1000);
        if (i % gop == 0)
            frames.keyframes.push_back(i);
    }
    frames.end_ns = std::int64_t{seconds} * 1'000'000'000;
    original.asset->video[0].frame_rate = {1, 1};
    return original;
}

} // namespace

TEST(Thumbnails, AreOneForEachSegmentOfAShortFilm)
{
    auto thumbnails = plan_of(test::film());
    EXPECT_EQ(thumbnails.frames.size(), 30U);
    EXPECT_EQ(thumbnails.sheets(), 2U);
    EXPECT_EQ(thumbnails.tile, (media::Size{240, 136}));
    EXPECT_EQ(thumbnails.frames[1], 48U);
    EXPECT_EQ(thumbnails.times_ns[1], 2'000'000'000);
    EXPECT_EQ(thumbnails.times_ns.back(), 60'000'000'000);
}

TEST(Thumbnails, AreNeverMoreThanALimitHoweverLongTheFilm)
{
    auto two_hours = plan_of(slow_film(7200, 2));
    EXPECT_EQ(two_hours.frames.size(), 720U);
    EXPECT_EQ(two_hours.times_ns[1], 10'000'000'000);
    auto ten_hours = plan_of(slow_film(36000, 2));
    EXPECT_LE(ten_hours.frames.size(), 720U);
    EXPECT_GE(ten_hours.frames.size(), 360U);
}

TEST(Thumbnails, ShowKeyframesWhereThereIsANewOneAndAscendAlways)
{
    auto thumbnails = plan_of(slow_film(7200, 7));
    for (std::size_t i = 1; i < thumbnails.frames.size(); i++) {
        ASSERT_GT(thumbnails.frames[i], thumbnails.frames[i - 1]);
        EXPECT_EQ(thumbnails.frames[i] % 7, 0U) << i;
    }
    auto far_apart = plan_of(slow_film(600, 60));
    for (std::size_t i = 1; i < far_apart.frames.size(); i++)
        ASSERT_GT(far_apart.frames[i], far_apart.frames[i - 1]);
    EXPECT_EQ(far_apart.frames.size(), 300U) << "one for each segment, keyframe or not";
}

TEST(Thumbnails, HaveAnIndexThatCoversTheWholeWithoutGap)
{
    auto text = thumbnails_vtt(plan_of(test::film()));
    EXPECT_TRUE(
        text.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nthumbnails-0.jpg#xywh=0,0,240,136\n\n"
                         "00:00:02.000 --> 00:00:04.000\nthumbnails-0.jpg#xywh=240,0,240,136\n\n"))
        << text;
    EXPECT_NE(text.find("00:00:10.000 --> 00:00:12.000\nthumbnails-0.jpg#xywh=0,136,240,136\n"),
              std::string::npos);
    EXPECT_TRUE(text.ends_with("00:00:58.000 --> 00:01:00.000\nthumbnails-1.jpg#xywh=960,0,240,136\n\n"));
}

TEST(Thumbnails, AreNamedByAllThatTheirBytesDependOn)
{
    const auto id = plan_of(test::film()).id;
    EXPECT_EQ(plan_of(test::film()).id, id);
    EXPECT_NE(plan_of(test::film(), "jpegenc 2").id, id);
    auto other = test::film();
    other.asset->digest = std::string(64, 'b');
    EXPECT_NE(plan_of(other).id, id);
    auto turned = test::film();
    turned.asset->video[0].rotation = 180;
    EXPECT_NE(plan_of(turned).id, id);
    auto later = test::film();
    later.index->video[0].keyframes[3] += 1;
    EXPECT_NE(plan_of(later).id, id);
}

TEST(Thumbnails, KeepTheShapeOfThePictureAndAreNeverLargerThanIt)
{
    EXPECT_EQ(tile_size({1920, 800}), (media::Size{240, 100}));
    EXPECT_EQ(tile_size({1080, 1920}), (media::Size{136, 242}));
    EXPECT_EQ(tile_size({160, 120}), (media::Size{160, 120}));
    EXPECT_EQ(tile_size({4, 4}), (media::Size{8, 8}));
    EXPECT_EQ(tile_size({16384, 2}), (media::Size{240, 2}));
}

TEST(Thumbnails, HaveOneNameForEachSheet)
{
    EXPECT_EQ(sheet_number("thumbnails-17.jpg"), 17);
    for (const char *name : {"thumbnails-.jpg", "thumbnails-01.jpg", "thumbnails-+1.jpg", "thumbnails--1.jpg",
                             "thumbnails-1.jpeg", "thumbnails-1", "thumbnails.jpg", "-1.jpg", ""})
        EXPECT_FALSE(sheet_number(name)) << name;
}
