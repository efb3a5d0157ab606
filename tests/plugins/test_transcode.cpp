// SPDX-License-Identifier: LGPL-2.1-or-later
// videotranscode: the same bytes, the same times, the promised stream.
#include <array>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gtest/gtest.h>

#include "plugins/video/encoder_table.h"
#include "plugins/video/nal.h"
#include "plugins/video/picture.h"
#include "tests/plugins/run_launch.h"

using namespace butaca;
using test_support::Made;
using test_support::run_launch;

namespace {

// Moving noise and edges, so that an encoder has something to decide.
std::string film(int frames, const std::string &caps = "format=I420,width=320,height=180,framerate=24/1")
{
    return "videotestsrc pattern=smpte num-buffers=" + std::to_string(frames) + " ! video/x-raw," + caps +
           " ! timeoverlay ! ";
}

std::set<int> h264_nal_types(const Made &made)
{
    std::set<int> types;
    for (const auto &packet : made.packets)
        for (std::size_t at = 0; at + 5 <= packet.bytes.size();) {
            std::size_t size = 0;
            for (std::size_t i = 0; i < 4; i++)
                size = size << 8 | static_cast<std::uint8_t>(packet.bytes[at + i]);
            types.insert(packet.bytes[at + 4] & 31);
            at += 4 + size;
        }
    return types;
}

bool installed(const char *factory) { return adopt(gst_element_factory_find(factory)) != nullptr; }

} // namespace

class TranscodeWith : public testing::TestWithParam<const char *> {};

TEST_P(TranscodeWith, MakesTheSameBytesFromTheSameFramesInOneProcessAndInTwo)
{
    const std::string launch = film(30) + "videotranscode width=160 height=90 gop-frames=30 " + GetParam();
    const Made once = run_launch(launch), again = run_launch(launch);
    ASSERT_EQ(once.error, "");
    EXPECT_EQ(once.packets.size(), 30U);
    EXPECT_EQ(once.sha256(), again.sha256());
    EXPECT_EQ(once.sha256(), test_support::sha256_in_another_process(launch));
}

TEST_P(TranscodeWith, GivesEveryFrameItsOwnTimeBack)
{
    const Made made = run_launch(film(30) + "identity name=in ! videotranscode gop-frames=30 " + GetParam());
    ASSERT_EQ(made.error, "");
    const std::multiset<GstClockTime> in(made.pts_in.begin(), made.pts_in.end());
    std::multiset<GstClockTime> out;
    for (const auto &packet : made.packets)
        out.insert(packet.pts);
    EXPECT_EQ(in.size(), 30U);
    EXPECT_EQ(in, out);
    for (std::size_t i = 1; i < made.packets.size(); i++) {
        if (!GST_CLOCK_TIME_IS_VALID(made.packets[i].dts))
            continue;
        EXPECT_LT(made.packets[i - 1].dts, made.packets[i].dts) << "frame " << i;
        EXPECT_LE(made.packets[i].dts, made.packets[i].pts) << "frame " << i;
    }
}

TEST_P(TranscodeWith, StartsEachGopAndNothingElseWithAKeyframe)
{
    const Made made = run_launch(film(48) + "videotranscode gop-frames=24 " + GetParam());
    ASSERT_EQ(made.packets.size(), 48U) << made.error;
    for (std::size_t i = 0; i < made.packets.size(); i++)
        EXPECT_EQ(made.packets[i].is_key, i % 24 == 0) << "frame " << i;
}

INSTANTIATE_TEST_SUITE_P(Codecs, TranscodeWith,
                         testing::Values("encoder=x264enc", "encoder=openh264enc", "codec=h265", "codec=vp9",
                                         "codec=av1"));

TEST(Transcode, KeepsTimesThatDoNotStartAtZero)
{
    const Made made =
        run_launch("videotestsrc num-buffers=10 timestamp-offset=7200123456789 ! identity name=in "
                   "! video/x-raw,format=I420,width=64,height=64,framerate=24000/1001 ! videotranscode");
    ASSERT_EQ(made.packets.size(), 10U) << made.error;
    EXPECT_EQ(made.packets.front().pts, made.pts_in.front());
    EXPECT_LT(made.packets.front().dts, made.packets.front().pts) << "B-frames need an earlier decode time";
}

TEST(Transcode, WritesTheLevelThatWasAskedForIntoTheSps)
{
    for (const char *encoder : {"x264enc", "openh264enc"}) {
        const Made made = run_launch(film(5) + "videotranscode level=3.1 encoder=" + encoder);
        const std::string record = made.codec_data();
        ASSERT_GT(record.size(), 12U) << made.error;
        EXPECT_EQ(record[3], 31) << encoder;
        EXPECT_EQ(record[8 + 3], 31) << encoder;
    }
}

TEST(Transcode, KeepsParameterSetsAndSignaturesOutOfTheSamples)
{
    for (const char *encoder : {"x264enc", "openh264enc"}) {
        const std::set<int> types = h264_nal_types(run_launch(film(5) + "videotranscode encoder=" + encoder));
        EXPECT_TRUE(types.count(5)) << encoder;
        for (const int clutter : {6, 7, 8, 9})
            EXPECT_FALSE(types.count(clutter)) << encoder << " left NAL type " << clutter;
    }
}

TEST(Transcode, TakesEveryKindOfPicture)
{
    for (const char *format :
         {"RGB", "NV12", "I420", "YUY2", "GRAY8", "P010_10LE", "I420_10LE", "Y444", "Y42B", "BGRA", "AYUV"}) {
        const Made made =
            run_launch(film(3, std::string("width=101,height=77,format=") + format) + "videotranscode");
        ASSERT_EQ(made.packets.size(), 3U) << format << ": " << made.error;
        const GstStructure *s = gst_caps_get_structure(made.caps.get(), 0);
        EXPECT_STREQ(gst_structure_get_string(s, "chroma-site"), "mpeg2") << format;
        EXPECT_NE(gst_structure_get_string(s, "colorimetry"), nullptr) << format;
        int width = 0;
        gst_structure_get_int(s, "width", &width);
        EXPECT_EQ(width, 100) << format;
    }
}

TEST(Scale, AddsNothingAtTheEdgesOfAnOddPicture)
{
    for (const char *format : {"I420", "Y42B", "I420_10LE"}) {
        const Made made = run_launch(
            std::string(
                "videotestsrc pattern=white num-buffers=1 ! video/x-raw,width=101,height=77,format=") +
            format + " ! butacascale ! video/x-raw,width=64,height=48");
        ASSERT_EQ(made.packets.size(), 1U) << made.error;
        const std::string &bytes = made.packets[0].bytes;
        for (std::size_t i = 0; i < bytes.size(); i++)
            ASSERT_NEAR(static_cast<std::uint8_t>(bytes[i]), i < 64 * 48 ? 235 : 128, 1)
                << format << " byte " << i;
    }
}

TEST(Transcode, KeepsTheColoursOfAFilmWhoseNewSizeWouldMeanOthers)
{
    const Made made = run_launch(film(3, "format=I420,width=1280,height=720") + "videotranscode height=240");
    EXPECT_STREQ(gst_structure_get_string(gst_caps_get_structure(made.caps.get(), 0), "colorimetry"),
                 "bt709");
}

TEST(Transcode, StaysUnderTheCapWithinOneSegment)
{
    const std::string snow =
        "videotestsrc pattern=snow num-buffers=48 ! video/x-raw,format=I420,width=320,height=180,"
        "framerate=24/1 ! videotranscode gop-frames=48 buffer-ms=2000 ";
    std::size_t free = 0, capped = 0;
    for (const auto &packet : run_launch(snow).packets)
        free += packet.bytes.size();
    for (const auto &packet : run_launch(snow + "max-bitrate-bps=1000000").packets)
        capped += packet.bytes.size();
    EXPECT_GT(free, 250'000U) << "without a cap this would exceed it, or the test shows nothing";
    EXPECT_LE(capped, 250'000U);
    EXPECT_GT(capped, 100'000U);
}

TEST(Transcode, SaysWhatIsMissingWhenNoEncoderIs)
{
    EXPECT_NE(run_launch(film(3) + "videotranscode codec=h264 encoder=no-such-thing").error, "");
    EXPECT_NE(run_launch(film(3) + "videotranscode codec=theora").error, "");
    EXPECT_NE(run_launch(film(3) + "videotranscode level=9.9").error, "");
}

TEST(Transcode, NamesTheCodeThatMakesItsBytes)
{
    auto element = sink(gst_element_factory_make("videotranscode", nullptr));
    char *version = nullptr;
    g_object_get(element.get(), "encoder-version", &version, nullptr);
    const auto owned = adopt(version);
    EXPECT_NE(std::string(version).find("libx264.so"), std::string::npos) << version;
    EXPECT_NE(std::string(version).find("libzimg.so"), std::string::npos) << version;
}

TEST(EncoderTable, TakesTheFirstInstalledEncoder)
{
    const video::Wish wish;
    EXPECT_STREQ(video::choose(wish, [](const char *) { return true; })->factory, "x264enc");
    EXPECT_STREQ(
        video::choose(wish, [](const char *name) { return std::string(name) != "x264enc"; })->factory,
        "openh264enc");
    EXPECT_EQ(video::choose(wish, [](const char *) { return false; }), nullptr);
}

TEST(EncoderTable, KnowsEveryPropertyItSets)
{
    for (const char *codec : {"h264", "h265", "vp9", "av1"}) {
        for (const video::Encoder *row : video::encoders_for(codec)) {
            auto element = sink(gst_element_factory_make(row->factory, nullptr));
            if (!installed(row->factory))
                continue;
            for (const auto &[name, value] : video::settings_for(*row, video::Wish{}))
                EXPECT_NE(g_object_class_find_property(G_OBJECT_GET_CLASS(element.get()), name.c_str()),
                          nullptr)
                    << row->factory << " " << name;
        }
    }
}

TEST(Nal, LeavesMalformedAccessUnitsAlone)
{
    const std::vector<std::vector<std::uint8_t>> bad = {{},
                                                        {0},
                                                        {0, 0, 0, 1},
                                                        {0, 0, 0, 9, 7},
                                                        {255, 255, 255, 255, 7},
                                                        {0, 0, 0, 0, 7},
                                                        {0, 0, 0, 1, 9, 0, 0}};
    for (const auto &bytes : bad)
        EXPECT_FALSE(video::without_clutter(bytes, video::NalCodec::h264)) << bytes.size();
    std::vector<std::uint8_t> record = {1, 100, 0, 30, 255, 225, 0, 200, 103, 100, 0, 30};
    const auto before = record;
    EXPECT_FALSE(video::set_avc_level(record, 31));
    EXPECT_EQ(record, before);
}

TEST(Picture, KeepsTheShapeWhenOneSideIsAskedFor)
{
    GstVideoInfo info;
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, 1280, 720);
    EXPECT_EQ(video::output_size(info, 0, 480).width, 854);
    EXPECT_EQ(video::output_size(info, 854, 0).height, 480);
    gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, 720, 576);
    info.par_n = 16, info.par_d = 15;
    EXPECT_EQ(video::output_size(info, 0, 0).width, 768);
    EXPECT_EQ(video::output_size(info, 0, 0).height, 576);
}
