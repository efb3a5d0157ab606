// SPDX-License-Identifier: LGPL-2.1-or-later
// subtitleburn with pictures: exact codes, chroma's place, hostile values.
#include <array>

#include <gtest/gtest.h>

#include "tests/plugins/burn_harness.h"

using namespace butaca;
using test_support::BurnHarness;

namespace {

struct Part {
    std::uint32_t x, y, width, height;
    std::string rgba;
};

std::string flat(std::uint32_t pixels, const std::string &rgba)
{
    std::string bytes;
    for (std::uint32_t i = 0; i < pixels; i++)
        bytes += rgba;
    return bytes;
}

// One cue from 1 to 2 s.
GVariant *cue(std::uint32_t width, std::uint32_t height, const std::vector<Part> &parts,
              std::int64_t start_ns = 1000000000, std::int64_t end_ns = 2000000000)
{
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("a(uuuuay)"));
    for (const Part &part : parts)
        g_variant_builder_add(
            &list, "(uuuu@ay)", part.x, part.y, part.width, part.height,
            g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, part.rgba.data(), part.rgba.size(), 1));
    GVariantBuilder cues;
    g_variant_builder_init(&cues, G_VARIANT_TYPE("a(xxuua(uuuuay))"));
    g_variant_builder_add(&cues, "(xxuua(uuuuay))", start_ns, end_ns, width, height, &list);
    return g_variant_builder_end(&cues);
}

const std::string red("\xff\0\0\xff", 4), white("\xff\xff\xff\xff", 4), half_white("\xff\xff\xff\x80", 4);

struct Case {
    const char *caps;
    std::array<unsigned, 3> red; // Y, Cb, Cr of opaque red
};

} // namespace

class BurnColours : public testing::TestWithParam<Case> {};

TEST_P(BurnColours, AreTheFramesOwn)
{
    BurnHarness burn(std::string("width=16,height=16,") + GetParam().caps);
    burn.set_pictures(cue(16, 16, {{0, 0, 16, 16, flat(256, red)}}));
    const auto out = burn.shown_at(1500000000);
    ASSERT_NE(out, nullptr) << burn.trouble();
    const bool paired = GST_VIDEO_INFO_N_PLANES(&burn.info()) == 2;
    EXPECT_EQ(burn.plane(out.get(), 0)[100], GetParam().red[0]);
    EXPECT_EQ(burn.plane(out.get(), 1)[20], GetParam().red[1]);
    EXPECT_EQ(paired ? burn.plane(out.get(), 1)[21] : burn.plane(out.get(), 2)[20], GetParam().red[2]);
}

// By hand from the definitions (ITU-R BT.601, BT.709, BT.2020; 219 and 224 steps over 16 and around 128).
INSTANTIATE_TEST_SUITE_P(Kinds, BurnColours,
                         testing::Values(Case{"format=I420,colorimetry=bt601", {81, 90, 240}},
                                         Case{"format=I420,colorimetry=bt709", {63, 102, 240}},
                                         Case{"format=NV12,colorimetry=bt709", {63, 102, 240}},
                                         Case{"format=Y42B,colorimetry=bt709", {63, 102, 240}},
                                         Case{"format=Y444,colorimetry=bt709", {63, 102, 240}},
                                         Case{"format=I420,colorimetry=bt2020", {74, 97, 240}},
                                         Case{"format=I420,colorimetry=1:4:0:0", {76, 85, 255}},
                                         Case{"format=I420_10LE,colorimetry=bt709", {250, 409, 960}}));

TEST(BurnPictures, MixByTheirOpacity)
{
    BurnHarness burn("format=I420,width=16,height=16,colorimetry=bt709");
    burn.set_pictures(cue(16, 16, {{0, 0, 16, 16, flat(256, half_white)}}));
    const auto out = burn.shown_at(1500000000);
    EXPECT_NEAR(burn.plane(out.get(), 0)[100], 64 + (235 - 64) * 128 / 255.0, 0.6);
    EXPECT_EQ(burn.plane(out.get(), 1)[20], 128);
}

TEST(BurnPictures, StandWhereTheCanvasSaysAndNowhereElse)
{
    BurnHarness burn("format=I420,width=32,height=16,colorimetry=bt709");
    burn.set_pictures(cue(32, 16, {{7, 3, 2, 5, flat(10, white)}}));
    const auto luma = burn.plane(burn.shown_at(1500000000).get(), 0);
    for (int i = 0; i < 32 * 16; i++) {
        const int x = i % 32, y = i / 32;
        EXPECT_EQ(luma[static_cast<std::size_t>(i)], x >= 7 && x < 9 && y >= 3 && y < 8 ? 235 : 64)
            << x << "," << y;
    }
}

TEST(BurnPictures, WeighChromaByItsPlace)
{
    for (const char *site : {"mpeg2", "jpeg"}) {
        BurnHarness burn(std::string("format=I420,width=16,height=16,colorimetry=bt709,chroma-site=") + site);
        // Red of a third from luma column 4 on, where chroma sample 2 stands, or half a column left of its
        // place.
        burn.set_pictures(cue(16, 16, {{4, 0, 12, 16, flat(192, std::string("\xff\0\0\x55", 4))}}));
        const auto cr = burn.plane(burn.shown_at(1500000000).get(), 2);
        const double full = 128 + 112 / 3.0;
        const bool left = std::string(site) == "mpeg2";
        EXPECT_EQ(cr[1], 128) << site;
        EXPECT_NEAR(cr[2], left ? 128 + 0.75 * 112 / 3 : full, 0.6) << site;
        EXPECT_NEAR(cr[3], full, 0.6) << site;
    }
}

TEST(BurnPictures, GrowAndShrinkWithTheFrame)
{
    for (const int factor : {1, 4}) {
        const std::string size = std::to_string(64 * factor);
        BurnHarness burn("format=I420,colorimetry=bt709,width=" + size + ",height=" + size);
        burn.set_pictures(cue(128, 128, {{64, 64, 64, 64, flat(4096, white)}}));
        const auto luma = burn.plane(burn.shown_at(1500000000).get(), 0);
        double sum = 0;
        for (const auto code : luma)
            sum += code - 64;
        EXPECT_NEAR(sum / (235 - 64) / static_cast<double>(luma.size()), 0.25, 0.02) << size;
    }
}

TEST(BurnPictures, LieInTheMiddleOfAFrameOfOtherShape)
{
    BurnHarness burn("format=I420,colorimetry=bt709,width=64,height=32");
    burn.set_pictures(cue(32, 32, {{0, 0, 32, 32, flat(1024, white)}}));
    const auto luma = burn.plane(burn.shown_at(1500000000).get(), 0);
    EXPECT_EQ(luma[16 * 64 + 15], 64);
    EXPECT_EQ(luma[16 * 64 + 17], 235);
    EXPECT_EQ(luma[16 * 64 + 46], 235);
    EXPECT_EQ(luma[16 * 64 + 48], 64);
}

TEST(BurnPictures, FitFramesOfOddSize)
{
    BurnHarness burn("format=I420,colorimetry=bt709,width=17,height=15");
    burn.set_pictures(cue(17, 15, {{0, 0, 17, 15, flat(17 * 15, red)}}));
    const auto out = burn.shown_at(1500000000);
    for (unsigned i = 0; i < 3; i++)
        for (const auto code : burn.plane(out.get(), i))
            EXPECT_EQ(code, (std::array{63, 102, 240})[i]) << i;
}

TEST(BurnPictures, AreRefusedWhenTheyContradictThemselves)
{
    const std::string four = flat(4, white);
    for (GVariant *bad : {cue(16, 16, {{15, 0, 2, 2, four}}), cue(16, 16, {{0xFFFFFFFF, 0, 2, 2, four}}),
                          cue(16, 16, {{0, 0, 2, 2, four.substr(1)}}), cue(16, 16, {{0, 0, 0, 0, ""}}),
                          cue(0, 16, {}), cue(16, 9000, {}), cue(16, 16, {{0, 0, 65536, 65536, ""}}),
                          cue(16, 16, std::vector<Part>(65, {0, 0, 2, 2, four})), cue(16, 16, {}, 5, 5),
                          cue(16, 16, {}, G_MININT64, G_MAXINT64)}) {
        BurnHarness burn("format=I420,width=16,height=16");
        burn.set_pictures(bad);
        EXPECT_EQ(burn.shown_at(1500000000), nullptr);
        EXPECT_NE(burn.trouble().find("subtitles cannot be drawn"), std::string::npos);
    }
}
