// SPDX-License-Identifier: LGPL-2.1-or-later
// What texts look like, from cues to pixels, against pictures that people have looked at (looks/*.png). To
// make them anew, after a look at the difference: BUTACA_NEW_LOOKS names a folder to write to.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "pipelines/subtitle_script.h"
#include "tests/plugins/burn_harness.h"
#include "tests/plugins/run_launch.h"

using namespace butaca;
using test_support::BurnHarness;
using test_support::run_launch;

namespace {

struct Look {
    const char *name, *text, *settings;
    std::uint32_t width, height;
};

std::string folder() { return std::string(std::getenv("BUTACA_SOURCE_ROOT")) + "/tests/plugins/looks/"; }

// Luma of a frame with the cue in it.
std::string drawn(const Look &look)
{
    media::Subtitles track;
    media::Cue cue;
    cue.start_ns = 15'042'000'000;
    cue.end_ns = 18'625'000'000;
    cue.text = look.text;
    cue.settings = look.settings;
    track.cues.push_back(cue);
    BurnHarness burn("format=I420,colorimetry=bt709,width=" + std::to_string(look.width) +
                     ",height=" + std::to_string(look.height));
    burn.set_script(pipelines::subtitle_script(track, {.from_ns = 16'000'000'000,
                                                       .to_ns = 18'000'000'000,
                                                       .zero_ns = 1'000'000'000,
                                                       .display_width = look.width,
                                                       .display_height = look.height}));
    const auto out = burn.shown_at(16'000'000'000);
    EXPECT_EQ(burn.trouble(), "") << "are all the fonts of scripts/deps there?";
    std::string luma;
    for (const auto code : burn.plane(out.get(), 0))
        luma += static_cast<char>(code);
    return luma;
}

void write_png(const std::string &path, const std::string &luma, const Look &look)
{
    const std::string launch = "appsrc name=in ! pngenc compression-level=9 ! filesink location=" + path;
    const auto pipeline = sink(gst_parse_launch(launch.c_str(), nullptr));
    const auto source = adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
    const auto caps = adopt(gst_caps_new_simple(
        "video/x-raw", "format", G_TYPE_STRING, "GRAY8", "width", G_TYPE_INT, static_cast<int>(look.width),
        "height", G_TYPE_INT, static_cast<int>(look.height), "framerate", GST_TYPE_FRACTION, 0, 1, nullptr));
    gst_app_src_set_caps(GST_APP_SRC(source.get()), caps.get());
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    gst_app_src_push_buffer(GST_APP_SRC(source.get()), gst_buffer_new_memdup(luma.data(), luma.size()));
    gst_app_src_end_of_stream(GST_APP_SRC(source.get()));
    const auto bus = adopt(gst_element_get_bus(pipeline.get()));
    const auto end = adopt(gst_bus_timed_pop_filtered(
        bus.get(), GST_CLOCK_TIME_NONE,
        static_cast<GstMessageType>(int{GST_MESSAGE_EOS} | int{GST_MESSAGE_ERROR})));
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

} // namespace

class SubtitleLooks : public testing::TestWithParam<Look> {};

TEST_P(SubtitleLooks, AreThoseThatPeopleFoundGood)
{
    const Look &look = GetParam();
    const std::string luma = drawn(look);
    ASSERT_EQ(luma.size(), static_cast<std::size_t>(look.width) * look.height);
    if (const char *target = std::getenv("BUTACA_NEW_LOOKS"))
        write_png(std::string(target) + "/" + look.name + ".png", luma, look);
    const std::string path = folder() + look.name + ".png";
    ASSERT_TRUE(std::filesystem::exists(path)) << path;
    const auto reference = run_launch("filesrc location=" + path + " ! pngdec ! ");
    ASSERT_EQ(reference.packets.size(), 1U) << reference.error;
    ASSERT_EQ(reference.packets[0].bytes.size(), luma.size());
    // Of a text's own weight against the plain ground: another build of FreeType may hint a bit otherwise,
    // but letters that are missing, elsewhere or not joined are far beyond.
    double difference = 0, weight = 0;
    for (std::size_t i = 0; i < luma.size(); i++) {
        const int mine = static_cast<unsigned char>(luma[i]);
        const int theirs = static_cast<unsigned char>(reference.packets[0].bytes[i]);
        difference += std::abs(mine - theirs);
        weight += std::abs(theirs - 64);
    }
    EXPECT_GT(weight, 10000);
    EXPECT_LT(difference, 0.05 * weight) << look.name;
}

TEST(SubtitleFonts, ComeFromTheScriptWhereTheMachineHasNone)
{
    // Of fonts-noto-core, on which the default style rests.
    Owned<char> bytes;
    gsize size = 0;
    ASSERT_TRUE(g_file_get_contents("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", Out(bytes), &size,
                                    nullptr))
        << "scripts/deps run";
    const auto file = std::filesystem::temp_directory_path() / ("no-fonts-" + std::to_string(getpid()));
    ASSERT_TRUE(g_file_set_contents(file.c_str(), "<fontconfig></fontconfig>", -1, nullptr));
    setenv("FONTCONFIG_FILE", file.c_str(), 1);
    for (const bool brings_font : {false, true}) {
        media::Subtitles track;
        track.form = media::CueForm::styled;
        const std::string script = test_support::ass_document({});
        track.ass_header = script.substr(0, script.find("[Events]"));
        if (brings_font)
            track.fonts.push_back({"NotoSans.ttf", std::string(bytes.get(), size)});
        media::Cue cue;
        cue.start_ns = 0;
        cue.end_ns = 1'000'000'000;
        cue.ass = "0,Default,,0,0,0,,Hola";
        track.cues.push_back(cue);
        BurnHarness burn("format=I420,width=640,height=360");
        burn.set_script(pipelines::subtitle_script(track, {.from_ns = 0, .to_ns = 1'000'000'000}));
        const auto luma = burn.plane(burn.shown_at(0).get(), 0);
        const bool shows = std::any_of(luma.begin(), luma.end(), [](unsigned code) { return code > 200; });
        EXPECT_EQ(shows, brings_font);
        EXPECT_EQ(burn.trouble().empty(), brings_font);
    }
    unsetenv("FONTCONFIG_FILE");
    std::filesystem::remove(file);
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, SubtitleLooks,
    testing::Values(
        Look{"spanish",
             "deberíamos estar contentos de obedecerlas,\n<i>¿o intentaríamos enmendarlas, niño?</i>", "",
             640, 360},
        Look{"arabic", "...إلى... إلى الشمال يمكن أن نرى\n...يمكن أن نرى الـ", "", 640, 360},
        Look{"japanese", "すべて安全\n完璧に安全だ、<ruby>君<rt>きみ</rt></ruby>は「聞き方」を知る", "", 640,
             360},
        Look{"hindi", "क्षत्रिय ने कहा: “मैं हिन्दी में लिखता हूँ।”", "", 640, 360},
        Look{"hebrew_thai", "שלום, מה שלומך?\nสวัสดีครับ ผมชื่อเอมิล", "", 640, 360},
        Look{"russian_korean_chinese",
             "Слева мы видим… подъём\n안녕하세요, 여기는 안전해요\n你好，这里很安全", "line:0", 640, 360},
        Look{"upright",
             "The co-founder of the social news and entertainment website \"reddit\" has been found dead", "",
             360, 640},
        Look{"braces", "{\\b1} C:\\New &lt;b&gt; <c.yellow>yellow</c> <b>bold</b>",
             "align:start position:10%", 640, 360}),
    [](const auto &look) { return look.param.name; });
