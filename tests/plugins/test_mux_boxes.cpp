// SPDX-License-Identifier: LGPL-2.1-or-later
// The box writers as values: small boxes byte for byte, and the refusal of tracks that cannot be described.
#include <gtest/gtest.h>

#include "plugins/mux/dolby.h"
#include "plugins/mux/fragment.h"
#include "plugins/mux/init_segment.h"
#include "plugins/mux/sample_entry.h"
#include "tests/plugins/mux_support.h"

using namespace butaca;
using namespace butaca::mux;

namespace {

std::string hex(const Bytes &bytes)
{
    std::string text;
    for (const std::uint8_t byte : bytes) {
        constexpr char digits[] = "0123456789abcdef";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

// A fragment's head without the opening of its mdat, whose content is not there.
Bytes moof_of(const Fragment &fragment)
{
    Bytes head = fragment_head(fragment);
    head.resize(head.size() - 8);
    return head;
}

Track aac_track()
{
    Track track;
    track.codec = Codec::aac;
    track.timescale = 48000;
    track.language = "spa";
    track.configuration = {0x11, 0x90};
    track.channels = 2;
    track.sample_rate_hz = 48000;
    return track;
}

Track avc_track()
{
    Track track;
    track.timescale = 24000;
    track.configuration = {1, 0x64, 0, 0x1e, 0xff, 0xe0, 0};
    track.width = 720;
    track.height = 480;
    return track;
}

} // namespace

TEST(Dolby, ConfigurationsSayWhatTheFirstFrameDoes)
{
    // 48 kHz, 192 kb/s, bsid 8, stereo; the same with five channels and one of low frequencies at 448 kb/s.
    const Bytes stereo = {0x0b, 0x77, 0x11, 0x22, 0x14, 0x40, 0x43, 0xe1};
    const Bytes surround = {0x0b, 0x77, 0x11, 0x22, 0x1e, 0x40, 0xe1, 0xdf};
    EXPECT_EQ(hex(*ac3_configuration(stereo)), "101140");
    EXPECT_EQ(hex(*ac3_configuration(surround)), "103de0");
    // 768 bytes in six blocks at 48 kHz: 192 kb/s.
    Bytes plus(768);
    const Bytes head = {0x0b, 0x77, 0x01, 0x7f, 0x34, 0x87, 0xc0, 0x00};
    std::copy(head.begin(), head.end(), plus.begin());
    EXPECT_EQ(hex(*eac3_configuration(plus)), "0600200400");
}

TEST(Dolby, WhatIsNoFrameOrNoSampleIsRefused)
{
    EXPECT_FALSE(ac3_configuration(Bytes{}));
    EXPECT_FALSE(ac3_configuration(Bytes{0x0b, 0x77, 0x11}));
    EXPECT_FALSE(ac3_configuration(Bytes{0x0b, 0x78, 0x11, 0x22, 0x14, 0x40, 0x43, 0xe1}));
    EXPECT_FALSE(ac3_configuration(Bytes{0x0b, 0x77, 0x11, 0x22, 0xd4, 0x40, 0x43, 0xe1})) << "no such rate";
    Bytes plus(768);
    Bytes head = {0x0b, 0x77, 0x01, 0x7f, 0x34, 0x87, 0xc0, 0x00};
    std::copy(head.begin(), head.end(), plus.begin());
    EXPECT_FALSE(eac3_configuration(std::span(plus).first(700))) << "cut off";
    plus[4] = 0x04;
    EXPECT_EQ(eac3_configuration(plus).error().code, ErrorCode::unsupported) << "a single block";
    plus[4] = 0x34;
    plus[2] = 0x41;
    EXPECT_EQ(eac3_configuration(plus).error().code, ErrorCode::unsupported) << "a dependent substream";
}

TEST(InitSegment, SaysHowManyBitsASampleOfWhatIsLosslessHas)
{
    Track track = aac_track();
    track.codec = Codec::flac;
    track.configuration = Bytes(38);
    track.configuration[16] = 0x03; // two channels, and the first bit of 24 - 1
    track.configuration[17] = 0x70;
    auto flac = init_segment(track);
    track.codec = Codec::alac;
    track.configuration = Bytes(24);
    track.configuration[5] = 20;
    auto alac = init_segment(track);
    ASSERT_TRUE(flac && alac);
    // Channels and bits.
    EXPECT_NE(hex(*flac).find("664c6143"
                              "000000000000"
                              "0001"
                              "0000000000000000"
                              "0002"
                              "0018"),
              std::string::npos);
    EXPECT_NE(hex(*alac).find("616c6163"
                              "000000000000"
                              "0001"
                              "0000000000000000"
                              "0002"
                              "0014"),
              std::string::npos);
}

TEST(InitSegment, NamesMp3OfHalfSampleRatesAsMpeg2)
{
    Track track = aac_track();
    track.codec = Codec::mp3;
    track.configuration = {};
    track.sample_rate_hz = 44100;
    auto whole = init_segment(track);
    track.sample_rate_hz = 22050;
    auto half = init_segment(track);
    ASSERT_TRUE(whole && half);
    EXPECT_NE(hex(*whole).find("6b15"), std::string::npos);
    EXPECT_NE(hex(*half).find("6915"), std::string::npos);
}

TEST(BoxWriter, FillsInTheSizesOfNestedBoxesWhenTheyClose)
{
    BoxWriter out;
    {
        const auto outer = out.box("moof");
        const auto inner = out.full_box("mfhd", 0, 0x010203);
        out.u32(7);
    }
    EXPECT_EQ(hex(out.take()), "000000186d6f6f66000000106d6668640001020300000007");
    EXPECT_EQ(out.size(), 0u);
}

TEST(Fragment, SaysOnceWhatIsEqualForAllSamples)
{
    const FragmentSample samples[] = {{100, 1024, 0, sync_flags}, {100, 1024, 0, sync_flags}};
    EXPECT_EQ(hex(fragment_head({5, 0x100000000, sync_flags, samples})), "000000606d6f6f66"
                                                                         "000000106d6668640000000000000005"
                                                                         "0000004874726166"
                                                                         "000000187466686400020018"
                                                                         "00000001"
                                                                         "00000400"
                                                                         "00000064"
                                                                         "000000147466647401000000"
                                                                         "0000000100000000"
                                                                         "0000001474"
                                                                         "72756e01000001"
                                                                         "00000002"
                                                                         "00000068"
                                                                         "000000d06d646174");
}

TEST(Fragment, WritesNegativeCompositionOffsetsAndTheFirstSamplesFlags)
{
    const FragmentSample samples[] = {{10, 1000, 0, sync_flags}, {20, 1000, -1000, difference_flags}};
    EXPECT_EQ(hex(test::find_box(moof_of({1, 0, difference_flags, samples}), "moof/traf/trun")), "01000a05"
                                                                                                 "00000002"
                                                                                                 "00000078"
                                                                                                 "02000000"
                                                                                                 "0000000a"
                                                                                                 "00000000"
                                                                                                 "00000014"
                                                                                                 "fffffc18");
}

TEST(Fragment, GivesEachSampleItsFlagsWhenTheyVary)
{
    const FragmentSample samples[] = {
        {1, 1, 0, sync_flags}, {1, 1, 0, difference_flags}, {1, 1, 0, disposable_flags}};
    const auto read = test::fragments(moof_of({1, 0, difference_flags, samples}), difference_flags);
    ASSERT_EQ(read.size(), 1u);
    ASSERT_EQ(read[0].samples.size(), 3u);
    EXPECT_EQ(read[0].samples[0].flags, sync_flags);
    EXPECT_EQ(read[0].samples[1].flags, difference_flags);
    EXPECT_EQ(read[0].samples[2].flags, disposable_flags);
}

TEST(SegmentIndex, HoldsOneReferenceThatStartsWithASyncSample)
{
    EXPECT_EQ(hex(segment_index({24000, 48000, 48000, 1234, true})), "0000003473696478"
                                                                     "01000000"
                                                                     "00000001"
                                                                     "00005dc0"
                                                                     "000000000000bb80"
                                                                     "0000000000000000"
                                                                     "00000001"
                                                                     "000004d2"
                                                                     "0000bb80"
                                                                     "90000000");
}

TEST(InitSegment, NamesCmafBrandsAndHasNoEditListNorDates)
{
    const auto init = init_segment(avc_track());
    ASSERT_TRUE(init);
    EXPECT_EQ(test::top_boxes(*init), "ftyp moov");
    EXPECT_EQ(hex(test::find_box(*init, "ftyp")), "69736f3600000000"
                                                  "69736f36"
                                                  "6d703431"
                                                  "636d6663"
                                                  "636d6632");
    EXPECT_TRUE(test::find_box(*init, "moov/trak/edts").empty());
    EXPECT_EQ(hex(test::find_box(*init, "moov/mvex/trex")), "00000000"
                                                            "00000001"
                                                            "00000001"
                                                            "00000000"
                                                            "00000000"
                                                            "01010000");
    EXPECT_EQ(hex(test::find_box(*init, "moov/trak/mdia/mdhd")), "00000000"
                                                                 "00000000"
                                                                 "00000000"
                                                                 "00005dc0"
                                                                 "00000000"
                                                                 "55c4"
                                                                 "0000");
}

TEST(InitSegment, ShowsAnamorphicPicturesInTheirShape)
{
    Track track = avc_track();
    track.aspect_width = 32;
    track.aspect_height = 27;
    const auto init = init_segment(track);
    ASSERT_TRUE(init);
    const Bytes tkhd = test::find_box(*init, "moov/trak/tkhd");
    EXPECT_EQ(hex(Bytes(tkhd.end() - 8, tkhd.end())), "03555555"
                                                      "01e00000"); // 853 1/3 x 480
}

TEST(SampleEntry, PacksTheAudioConfigurationIntoDescriptors)
{
    BoxWriter out;
    write_sample_entry(out, aac_track());
    const Bytes entry = test::find_box(out.take(), "mp4a");
    EXPECT_EQ(hex(Bytes(entry.begin() + 28, entry.end())), "0000003365736473"
                                                           "00000000"
                                                           "0380808022"
                                                           "000000"
                                                           "0480808014"
                                                           "40"
                                                           "15"
                                                           "000000"
                                                           "00000000"
                                                           "00000000"
                                                           "0580808002"
                                                           "1190"
                                                           "0680808001"
                                                           "02");
}

TEST(SampleEntry, DescribesOpusWithItsMapping)
{
    OpusSetup setup;
    setup.channels = 6;
    setup.mapping_family = 1;
    setup.streams = 4;
    setup.coupled = 2;
    setup.mapping = {0, 4, 1, 2, 3, 5};
    EXPECT_EQ(hex(opus_configuration(setup)), "00"
                                              "06"
                                              "0000"
                                              "0000bb80"
                                              "0000"
                                              "01"
                                              "0402"
                                              "000401020305");
}

TEST(SampleEntry, FindsStreamInfoInBothKindsOfFlacHeader)
{
    Bytes header = {'f', 'L', 'a', 'C', 0, 0, 0, 34};
    header.resize(4 + 4 + 34, 0x55);
    const auto plain = flac_configuration(header);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->size(), 38u);
    EXPECT_EQ((*plain)[0], 0x80);
    Bytes ogg = {0x7f, 'F', 'L', 'A', 'C', 1, 0, 0, 1};
    ogg.insert(ogg.end(), header.begin(), header.end());
    EXPECT_EQ(flac_configuration(ogg).value_or(Bytes{}), *plain);
    ogg.pop_back();
    EXPECT_FALSE(flac_configuration(ogg));
    EXPECT_FALSE(flac_configuration({}));
}

TEST(Track, IsRefusedWithoutWhatItsEntryNeeds)
{
    EXPECT_TRUE(check_track(avc_track()));
    Track track = avc_track();
    track.timescale = 0;
    EXPECT_FALSE(init_segment(track));
    track = avc_track();
    track.configuration.clear();
    EXPECT_FALSE(init_segment(track));
    track = avc_track();
    track.aspect_height = 0;
    EXPECT_FALSE(init_segment(track));
    track = aac_track();
    track.language = "EN";
    EXPECT_FALSE(init_segment(track));
    track = aac_track();
    track.configuration.resize(100000);
    EXPECT_FALSE(init_segment(track));
}
