// SPDX-License-Identifier: LGPL-2.1-or-later
// What really reaches standard error, read back through gtest's capture of the descriptor.
#include <algorithm>
#include <string>

#include <glib.h>
#include <gtest/gtest.h>

#include "src/base/log.h"

using namespace butaca;
using namespace std::string_literals;

namespace {

template <typename Call> std::string stderr_of(Call &&call)
{
    log::init("test", log::Level::info);
    testing::internal::CaptureStderr();
    call();
    return testing::internal::GetCapturedStderr();
}

bool ends_with(const std::string &text, std::string_view end)
{
    return std::string_view(text).ends_with(end);
}

} // namespace

TEST(Log, WritesOneLineWithItsFields)
{
    std::string text = stderr_of([] {
        log::info("gate.request", {{"status", 200},
                                   {"sent_bytes", std::uint64_t{1} << 63},
                                   {"took_s", 0.25},
                                   {"cached", true},
                                   {"title", "two words"},
                                   {"nothing", ""}});
    });
    EXPECT_TRUE(text.starts_with("time=2")) << text;
    EXPECT_TRUE(ends_with(text, "Z level=info process=test event=gate.request status=200 "
                                "sent_bytes=9223372036854775808 took_s=0.25 cached=true title=\"two words\" "
                                "nothing=\"\"\n"))
        << text;
}

TEST(Log, LeavesOutWhatIsBelowTheLeastLevel)
{
    EXPECT_EQ(stderr_of([] { log::debug("quiet"); }), "");
}

TEST(Log, KeepsEveryByteStringOnOneLine)
{
    std::string every;
    for (int c = 0; c < 256; ++c)
        every += static_cast<char>(c);
    std::string text = stderr_of([&] { log::warn("odd", {{"value", every}}); });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_TRUE(
        std::all_of(text.begin(), text.end() - 1, [](unsigned char c) { return c >= 32 && c < 127; }));
    EXPECT_TRUE(ends_with(text, "\\xff\"\n"));
}

TEST(Log, CannotBeMadeToForgeAField)
{
    std::string text = stderr_of([] {
        log::info("x", {{"name", "a\" level=error\nlevel=error \\"}, {"two words=", "a=b"}});
    });
    EXPECT_TRUE(ends_with(text, R"( name="a\" level=error\nlevel=error \\" two_words_="a=b")"
                                "\n"))
        << text;
}

TEST(Log, KeepsPrintableUnicodeButNoLineSeparators)
{
    std::string text = stderr_of([] { log::info("x", {{"title", "Señor\u2028\u0085\u00e9"}}); });
    EXPECT_TRUE(ends_with(text, "title=\"Señor\\xe2\\x80\\xa8\\xc2\\x85é\"\n")) << text;
}

TEST(Log, BringsGlibsMessagesIntoTheSameForm)
{
    std::string text = stderr_of([] { g_log("Some-Domain", G_LOG_LEVEL_WARNING, "first\nsecond"); });
    EXPECT_TRUE(ends_with(text, "level=warn process=test event=glib.message domain=Some-Domain "
                                "message=\"first\\nsecond\"\n"))
        << text;
    text = stderr_of([] { g_log_structured("Other", G_LOG_LEVEL_MESSAGE, "MESSAGE", "%s", "structured"); });
    EXPECT_TRUE(ends_with(text, "level=info process=test event=glib.message domain=Other "
                                "message=structured\n"))
        << text;
}

TEST(LogDeathTest, DiesOfFatalGlibMessages)
{
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            g_log_set_always_fatal(static_cast<GLogLevelFlags>(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL));
            log::init("test");
            g_log_structured("Other", G_LOG_LEVEL_CRITICAL, "MESSAGE", "%s", "bad");
        },
        "message=bad");
}

TEST(Log, ReadsLevelsByName)
{
    EXPECT_EQ(log::level_from("debug"), log::Level::debug);
    EXPECT_EQ(log::level_from("warn"), log::Level::warn);
    EXPECT_EQ(log::level_from("error"), log::Level::error);
    EXPECT_EQ(log::level_from("info"), log::Level::info);
    EXPECT_EQ(log::level_from("loud"), log::Level::info);
}
