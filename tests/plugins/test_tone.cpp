// SPDX-License-Identifier: LGPL-2.1-or-later
// The light of HDR and wide gamuts on an ordinary screen.
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include <gst/gst.h>
#include <gtest/gtest.h>

#include "plugins/video/tone.h"
#include "tests/plugins/run_launch.h"

using namespace butaca::video;
using test_support::Made;
using test_support::run_launch;

namespace {

using Pixel = std::array<std::uint16_t, 3>;

GstVideoColorimetry colours(const char *name)
{
    GstVideoColorimetry result{};
    EXPECT_TRUE(gst_video_colorimetry_from_string(&result, name)) << name;
    return result;
}

Pixel mapped(const ToneMap &tone, Pixel pixel)
{
    tone.apply(&pixel[0], &pixel[1], &pixel[2], 1);
    return pixel;
}

std::uint16_t pq_code(double nits) { return static_cast<std::uint16_t>(std::lround(pq_signal(nits) * 4095)); }

double shown(std::uint16_t code) { return std::pow(code / 4095.0, 2.4); }

} // namespace

TEST(Tone, KnowsTheLightOfPq)
{
    // Report ITU-R BT.2408, table 1: 58 % is 203 nits, 75 % about 1000.
    EXPECT_NEAR(pq_nits(0.58), 201.6, 2);
    EXPECT_NEAR(pq_nits(0.7518), 1000, 5);
    for (const double nits : {0.01, 1.0, 100.0, 4000.0, 10000.0})
        EXPECT_NEAR(pq_nits(pq_signal(nits)), nits, nits / 1e6);
}

TEST(Tone, LeavesTheDarkAloneAndBringsThePeakToWhite)
{
    EXPECT_EQ(eetf_nits(20, 1000, 203), 20);
    EXPECT_NEAR(eetf_nits(1000, 1000, 203), 203, 0.1);
    EXPECT_NEAR(eetf_nits(4000, 4000, 203), 203, 0.1);
    EXPECT_EQ(eetf_nits(5000, 1000, 203), eetf_nits(1000, 1000, 203));
    EXPECT_EQ(eetf_nits(150, 203, 203), 150) << "a film that is no brighter than the screen";
    for (double nits = 1, last = 0; nits < 1100; nits += 1) {
        const double now = eetf_nits(nits, 1000, 203);
        EXPECT_GE(now, last);
        last = now;
    }
}

TEST(Tone, KeepsGreyGreyAtEveryBrightness)
{
    const ToneMap tone(colours("bt2100-pq"), 1000);
    std::uint16_t last = 0;
    for (unsigned code = 0; code < tone_codes; code += 5) {
        const auto value = static_cast<std::uint16_t>(code);
        const Pixel pixel = mapped(tone, {value, value, value});
        EXPECT_NEAR(pixel[0], pixel[1], 4) << code;
        EXPECT_NEAR(pixel[2], pixel[1], 4) << code;
        EXPECT_GE(pixel[1] + 2, last) << code;
        last = pixel[1];
    }
    EXPECT_EQ(mapped(tone, {0, 0, 0}), (Pixel{0, 0, 0}));
    EXPECT_EQ(mapped(tone, {pq_code(1000), pq_code(1000), pq_code(1000)})[1], 4095);
    EXPECT_NEAR(shown(mapped(tone, {pq_code(20), pq_code(20), pq_code(20)})[1]) * 203, 20, 0.3);
}

TEST(Tone, HoldsTheHueOfABrightColour)
{
    // An orange within BT.709 dim and near the screen's brightest: the ratios of its channels stay.
    const auto orange = [](double by) { return Pixel{pq_code(60 * by), pq_code(40 * by), pq_code(25 * by)}; };
    const ToneMap tone(colours("bt2100-pq"), 1000);
    const Pixel dim = mapped(tone, orange(1)), bright = mapped(tone, orange(2.5));
    EXPECT_GT(bright[0], dim[0]);
    EXPECT_NEAR(shown(bright[0]) / shown(bright[1]), shown(dim[0]) / shown(dim[1]), 0.05);
    EXPECT_NEAR(shown(bright[2]) / shown(bright[1]), shown(dim[2]) / shown(dim[1]), 0.05);
    const Pixel glaring = mapped(tone, orange(12));
    EXPECT_GT(glaring[0], glaring[1]);
    EXPECT_GT(glaring[1], glaring[2]);
}

TEST(Tone, BringsWideColoursIntoTheScreensOwn)
{
    // The red of BT.709 in the primaries of BT.2020 (ITU-R BT.2087) at full light, gamma 2.4.
    const auto code = [](double light) {
        return static_cast<std::uint16_t>(std::lround(std::pow(light, 1 / 2.4) * 4095));
    };
    const ToneMap tone(colours("bt2020"), usual_peak_nits);
    const Pixel red = mapped(tone, {code(0.6274), code(0.0691), code(0.0164)});
    EXPECT_NEAR(red[0], 4095, 12);
    EXPECT_LT(shown(red[1]), 0.003);
    EXPECT_LT(shown(red[2]), 0.003);
    // What BT.709 does not have stays green.
    const Pixel green = mapped(tone, {0, 4095, 0});
    EXPECT_GT(green[1], green[0]);
    EXPECT_GT(green[1], green[2]);
}

TEST(Tone, ShowsHlgWhiteBrightAndItsGreyInTheMiddle)
{
    const ToneMap tone(colours("bt2100-hlg"), usual_peak_nits);
    EXPECT_EQ(mapped(tone, {4095, 4095, 4095})[1], 4095);
    // 75 % is graphics white (BT.2408): bright, but with room above it; 38 % is an 18 % grey card, 26 nits.
    const double white = shown(mapped(tone, {3071, 3071, 3071})[1]);
    EXPECT_GT(white, 0.5);
    EXPECT_LT(white, 0.9);
    EXPECT_NEAR(shown(mapped(tone, {1556, 1556, 1556})[1]) * 203, 26, 3);
}

TEST(Tone, TakesThePeakFromWhatTheFilmTells)
{
    const auto caps = [](const char *text) { return butaca::adopt(gst_caps_from_string(text)); };
    EXPECT_EQ(peak_nits_of(caps("video/x-raw").get()), usual_peak_nits);
    EXPECT_EQ(peak_nits_of(caps("video/x-raw,content-light-level=(string)600:200").get()), 600);
    EXPECT_EQ(peak_nits_of(caps("video/x-raw,content-light-level=(string)0:0").get()), usual_peak_nits);
    EXPECT_EQ(peak_nits_of(caps("video/x-raw,mastering-display-info=(string)"
                                "34000:16000:13250:34500:7500:3000:15635:16450:40000000:50")
                               .get()),
              4000);
}

TEST(Tone, GivesWideFilmsTheColoursOfOrdinaryOnesAndSaysSo)
{
    for (const char *name : {"bt2100-pq", "bt2100-hlg", "bt2020-10"}) {
        const Made made = run_launch(std::string("videotestsrc num-buffers=2 ! video/x-raw,format=I420_10LE,"
                                                 "width=128,height=64,colorimetry=") +
                                     name + " ! videotranscode");
        ASSERT_EQ(made.packets.size(), 2U) << made.error;
        EXPECT_STREQ(gst_structure_get_string(gst_caps_get_structure(made.caps.get(), 0), "colorimetry"),
                     "bt709")
            << name;
    }
}
