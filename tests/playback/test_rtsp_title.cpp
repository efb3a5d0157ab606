// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "plugins/mux/init_segment.h"
#include "src/playback/rtsp/stream_caps.h"
#include "src/playback/rtsp/title.h"
#include "tests/playback/film.h"

using namespace butaca;
using namespace butaca::playback;
using mux::Bytes;

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

Bytes hevc_configuration()
{
    Bytes hvcc(23);
    hvcc[0] = 1;
    hvcc[1] = 1;     // main profile
    hvcc[21] = 0x03; // four bytes of length before each NAL unit
    return hvcc;
}

Bytes hevc_init()
{
    mux::Track track;
    track.codec = mux::Codec::hevc;
    track.timescale = 24000;
    track.width = 640;
    track.height = 360;
    track.configuration = hevc_configuration();
    return *mux::init_segment(track);
}

// Version, channels, pre-skip, the rate that came in, gain and mapping family.
Bytes opus_configuration(std::uint8_t channels)
{
    return {0, channels, 0x01, 0x38, 0, 0, 0xbb, 0x80, 0, 0, 0};
}

Bytes opus_init(std::uint8_t channels)
{
    mux::Track track;
    track.codec = mux::Codec::opus;
    track.timescale = 48000;
    track.channels = channels;
    track.sample_rate_hz = 48000;
    track.configuration = opus_configuration(channels);
    return *mux::init_segment(track);
}

std::string text(const Bytes &bytes) { return {bytes.begin(), bytes.end()}; }

// Where this box's name stands.
std::size_t place_of(const Bytes &bytes, std::string_view name) { return text(bytes).find(name); }

// Would this payloader take samples of that form?
bool takes(const char *payloader, GstCaps *caps)
{
    auto factory = adopt(gst_element_factory_find(payloader));
    return factory && gst_element_factory_can_sink_all_caps(factory.get(), caps);
}

Playable playable(const Wishes &wishes, const test::Original &original = test::film())
{
    Playable made;
    made.presentation = std::make_shared<Presentation>(*original.plan(wishes));
    made.video.resize(made.presentation->video.size());
    made.audio.resize(made.presentation->audio.size());
    return made;
}

Wishes modern()
{
    Wishes wishes;
    wishes.video_codec = "hevc";
    wishes.audio_codec = "opus";
    return wishes;
}

class RtspFormat : public testing::Test {
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

} // namespace

TEST_F(RtspFormat, HevcIsReadFromItsInitSegmentAndGoesToItsPayloader)
{
    auto track = ts::read_init(hevc_init());
    ASSERT_TRUE(track) << track.error().detail;
    EXPECT_EQ(track->codec, ts::Codec::hevc);
    EXPECT_EQ(track->timescale, 24000U);
    EXPECT_EQ(track->configuration, text(hevc_configuration()));
    auto caps = rtsp::stream_caps(*track);
    const GstStructure *form = gst_caps_get_structure(caps.get(), 0);
    EXPECT_STREQ(gst_structure_get_name(form), "video/x-h265");
    EXPECT_STREQ(gst_structure_get_string(form, "stream-format"), "hvc1");
    EXPECT_STREQ(gst_structure_get_string(form, "alignment"), "au");
    GstBuffer *data = nullptr;
    ASSERT_TRUE(gst_structure_get(form, "codec_data", GST_TYPE_BUFFER, &data, nullptr));
    auto kept = adopt(data);
    EXPECT_EQ(gst_buffer_memcmp(data, 0, track->configuration.data(), track->configuration.size()), 0);
    EXPECT_EQ(gst_buffer_get_size(data), track->configuration.size());
    EXPECT_TRUE(takes(rtsp::payloader_for(track->codec), caps.get()));
}

TEST_F(RtspFormat, OpusIsReadFromItsInitSegmentAndGoesToItsPayloader)
{
    for (auto channels : {std::uint8_t{1}, std::uint8_t{2}}) {
        auto track = ts::read_init(opus_init(channels));
        ASSERT_TRUE(track) << track.error().detail;
        EXPECT_EQ(track->codec, ts::Codec::opus);
        EXPECT_EQ(track->timescale, 48000U);
        EXPECT_EQ(track->channels, channels);
        auto caps = rtsp::stream_caps(*track);
        const GstStructure *form = gst_caps_get_structure(caps.get(), 0);
        EXPECT_STREQ(gst_structure_get_name(form), "audio/x-opus");
        gint told = 0;
        EXPECT_TRUE(gst_structure_get_int(form, "channels", &told));
        EXPECT_EQ(told, channels);
        EXPECT_TRUE(gst_structure_get_int(form, "channel-mapping-family", &told));
        EXPECT_EQ(told, 0);
        EXPECT_TRUE(takes(rtsp::payloader_for(track->codec), caps.get()));
    }
}

TEST_F(RtspFormat, AnInitSegmentThatBreaksOffAnywhereIsRefused)
{
    for (const auto &whole : {hevc_init(), opus_init(2)})
        for (std::size_t size = 0; size < whole.size(); size++) {
            auto track = ts::read_init(ts::ByteView(whole).first(size));
            ASSERT_FALSE(track) << size;
            ASSERT_EQ(track.error().code, ErrorCode::internal) << size;
        }
}

TEST_F(RtspFormat, AnInitSegmentWithoutTheCodecsOwnBoxIsRefused)
{
    for (auto [whole, name] : {std::pair(hevc_init(), "hvcC"), std::pair(opus_init(2), "dOps")}) {
        whole[place_of(whole, name)] = 'x';
        auto track = ts::read_init(whole);
        ASSERT_FALSE(track) << name;
        EXPECT_EQ(track.error().code, ErrorCode::internal);
    }
}

TEST_F(RtspFormat, AnotherCodecIsNotSupported)
{
    auto whole = hevc_init();
    whole[place_of(whole, "hvc1")] = 'x';
    auto track = ts::read_init(whole);
    ASSERT_FALSE(track);
    EXPECT_EQ(track.error().code, ErrorCode::unsupported);
}

TEST(RtspTitle, HevcAndOpusAreSentPictureFirst)
{
    const auto film = playable(modern());
    auto title = rtsp::title_of(film, "viewer");
    ASSERT_TRUE(title) << title.error().message;
    EXPECT_EQ(title->viewer, "viewer");
    ASSERT_EQ(title->tracks.size(), 2U);
    EXPECT_EQ(title->tracks[0].codec, ts::Codec::hevc);
    EXPECT_TRUE(title->tracks[0].is_picture());
    EXPECT_EQ(title->tracks[1].codec, ts::Codec::opus);
    EXPECT_FALSE(title->tracks[1].is_picture());
    EXPECT_EQ(title->tracks[0].segments() + 1,
              static_cast<std::int64_t>(film.presentation->video.front().borders().size()));
    EXPECT_EQ(title->tracks[0].borders_ns.back(), 60 * second_ns);
    EXPECT_GE(title->duration_ns, 60 * second_ns);
    EXPECT_LT(title->duration_ns, 60 * second_ns + second_ns / 10);
}

TEST(RtspTitle, OneEntersAtTheBorderBeforeAndLeavesAtTheOneAfter)
{
    auto title = rtsp::title_of(playable(modern()), "viewer");
    ASSERT_TRUE(title);
    const auto &borders = title->tracks[0].borders_ns;
    ASSERT_GT(borders.size(), 3U);
    for (std::size_t i = 1; i + 2 < borders.size(); i++) {
        EXPECT_EQ(title->entry_before(borders[i]), borders[i]);
        EXPECT_EQ(title->entry_before(borders[i] - 1), borders[i - 1]);
        EXPECT_EQ(title->exit_after(borders[i]), borders[i]);
        EXPECT_EQ(title->exit_after(borders[i] + 1), borders[i + 1]);
    }
    EXPECT_EQ(title->entry_before(-1), 0);
    EXPECT_EQ(title->entry_before(1000 * second_ns), borders[borders.size() - 2]);
    EXPECT_EQ(title->exit_after(1000 * second_ns), title->duration_ns);
}

TEST(RtspTitle, MusicIsOneTrack)
{
    auto original = test::film();
    original.asset->video.clear();
    original.index->video.clear();
    auto title = rtsp::title_of(playable(modern(), original), "viewer");
    ASSERT_TRUE(title) << title.error().message;
    ASSERT_EQ(title->tracks.size(), 1U);
    EXPECT_EQ(title->tracks[0].codec, ts::Codec::opus);
}

TEST(RtspTitle, WhatRtpDoesNotCarryIsNoTitle)
{
    auto surround = playable(modern());
    auto changed = std::make_shared<Presentation>(*surround.presentation);
    changed->audio.front().transform.channels = 6;
    surround.presentation = changed;
    Wishes vp9;
    vp9.video_codec = "vp9";
    Wishes flac;
    flac.audio_codec = "flac";
    for (const auto &other : {surround, playable(vp9), playable(flac)}) {
        EXPECT_FALSE(rtsp::fits_rtp(*other.presentation));
        auto title = rtsp::title_of(other, "viewer");
        ASSERT_FALSE(title);
        EXPECT_EQ(title.error().code, ErrorCode::unsupported);
    }
    EXPECT_FALSE(rtsp::fits_rtp(Presentation{}));
}
