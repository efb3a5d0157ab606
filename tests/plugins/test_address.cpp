// SPDX-License-Identifier: LGPL-2.1-or-later
// The addresses that vssrc and assrc take, and those they refuse.
#include <gtest/gtest.h>

#include "plugins/source/address.h"

using namespace butaca;
using namespace butaca::source;

namespace {
const std::string digest(64, 'a');
}

TEST(Address, TakesAnItemApart)
{
    auto address = parse_location("vs://films.example:8081/items/" + digest + "/bytes", "vs", 1);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->hosts, std::vector<std::string>{"films.example:8081"});
    EXPECT_EQ(address->path, "/items/" + digest + "/bytes");
    EXPECT_EQ(address->digest, digest);
}

TEST(Address, KnowsTheDigestInLowerCaseBehindAPrefix)
{
    auto address = parse_location("as://h/site/items/" + std::string(64, 'A') + "/bytes", "as", 8082);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->hosts.front(), "h:8082");
    EXPECT_EQ(address->digest, digest);
}

TEST(Address, KeepsBracketsAroundIpv6)
{
    auto address = parse_location("vs://[::1]:9/x", "vs", 1);
    ASSERT_TRUE(address);
    EXPECT_EQ(address->hosts.front(), "[::1]:9");
    EXPECT_EQ(address->digest, "");
}

TEST(Address, DoesNotMistakeAnotherPathForADigest)
{
    for (const std::string &path :
         {"/items/" + digest.substr(1) + "/bytes", "/items/" + digest + "/index",
          "/items/" + digest + "a/bytes", "/items/g" + digest.substr(1) + "/bytes"}) {
        auto address = parse_location("vs://h" + path, "vs", 1);
        ASSERT_TRUE(address) << path;
        EXPECT_EQ(address->digest, "") << path;
    }
}

TEST(Address, RefusesWhatIsNotOne)
{
    for (const char *location : {"", "vs", "vs://", "vs:///path", "vs://host", "vs://host/", "as://host/x",
                                 "http://host/x", "vs://u@host/x", "vs://u:p@host/x", "vs://host/x?y",
                                 "vs://host/x#y", "vs://host:0/x", "vs://host:70000/x", "vs://host/x y",
                                 "vs://host/x\r\nEvil: 1", "vs://ho%0ast/x", "vs://host/\xc3\xa9"}) {
        auto address = parse_location(location, "vs", 1);
        ASSERT_FALSE(address) << location;
        EXPECT_EQ(address.error().code, ErrorCode::invalid_argument);
    }
    EXPECT_FALSE(parse_location("vs://host/" + std::string(5000, 'x'), "vs", 1));
}

TEST(Address, ReadsAListOfReplicas)
{
    auto hosts = parse_replicas(" one:1, two ,,[::1]:3", 8081);
    ASSERT_TRUE(hosts);
    EXPECT_EQ(*hosts, (std::vector<std::string>{"one:1", "two:8081", "[::1]:3"}));
    EXPECT_TRUE(parse_replicas("", 1)->empty());
}

TEST(Address, RefusesReplicasWithMoreThanAnAddress)
{
    for (const char *text : {"http://a", "a/b", "a:b", "a@b", "a b", "a?b"})
        EXPECT_FALSE(parse_replicas(text, 1)) << text;
    std::string many;
    for (int i = 0; i < 17; ++i)
        many += "h:1,";
    EXPECT_FALSE(parse_replicas(many, 1));
}

TEST(Ticket, HasNoCharacterThatWouldEndTheHeader)
{
    EXPECT_TRUE(is_ticket(""));
    EXPECT_TRUE(is_ticket("v1.aZ9-_~+/=:x"));
    EXPECT_FALSE(is_ticket("a\r\nX: y"));
    EXPECT_FALSE(is_ticket("a b"));
    EXPECT_FALSE(is_ticket(std::string(9000, 'a')));
}
