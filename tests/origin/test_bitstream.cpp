// SPDX-License-Identifier: LGPL-2.1-or-later
// What is read from compressed pictures themselves, on bytes made by hand and by encoders.
#include <initializer_list>

#include <gtest/gtest.h>

#include "src/base/encoding.h"
#include "src/origin/av1.h"
#include "src/origin/bitstream.h"
#include "src/origin/parameter_sets.h"

namespace butaca::origin {

namespace {

std::vector<std::uint8_t> bytes(const std::string &hex)
{
    auto text = from_hex(hex);
    EXPECT_TRUE(text) << hex;
    return {text->begin(), text->end()};
}

Owned<GstBuffer> buffer(const std::string &hex)
{
    auto data = bytes(hex);
    return adopt(gst_buffer_new_memdup(data.data(), data.size()));
}

// av1C by libaom for 8 and 10 bits, and the sequence headers that it wrote.
const std::string header_8_bits = "0a0b000000043cfeccdaf90040";
const std::string header_10_bits = "0a0e000000043cfeccdaf95091009040";
const std::string delimiter = "1200";
const std::string key_frame = "32021000"; // show_existing_frame 0, KEY_FRAME, show_frame 1
const std::string hidden_key_frame = "32020000";
const std::string inter_frame = "32023000";

class Bitstream : public testing::Test {
protected:
    static void SetUpTestSuite() { gst_init(nullptr, nullptr); }
};
class ParameterSetsSeen : public Bitstream {};

} // namespace

TEST(Av1, ConfigurationIsWhatTheEncoderWrote)
{
    EXPECT_EQ(av1_configuration(bytes(delimiter + header_8_bits + key_frame)), bytes("81000c00"));
    EXPECT_EQ(av1_configuration(bytes(header_10_bits)), bytes("81004c00"));
}

TEST(Av1, ConfigurationIsNothingWithoutAWholeSequenceHeader)
{
    EXPECT_FALSE(av1_configuration(bytes(delimiter + key_frame)));
    EXPECT_FALSE(av1_configuration({}));
    EXPECT_FALSE(av1_configuration(bytes("0a03000000"))) << "cut off";
    EXPECT_FALSE(av1_configuration(bytes("0a7f0000"))) << "longer than the packet";
    EXPECT_FALSE(av1_configuration(bytes("8a0b000000043cfeccdaf90040"))) << "the forbidden bit";
}

TEST(Av1, StartsAloneAtAShownKeyFrameWithItsSequenceHeader)
{
    EXPECT_TRUE(av1_starts_alone(bytes(delimiter + header_8_bits + key_frame)));
    EXPECT_FALSE(av1_starts_alone(bytes(delimiter + key_frame)));
    EXPECT_FALSE(av1_starts_alone(bytes(header_8_bits + inter_frame)));
    EXPECT_FALSE(av1_starts_alone(bytes(header_8_bits + hidden_key_frame)));
    EXPECT_FALSE(av1_starts_alone(bytes(header_8_bits)));
}

TEST_F(Bitstream, Vp9StartsAloneAtAKeyFrameOnly)
{
    auto caps = adopt(gst_caps_from_string("video/x-vp9"));
    auto judged = [&](const std::string &hex) {
        Packet packet;
        packet.keyframe = true;
        judge_picture(caps.get(), buffer(hex).get(), false, packet);
        return packet;
    };
    EXPECT_TRUE(judged("82498342").starts_alone) << "profile 0, key frame, shown";
    EXPECT_TRUE(judged("92498342").starts_alone) << "profile 2";
    EXPECT_FALSE(judged("86498342").starts_alone) << "not a key frame, whatever the container says";
    EXPECT_FALSE(judged("88498342").starts_alone) << "an old frame shown again";
    EXPECT_TRUE(judged("84498342").hidden) << "decoded, not shown";
}

TEST_F(Bitstream, AHevcPictureFromWhichADecoderOnlyRecoversIsNotClean)
{
    auto caps = adopt(gst_caps_from_string(
        "video/x-h265, codec_data=(buffer)0101600000009000000000005af000fcfdf8f800000f0300"));
    auto alone = [&](const std::string &hex) {
        Packet packet;
        packet.keyframe = true;
        judge_picture(caps.get(), buffer(hex).get(), false, packet);
        return packet.starts_alone;
    };
    EXPECT_TRUE(alone("00000003260101")) << "IDR";
    EXPECT_TRUE(alone("000000032a0101")) << "CRA";
    EXPECT_FALSE(alone("00000003020101")) << "a trailing picture";
}

TEST_F(ParameterSetsSeen, AgainChangeNothing)
{
    auto caps = adopt(gst_caps_from_string("video/x-h265, stream-format=(string)byte-stream"));
    ParameterSets sets;
    const std::string own = "000001400101"
                            "000001420102"
                            "00000144010300";
    sets.take(caps.get(), buffer(own + "0000012601aa").get());
    sets.take(caps.get(), buffer("0000010201aa").get());
    sets.take(caps.get(), buffer(own + "0000012601bb").get());
    EXPECT_FALSE(sets.changed());
    sets.take(caps.get(), buffer("000001440104"
                                 "0000012601bb")
                              .get());
    EXPECT_TRUE(sets.changed());
}

TEST_F(ParameterSetsSeen, InTheCapsAreKnownFromTheBeginning)
{
    // One SPS (674d) and one PPS (68ee).
    auto caps =
        adopt(gst_caps_from_string("video/x-h264, codec_data=(buffer)014d401effe10002674d01000268ee"));
    ParameterSets sets;
    sets.take(caps.get(), buffer("0000000265aa").get());
    sets.take(caps.get(), buffer("00000002674d"
                                 "0000000268ee"
                                 "0000000265aa")
                              .get());
    EXPECT_FALSE(sets.changed());
    sets.take(caps.get(), buffer("0000000268ef"
                                 "0000000265aa")
                              .get());
    EXPECT_TRUE(sets.changed());
}

TEST_F(ParameterSetsSeen, InDamagedCapsAreNotReadBeyondWhatIsThere)
{
    for (const char *record :
         {"01", "014d401eff", "014d401effff", "014d401effe1ffff67", "014d401effe10002674dff0002"}) {
        auto caps =
            adopt(gst_caps_from_string((std::string("video/x-h264, codec_data=(buffer)") + record).c_str()));
        ParameterSets sets;
        sets.take(caps.get(), buffer("ffffffff67").get());
        sets.take(caps.get(), buffer("00").get());
        EXPECT_FALSE(sets.changed()) << record;
    }
}

} // namespace butaca::origin
