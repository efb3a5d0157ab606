// SPDX-License-Identifier: LGPL-2.1-or-later
// subtitleburn with scripts: what shows when, and that it depends on nothing else.
#include <algorithm>

#include <gtest/gtest.h>

#include "tests/plugins/burn_harness.h"

using namespace butaca;
using test_support::ass_document;
using test_support::BurnHarness;

namespace {

constexpr std::int64_t second = 1'000'000'000;
const std::string small = "format=I420,width=640,height=360";

bool is_plain(const BurnHarness &burn, GstBuffer *buffer)
{
    for (unsigned i = 0; i < GST_VIDEO_INFO_N_PLANES(&burn.info()); i++) {
        const auto codes = burn.plane(buffer, i);
        if (std::any_of(codes.begin(), codes.end(), [i](unsigned code) { return code != (i ? 128U : 64U); }))
            return false;
    }
    return true;
}

// Where the luma differs from the plain frame.
struct Extent {
    int left = 1 << 20, right = -1, top = 1 << 20, bottom = -1;
};

Extent extent_of(const BurnHarness &burn, GstBuffer *buffer)
{
    Extent extent;
    const auto codes = burn.plane(buffer, 0);
    const int width = burn.info().width;
    for (int i = 0; i < static_cast<int>(codes.size()); i++)
        if (codes[static_cast<std::size_t>(i)] != 64) {
            extent.left = std::min(extent.left, i % width);
            extent.right = std::max(extent.right, i % width);
            extent.top = std::min(extent.top, i / width);
            extent.bottom = std::max(extent.bottom, i / width);
        }
    return extent;
}

std::string all_planes(const BurnHarness &burn, GstBuffer *buffer)
{
    std::string bytes;
    for (unsigned i = 0; i < GST_VIDEO_INFO_N_PLANES(&burn.info()); i++)
        for (const std::uint16_t code : burn.plane(buffer, i))
            bytes += static_cast<char>(code);
    return bytes;
}

// Overlaps, movement, fallback fonts and effects.
const std::string busy = ass_document({
    "0,0:00:01.00,0:00:04.00,Default,,0,0,0,,first",
    "0,0:00:02.00,0:00:06.00,Default,,0,0,0,,second 見える",
    "0,0:00:03.00,0:00:08.00,Default,,0,0,0,,{\\fad(500,500)}third ★ กขค",
    "0,0:00:05.00,0:00:09.00,Default,,0,0,0,,{\\t(\\fs60)}fourth ☎",
    "1,0:00:05.00,0:00:09.00,Default,,0,0,0,,{\\move(10,10,600,300)}moves",
    "0,0:00:09.50,0:00:11.00,Default,,0,0,0,,عليك ☎ ★",
    "0,0:00:10.00,0:00:12.00,Default,,0,0,0,,हिन्दी",
});

} // namespace

TEST(SubtitleBurn, PassesFramesWithNothingToShowUntouched)
{
    BurnHarness burn(small);
    burn.set_script(ass_document({"0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hola"}));
    for (const std::int64_t time : {std::int64_t{0}, second - 1, 2 * second, 50 * second}) {
        auto frame = burn.frame(time);
        const auto other = adopt(gst_buffer_ref(frame.get())); // so that nobody may write
        const auto out = burn.push(std::move(frame));
        EXPECT_EQ(out.get(), other.get()) << time;
        EXPECT_TRUE(is_plain(burn, out.get())) << time;
    }
}

TEST(SubtitleBurn, NeverWritesIntoAFrameThatSomebodyElseHolds)
{
    BurnHarness burn(small);
    burn.set_script(ass_document({"0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hola"}));
    auto frame = burn.frame(second);
    const auto other = adopt(gst_buffer_ref(frame.get()));
    const auto out = burn.push(std::move(frame));
    EXPECT_TRUE(is_plain(burn, other.get()));
    EXPECT_FALSE(is_plain(burn, out.get()));
}

TEST(SubtitleBurn, WritesInPlaceWhereItMay)
{
    BurnHarness burn(small);
    burn.set_script(ass_document({"0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hola"}));
    auto frame = burn.frame(second);
    const GstBuffer *in = frame.get();
    EXPECT_EQ(burn.push(std::move(frame)).get(), in);
}

TEST(SubtitleBurn, ShowsACueAfterAJumpIntoItsMiddle)
{
    BurnHarness burn(small);
    burn.set_script(ass_document({"0,2:00:00.00,2:00:10.00,Default,,0,0,0,,Hola"}));
    const auto out = burn.shown_at(7205 * second);
    EXPECT_FALSE(is_plain(burn, out.get()));
    const Extent extent = extent_of(burn, out.get());
    EXPECT_GT(extent.top, 360 * 3 / 4) << "at the bottom";
    EXPECT_NEAR((extent.left + extent.right) / 2, 320, 4) << "in the middle";
}

TEST(SubtitleBurn, ShowsTheSameWhateverCameBefore)
{
    std::vector<std::int64_t> times;
    for (std::int64_t time = 0; time < 13 * second; time += 130'000'000)
        times.push_back(time);
    BurnHarness forwards(small), backwards(small);
    forwards.set_script(busy);
    backwards.set_script(busy);
    std::vector<std::string> there, back;
    for (const std::int64_t time : times)
        there.push_back(all_planes(forwards, forwards.shown_at(time).get()));
    std::reverse(times.begin(), times.end());
    for (const std::int64_t time : times)
        back.push_back(all_planes(backwards, backwards.shown_at(time).get()));
    std::reverse(back.begin(), back.end());
    for (std::size_t i = 0; i < times.size(); i++)
        EXPECT_TRUE(there[i] == back[i]) << "frame " << i;
    for (const std::size_t i : {3U, 20U, 45U, 60U, 82U}) {
        BurnHarness fresh(small);
        fresh.set_script(busy);
        EXPECT_TRUE(there[i] ==
                    all_planes(fresh, fresh.shown_at(static_cast<std::int64_t>(i) * 130'000'000).get()))
            << "frame " << i << " by itself";
    }
}

TEST(SubtitleBurn, LeavesACueWhereItStandsWhenTheOneBelowItEnds)
{
    BurnHarness burn(small);
    burn.set_script(ass_document(
        {"0,0:00:01.00,0:00:04.00,Default,,0,0,0,,below", "0,0:00:02.00,0:00:06.00,Default,,0,0,0,,above"}));
    const Extent both = extent_of(burn, burn.shown_at(3 * second).get());
    const Extent one = extent_of(burn, burn.shown_at(5 * second).get());
    EXPECT_EQ(one.top, both.top);
    EXPECT_LT(one.bottom, both.bottom - 10);
}

TEST(SubtitleBurn, AddsTheOffsetToAFramesTime)
{
    BurnHarness burn(small);
    burn.set_script(ass_document({"0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hola"}));
    g_object_set(burn.element(), "time-offset-ns", std::int64_t{-100} * second, nullptr);
    EXPECT_TRUE(is_plain(burn, burn.shown_at(second).get()));
    EXPECT_FALSE(is_plain(burn, burn.shown_at(101 * second).get()));
}

TEST(SubtitleBurn, MakesLettersNarrowerWhereEachPixelIsWide)
{
    BurnHarness square("format=I420,width=640,height=360,pixel-aspect-ratio=1/1");
    BurnHarness wide("format=I420,width=640,height=360,pixel-aspect-ratio=2/1");
    int widths[2], index = 0;
    for (BurnHarness *burn : {&square, &wide}) {
        burn->set_script(ass_document({"0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hola"}));
        const Extent extent = extent_of(*burn, burn->shown_at(second).get());
        widths[index++] = extent.right - extent.left;
    }
    EXPECT_NEAR(widths[0], 2 * widths[1], 5);
}

TEST(SubtitleBurn, TakesANewScriptWithTheNextFrame)
{
    BurnHarness burn(small);
    burn.set_script(ass_document({"0,0:00:01.00,0:00:02.00,Default,,0,0,0,,Hola"}));
    EXPECT_FALSE(is_plain(burn, burn.shown_at(second).get()));
    burn.set_script("");
    EXPECT_TRUE(is_plain(burn, burn.shown_at(second).get()));
}

TEST(SubtitleBurn, RefusesWhatIsNoScriptInWords)
{
    for (const std::string &bad : {std::string("this is no script"), std::string("[Script Info]\n\xff\xfe"),
                                   std::string(49UL << 20, ' ')}) {
        BurnHarness burn(small);
        burn.set_script(bad);
        EXPECT_EQ(burn.shown_at(second), nullptr);
        EXPECT_EQ(burn.flow(), GST_FLOW_ERROR);
        EXPECT_NE(burn.trouble().find("subtitles cannot be drawn"), std::string::npos);
    }
}

TEST(SubtitleBurn, SurvivesHostileScripts)
{
    std::string nested = "0,0:00:01.00,0:00:02.00,Default,,0,0,0,,";
    for (int i = 0; i < 3000; i++)
        nested += "{\\t(\\t(\\fscx1e30\\blur1e9\\fs-1e9\\clip(m 0 0 l 1e9 1e9))";
    for (const std::string &dialogue :
         {nested, std::string("0,99999999999:00:00.00,-5:00:00.00,Nobody,,-1,-1,-1,Banner;0;0;-9,x"),
          std::string("0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 99999999 0 99999999 "
                      "99999999{\\pos(1e99,nan)}"),
          std::string("0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\fs100000\\bord100000}W")}) {
        BurnHarness burn(small);
        burn.set_script(ass_document({dialogue}));
        EXPECT_NE(burn.shown_at(second + 40'000'000), nullptr);
    }
}

TEST(SubtitleBurn, SaysThatAGlyphIsMissing)
{
    BurnHarness burn(small);
    burn.set_script(ass_document({"0,0:00:01.00,0:00:02.00,Default,,0,0,0,,\U000F1234"})); // for private use
    EXPECT_NE(burn.shown_at(second), nullptr);
    EXPECT_NE(burn.trouble().find("font"), std::string::npos);
    EXPECT_NE(burn.shown_at(second + 40'000'000), nullptr);
    EXPECT_EQ(burn.trouble(), "") << "once is enough";
}

TEST(SubtitleBurn, TakesNoPictureThatIsTooLarge)
{
    const auto factory = adopt(gst_element_factory_find("subtitleburn"));
    for (const auto &[size, takes] : {std::pair{"8192", true}, std::pair{"16384", false}}) {
        const auto caps = adopt(gst_caps_from_string(
            (std::string("video/x-raw,format=I420,framerate=25/1,width=") + size + ",height=" + size)
                .c_str()));
        EXPECT_EQ(gst_element_factory_can_sink_all_caps(factory.get(), caps.get()), takes) << size;
    }
}

TEST(SubtitleBurn, NamesItsRendererAndFonts)
{
    BurnHarness burn(small);
    gchar *raw = nullptr;
    g_object_get(burn.element(), "renderer-version", &raw, nullptr);
    const auto version = adopt(raw);
    EXPECT_NE(std::string(version.get()).find("libass 0."), std::string::npos) << version.get();
    EXPECT_NE(std::string(version.get()).find("fonts "), std::string::npos) << version.get();
}
