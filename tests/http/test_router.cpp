// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/http/router.h"

using namespace butaca;
using namespace butaca::http;

namespace {

const Handler ok = [](const Request &) -> Result<Response> { return Response::empty(204); };

Router sample()
{
    return Router({{"GET", "/", ok},
                   {"GET", "/s/{token}/{rendition}/{file}", ok},
                   {"GET", "/items/all", ok},
                   {"GET", "/items/{id}", ok},
                   {"DELETE", "/items/{id}", ok}});
}

} // namespace

TEST(Router, GivesWhatTheNamesOfThePatternMatched)
{
    const Router router = sample();
    const auto match = router.match("GET", "/s/abc/v720/7.m4s");
    ASSERT_NE(match.route, nullptr);
    EXPECT_EQ(match.params.at("token"), "abc");
    EXPECT_EQ(match.params.at("rendition"), "v720");
    EXPECT_EQ(match.params.at("file"), "7.m4s");
}

TEST(Router, TakesTheFirstRowThatFits)
{
    const Router router = sample();
    EXPECT_EQ(router.match("GET", "/items/all").route->pattern, "/items/all");
    EXPECT_EQ(router.match("GET", "/items/7").route->pattern, "/items/{id}");
    EXPECT_EQ(router.match("GET", "/").route->pattern, "/");
}

TEST(Router, MatchesNoEmptySegments)
{
    const Router router = sample();
    for (const char *path : {"/items/", "/items", "/items/7/", "//items/7", "/s/abc//7.m4s", "", "*"})
        EXPECT_EQ(router.match("GET", path).route, nullptr) << path;
}

TEST(Router, AnswersHeadFromGetAndNamesWhatIsAllowed)
{
    const Router router = sample();
    EXPECT_NE(router.match("HEAD", "/items/7").route, nullptr);
    const auto match = router.match("PUT", "/items/7");
    EXPECT_EQ(match.route, nullptr);
    EXPECT_EQ(match.allowed, (std::vector<std::string>{"GET", "HEAD", "DELETE", "OPTIONS"}));
    EXPECT_TRUE(router.match("GET", "/none").allowed.empty());
}
