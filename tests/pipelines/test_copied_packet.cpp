// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "pipelines/copied_packet.h"
#include "src/base/encoding.h"

using namespace butaca;
using namespace butaca::pipelines;

namespace {

Owned<GstBuffer> buffer(const std::string &hex)
{
    auto bytes = from_hex(hex);
    EXPECT_TRUE(bytes) << hex;
    return adopt(gst_buffer_new_memdup(bytes->data(), bytes->size()));
}

std::string bare(const std::string &hex, const char *caps)
{
    auto packet = bare_packet(buffer(hex).get(), adopt(gst_caps_from_string(caps)).get());
    MappedBuffer map(packet.get());
    return to_hex(map.bytes());
}

std::string text(const GstCaps *caps)
{
    auto made = adopt(gst_caps_to_string(caps));
    return made.get();
}

class CopiedPacket : public testing::Test {
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};

TEST_F(CopiedPacket, OfAv1HasNoDelimitersAndNoPadding)
{
    const char *caps = "video/x-av1";
    EXPECT_EQ(bare("1200"
                   "0a0100"
                   "32021000"
                   "7a01aa",
                   caps),
              "0a010032021000");
    EXPECT_EQ(bare("32021000", caps), "32021000");
    EXPECT_EQ(bare("1200"
                   "30aabb",
                   caps),
              "30aabb")
        << "the last one may have no size";
    EXPECT_EQ(bare("1200"
                   "327fff",
                   caps),
              "1200327fff")
        << "cut otherwise than it says: as it is";
    EXPECT_EQ(bare("1200", caps), "1200");
}

TEST_F(CopiedPacket, OfHevcHasNoParameterSetsAndNoDelimiters)
{
    const char *caps = "video/x-h265, codec_data=(buffer)0101600000009000000000005af000fcfdf8f800000f0300";
    EXPECT_EQ(bare("00000003460150"
                   "00000003400101"
                   "00000003420101"
                   "00000003440101"
                   "000000032601aa",
                   caps),
              "000000032601aa");
}

TEST_F(CopiedPacket, GetsAv1sConfigurationFromTheProbe)
{
    CopiedFormat format("video/x-av1, codec_data=(buffer)81000c00");
    auto parsed = adopt(gst_caps_from_string("video/x-av1, codec_data=(buffer)0b00, width=(int)320"));
    EXPECT_EQ(text(format.caps(parsed.get())), "video/x-av1, codec_data=(buffer)81000c00, width=(int)320");
    EXPECT_EQ(format.caps(parsed.get()), format.caps(parsed.get()))
        << "the same caps as long as they do not change";
}

TEST_F(CopiedPacket, GetsHevcsColoursFromTheProbeWhereTheStreamTellsNone)
{
    CopiedFormat format("video/x-h265, colorimetry=(string)bt2100-pq");
    auto silent = adopt(gst_caps_from_string("video/x-h265, width=(int)320"));
    auto telling = adopt(gst_caps_from_string("video/x-h265, colorimetry=(string)bt709"));
    EXPECT_EQ(text(format.caps(silent.get())), "video/x-h265, width=(int)320, colorimetry=(string)bt2100-pq");
    EXPECT_EQ(text(format.caps(telling.get())), "video/x-h265, colorimetry=(string)bt709");
}

TEST_F(CopiedPacket, OfH264IsLeftAsItsStreamHasIt)
{
    CopiedFormat format("video/x-h264, colorimetry=(string)bt709");
    auto caps = adopt(gst_caps_from_string("video/x-h264, width=(int)320"));
    EXPECT_EQ(format.caps(caps.get()), caps.get());
}

} // namespace
