// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/http/target.h"

using namespace butaca::http;

TEST(Target, IsDecoded)
{
    const auto target = parse_target("/ni%C3%B1o/a%20b?q=x%26y+z&empty=&flag&&last=%2F");
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->path, "/niño/a b");
    EXPECT_EQ(target->query.at("q"), "x&y z");
    EXPECT_EQ(target->query.at("empty"), "");
    EXPECT_EQ(target->query.at("flag"), "");
    EXPECT_EQ(target->query.at("last"), "/");
}

TEST(Target, MayBeAbsolute)
{
    const auto target = parse_target("http://example.org:8080/a?b=c");
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->authority, "example.org:8080");
    EXPECT_EQ(target->path, "/a");
    EXPECT_EQ(target->query.at("b"), "c");
    EXPECT_EQ(parse_target("HTTP://h")->path, "/");
    EXPECT_EQ(parse_target("http://h?x=1")->query.at("x"), "1");
}

TEST(Target, RefusesWhatTwoReadersCouldUnderstandDifferently)
{
    for (const char *text : {"",
                             "a",
                             "a/b",
                             "/a/../b",
                             "/..",
                             "/.",
                             "/a/.",
                             "/%2e%2e/etc",
                             "/a/%2E./b",
                             "/.%2e",
                             "/a%2fb",
                             "/a%2Fb",
                             "/a%5cb",
                             "/a\\b",
                             "/a%00",
                             "/a%0ab",
                             "/a%7f",
                             "/%",
                             "/%2",
                             "/%zz",
                             "/%C3",
                             "/%ff",
                             "/%c0%af",
                             "/a#b",
                             "/a b",
                             "/a\tb",
                             "/?a=1&a=2",
                             "/?a=1&%61=2",
                             "/?a=%",
                             "/?a=%00",
                             "/?=x",
                             "/?a=%ff",
                             "/niño",
                             "http://",
                             "http:///a",
                             "http://user@host/",
                             "http://h:99999/",
                             "https://h/",
                             "ftp://h/",
                             "//../x"}) {
        const auto target = parse_target(text);
        EXPECT_EQ(target ? 0 : target.error().status, 400) << text;
    }
    std::string many = "/?";
    for (int i = 0; i < 100; i++)
        many += "n" + std::to_string(i) + "=1&";
    EXPECT_FALSE(parse_target(many).has_value());
}

TEST(Authority, HasTheShapeOfAHostAndAPort)
{
    for (const char *text :
         {"localhost", "127.0.0.1:8080", "a.b-c_d:1", "[::1]", "[::1]:8080", "[fe80::1:2.3.4.5]:1"})
        EXPECT_TRUE(is_authority(text)) << text;
    for (const char *text : {"", ":80", "a b", "a:", "a:b", "a:65536", "a:-1", "[::1", "[]", "[g::1]",
                             "[::1]x", "a/b", "u@h", "a\"b", "<x>"})
        EXPECT_FALSE(is_authority(text)) << text;
}
