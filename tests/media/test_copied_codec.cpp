// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/media/colour.h"
#include "src/media/rendition.h"

using namespace butaca;
using media::ColourNumbers;
using media::copied_codec_string;

namespace {

media::VideoTrack picture(const std::string &codec, const std::string &caps)
{
    media::VideoTrack track;
    track.codec = codec;
    track.source.caps = caps;
    track.width = 320;
    track.height = 180;
    return track;
}

std::string hevc_string(const std::string &record)
{
    return copied_codec_string(
        picture("hevc", "video/x-h265, codec_data=(buffer)" + record + ", width=(int)320"));
}

const std::string ten_bit_vp9 = "vp09.02.11.10";
const std::string ten_bit_av1 = "av01.0.08M.10";
const std::string rest_of_hvcc = "f000fcfdf8f800000f03";

} // namespace

TEST(CopiedCodec, OfHevcSaysProfileCompatibilityTierLevelAndConstraints)
{
    EXPECT_EQ(hevc_string("0101600000009000000000005a" + rest_of_hvcc), "hvc1.1.6.L90.90");
    EXPECT_EQ(hevc_string("010220000000b0000000000078" + rest_of_hvcc), "hvc1.2.4.L120.B0");
    // Profile space 1, high tier, constraints with a hole, and none at all.
    EXPECT_EQ(hevc_string("016420000000900000000300b4" + rest_of_hvcc), "hvc1.A4.4.H180.90.0.0.0.3");
    EXPECT_EQ(hevc_string("01016000000000000000000096" + rest_of_hvcc), "hvc1.1.6.L150");
}

TEST(CopiedCodec, OfVp9TellsColoursOnlyWhereTheyAreNotTheUsualOnes)
{
    media::VideoTrack track =
        picture("vp9", "video/x-vp9, chroma-format=(string)4:2:0, parsed=(boolean)true");
    track.profile = "0";
    EXPECT_EQ(copied_codec_string(track), "vp09.00.11.08");
    track.colorimetry = "bt709";
    EXPECT_EQ(copied_codec_string(track), "vp09.00.11.08");
    track.colorimetry = "2:0:0:0";
    EXPECT_EQ(copied_codec_string(track), "vp09.00.11.08");
    track.profile = "2";
    track.bit_depth = 10;
    track.colorimetry = "bt2100-pq";
    EXPECT_EQ(copied_codec_string(track), ten_bit_vp9 + ".01.09.16.09.00");
    track.source.caps = "video/x-vp9, chroma-format=(string)4:4:4";
    track.profile = "1";
    track.bit_depth = 8;
    track.colorimetry = "";
    EXPECT_EQ(copied_codec_string(track), "vp09.01.11.08.03.02.02.02.00");
}

TEST(CopiedCodec, OfAv1SaysLevelTierDepthAndColours)
{
    media::VideoTrack track = picture("av1", "video/x-av1, codec_data=(buffer)81080c00");
    EXPECT_EQ(copied_codec_string(track), "av01.0.08M.08");
    track.source.caps = "video/x-av1, codec_data=(buffer)81084d00";
    track.colorimetry = "bt2100-hlg";
    EXPECT_EQ(copied_codec_string(track), ten_bit_av1 + ".0.111.09.18.09.0");
    // Professional profile, high tier, 12 bits, 4:2:2.
    track.source.caps = "video/x-av1, codec_data=(buffer)814ce800";
    track.colorimetry = "";
    EXPECT_EQ(copied_codec_string(track), "av01.2.12H.12.0.100.02.02.02.0");
    // Without chroma.
    track.source.caps = "video/x-av1, codec_data=(buffer)81081c00";
    EXPECT_EQ(copied_codec_string(track), "av01.0.08M.08.1.110.02.02.02.0");
}

TEST(CopiedCodec, IsNothingWhereTheConfigurationIsNotUnderstood)
{
    EXPECT_EQ(hevc_string("0101"), "");
    EXPECT_EQ(hevc_string("0201600000009000000000005a" + rest_of_hvcc), "");
    EXPECT_EQ(copied_codec_string(picture("hevc", "video/x-h265")), "");
    EXPECT_EQ(copied_codec_string(picture("hevc", "video/x-h265, codec_data=(buffer)xyz")), "");
    EXPECT_EQ(copied_codec_string(picture("av1", "video/x-av1, codec_data=(buffer)0b000000")), "");
    EXPECT_EQ(copied_codec_string(picture("vp9", "video/x-vp9")), "") << "without a profile";
    EXPECT_EQ(copied_codec_string(picture("vp8", "video/x-vp8")), "");
}

TEST(Colours, AreReadFromNamesAndFromNumbers)
{
    EXPECT_EQ(media::colour_numbers("bt2100-pq"), (ColourNumbers{9, 16, 9, false}));
    EXPECT_EQ(media::colour_numbers("2:6:14:7"), (ColourNumbers{9, 16, 9, false}));
    EXPECT_EQ(media::colour_numbers("1:3:5:1"), (ColourNumbers{1, 1, 1, true}));
    EXPECT_EQ(media::colour_numbers("1:99:99:99"), (ColourNumbers{2, 2, 2, true}));
    for (const char *wrong : {"", "bt", "1:2:3", "1:2:3:4:5", "1:2:3:", "a:b:c:d", "-1:2:3:4"})
        EXPECT_FALSE(media::colour_numbers(wrong)) << wrong;
}

TEST(Colours, TellHowBrightAPictureCanBe)
{
    EXPECT_EQ(media::video_range("bt2100-pq"), "PQ");
    EXPECT_EQ(media::video_range("bt2100-hlg"), "HLG");
    EXPECT_EQ(media::video_range("2:6:15:7"), "HLG");
    EXPECT_EQ(media::video_range("bt2020-10"), "SDR");
    EXPECT_EQ(media::video_range(""), "SDR");
}
