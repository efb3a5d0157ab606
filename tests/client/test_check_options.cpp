// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdlib>

#include <gtest/gtest.h>

#include "client/check/options.h"
#include "client/check/report.h"
#include "src/base/files.h"
#include "src/base/json.h"

using namespace butaca;
using namespace butaca::client::check;

namespace {

Result<CheckOptions> parse(std::vector<const char *> words) { return parse_check(words); }

} // namespace

TEST(CheckOptions, TakeAnAddressAndWhatIsToBeSent)
{
    const auto options =
        parse({"--limit", "3", "--header=Cookie: a=b", "--json", "https://example.com/a.m3u8?b#c"});
    ASSERT_TRUE(options.has_value());
    EXPECT_EQ(options->settings.url, "https://example.com/a.m3u8?b#c");
    EXPECT_EQ(options->settings.segments_most, 3U);
    EXPECT_EQ(options->settings.headers.get("cookie"), "a=b");
    EXPECT_TRUE(options->json);
}

TEST(CheckOptions, RefuseWhatTheyDoNotUnderstand)
{
    const std::vector<std::vector<const char *>> wrong{
        {},
        {"film.m3u8"},
        {"file:///film.m3u8"},
        {"http://a/b", "http://a/c"},
        {"--nonsense", "http://a/b"},
        {"http://a/b", "--limit"},
        {"--limit", "0", "http://a/b"},
        {"--timeout=-1", "http://a/b"},
        {"--header", "no colon", "http://a/b"},
        {"--header", "A: b\r\nC: d", "http://a/b"},
    };
    for (const auto &words : wrong) {
        const auto options = parse_check(words);
        ASSERT_FALSE(options.has_value());
        EXPECT_EQ(options.error().code, ErrorCode::invalid_argument);
        EXPECT_FALSE(options.error().message.empty());
    }
}

TEST(CheckRules, HaveTwoLanguagesWithTheSameGaps)
{
    const auto gaps = [](std::string_view text) {
        std::size_t count = 0;
        for (std::size_t at = text.find("{}"); at != text.npos; at = text.find("{}", at + 2))
            count++;
        return count;
    };
    std::set<std::string> ids;
    for (const RuleEntry &entry : rules()) {
        EXPECT_TRUE(ids.insert(entry.id).second) << entry.id;
        EXPECT_EQ(gaps(entry.found_en), gaps(entry.found_es)) << entry.id;
        EXPECT_STRNE(entry.demand_en, entry.demand_es) << entry.id;
    }
}

TEST(CheckRules, StandInTheDocumentationAsTheyAre)
{
    const auto page = read_file(std::string(std::getenv("BUTACA_SOURCE_ROOT")) + "/docs/check.md", 1 << 20);
    ASSERT_TRUE(page.has_value());
    EXPECT_TRUE(page->ends_with(rules_in_markdown(client::Language::english)))
        << "the end of docs/check.md is what `butaca check --rules` prints";
}

TEST(CheckReport, LetsNoEscapeSequenceOfTheStreamReachTheTerminal)
{
    Findings findings;
    findings.add(Rule::tag_unknown, {"a.m3u8", 3, no_segment}, {"\x1b[2J\xc2\x9b\xff"});
    findings.add(Rule::tag_unknown, {"a.m3u8", 9, no_segment}, {"B"});
    const std::string text = report_text(findings, client::Language::english);
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find("\xc2\x9b"), std::string::npos);
    EXPECT_NE(text.find("a.m3u8, line 3"), std::string::npos);
    EXPECT_NE(text.find("(and 1 times more)"), std::string::npos);
    const auto json = json::Value::parse(report_json("http://a/b", {}, findings, client::Language::spanish));
    ASSERT_TRUE(json.has_value());
    EXPECT_EQ((*json)["note"].integer(), 1);
    EXPECT_EQ((*json)["findings"].items().at(0)["times"].integer(), 2);
}
