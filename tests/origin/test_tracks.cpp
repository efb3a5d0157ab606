// SPDX-License-Identifier: LGPL-2.1-or-later
// What caps become in the facts, and what is said of tracks that cannot be played.
#include <gst/gst.h>
#include <gtest/gtest.h>

#include "src/origin/codecs.h"
#include "src/origin/tracks.h"

namespace butaca::origin {

namespace {

media::VideoTrack track_of(const char *caps)
{
    gst_init(nullptr, nullptr);
    TrackFacts facts;
    facts.pad = "video_0";
    facts.caps = adopt(gst_caps_from_string(caps));
    return video_track(facts);
}

} // namespace

TEST(Tracks, NameCodecsAsPeopleDo)
{
    EXPECT_EQ(codec_name_for_people("dts"), "DTS");
    EXPECT_EQ(codec_name_for_people("hevc"), "H.265 (HEVC)");
    EXPECT_EQ(codec_name_for_people("audio/x-true-hd"), "Dolby TrueHD");
    EXPECT_EQ(codec_name_for_people("video/x-gst-fourcc-M8RG"), "M8RG");
    EXPECT_EQ(codec_name_for_people("video/x-something"), "SOMETHING");
    EXPECT_EQ(codec_name_for_people(""), "");
}

TEST(Tracks, SayWhichDecoderIsMissing)
{
    const auto track = track_of("video/x-no-such-thing, width=(int)640, height=(int)360");
    EXPECT_FALSE(track.decodable);
    EXPECT_EQ(track.reason, "no decoder for NO-SUCH-THING is installed");
}

TEST(Tracks, OfPicturesBeyondAnyScreenAreRefused)
{
    const auto track = track_of("video/x-raw, format=(string)I420, width=(int)16384, height=(int)16384");
    EXPECT_FALSE(track.decodable);
    EXPECT_EQ(track.reason, "its pictures are too large: 16384×16384");
    const auto wide = track_of("video/x-raw, format=(string)I420, width=(int)70000, height=(int)2");
    EXPECT_FALSE(wide.decodable);
    EXPECT_EQ(wide.width, 16384U) << "facts hold no more";
    EXPECT_TRUE(track_of("video/x-raw, format=(string)I420, width=(int)7680, height=(int)4320").decodable);
}

} // namespace butaca::origin
