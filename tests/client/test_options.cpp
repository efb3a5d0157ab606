// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "client/options.h"
#include "client/places.h"
#include "client/words.h"

using namespace butaca;
using client::parse_up;

namespace {

Result<client::UpOptions> parse(std::vector<const char *> words) { return parse_up(words); }

} // namespace

TEST(UpOptions, HaveTheDefaultsOfTheContract)
{
    auto options = parse({});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->address, "127.0.0.1");
    EXPECT_EQ(options->port, 8080);
    EXPECT_EQ(options->rtsp_port, 8554);
    EXPECT_EQ(options->vs_port, 8081);
    EXPECT_EQ(options->as_port, 8082);
}

TEST(UpOptions, TakeTheLastOfTwoAndAllOfThoseThatMayBeRepeated)
{
    auto options = parse({"--data", "a", "--data=b=c", "--video", "x", "--video", "y", "--port=1"});
    ASSERT_TRUE(options);
    EXPECT_EQ(options->data, "b=c");
    EXPECT_EQ(options->video, (std::vector<std::string>{"x", "y"}));
    EXPECT_EQ(options->port, 1);
}

TEST(UpOptions, RefuseWhatTheyDoNotUnderstand)
{
    const std::vector<std::vector<const char *>> wrong{
        {"--nonsense"},        {"film.mp4"},     {"--port"},        {"--port", "0"},
        {"--port", "65536"},   {"--port", "-1"}, {"--port", " 80"}, {"--port=8081"},
        {"--address", "home"}, {"--video="},     {"--data", ""},    {"--nonsense=1"},
    };
    for (const auto &words : wrong) {
        auto options = parse_up(words);
        ASSERT_FALSE(options) << words.front();
        EXPECT_EQ(options.error().code, ErrorCode::invalid_argument);
        EXPECT_FALSE(options.error().message.empty());
        EXPECT_EQ(options.error().message.find("{}"), std::string::npos);
    }
}

TEST(Url, NamesAnAddressThatAPersonCanOpen)
{
    EXPECT_EQ(client::url_authority("192.0.2.1", 80), "192.0.2.1:80");
    EXPECT_EQ(client::url_authority("0.0.0.0", 8080), "127.0.0.1:8080");
    EXPECT_EQ(client::url_authority("::", 8080), "[::1]:8080");
    EXPECT_EQ(client::url_authority("fe80::1", 8080), "[fe80::1]:8080");
}

TEST(Words, ExistInBothLanguagesAndFillTheirGaps)
{
    for (client::Language language : {client::Language::english, client::Language::spanish}) {
        client::speak(language);
        for (int word = 0; word <= static_cast<int>(client::Word::not_checked); ++word) {
            const std::string said = client::say(static_cast<client::Word>(word), {"a", "b", "c", "d"});
            EXPECT_FALSE(said.empty()) << word;
            EXPECT_EQ(said.find("{}"), std::string::npos) << said;
        }
    }
    EXPECT_EQ(client::say(client::Word::stopped), "Detenido.");
    client::speak(client::Language::english);
    EXPECT_EQ(client::say(client::Word::port_taken, {"{}", "--port"}),
              "Port {} is in use by another program. Choose another one with --port.");
}

TEST(Places, KnowWhatFitsTheAddressOfASocket)
{
    EXPECT_FALSE(client::is_too_long_for_socket(std::string(93, 'x')));
    EXPECT_TRUE(client::is_too_long_for_socket(std::string(94, 'x')));
}

TEST(Places, KnowWhoCanReachAFolder)
{
    EXPECT_TRUE(client::can_reach("/usr/lib/anything", 12345, 12345));
    EXPECT_FALSE(client::can_reach("/nonexistent/anything", 0, 0));
}
