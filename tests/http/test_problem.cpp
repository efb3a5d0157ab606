// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include "src/base/json.h"
#include "src/http/problem.h"

using namespace butaca;
using namespace butaca::http;

namespace {

json::Value document_of(const Response &response)
{
    gsize size_bytes = 0;
    const auto *data = static_cast<const char *>(g_bytes_get_data(response.bytes.get(), &size_bytes));
    return json::Value::parse(std::string_view(data, size_bytes)).value();
}

std::string title_for(std::string_view accept_language)
{
    return document_of(problem(404, "", "", accept_language))["title"].string_or("");
}

} // namespace

TEST(Problem, SaysWhatHappenedAndKeepsTheDetailForTheLog)
{
    const Error error{ErrorCode::not_found, "there is no such item", "/srv/secret/path", 0};
    const auto response = problem(error, "r-1");
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    const auto document = document_of(response);
    EXPECT_EQ(document["type"].string(), "/problems/not-found");
    EXPECT_EQ(document["title"].string(), "There is no such thing");
    EXPECT_EQ(document["status"].integer(), 404);
    EXPECT_EQ(document["detail"].string(), "there is no such item");
    EXPECT_EQ(document["instance"].string(), "r-1");
    EXPECT_EQ(document.keys().size(), 5u);
}

TEST(Problem, TellsWhenToTryAgain)
{
    const auto response = problem(Error{ErrorCode::unavailable, "busy", {}, 7}, "r-1");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.headers.get("Retry-After"), "7");
    EXPECT_FALSE(problem(Error{ErrorCode::unavailable, "busy", {}, 0}, "r-1").headers.get("Retry-After"));
}

TEST(Problem, SpeaksTheLanguageThatFitsBest)
{
    const std::string spanish = "No existe";
    const std::string english = "There is no such thing";
    EXPECT_EQ(title_for("es"), spanish);
    EXPECT_EQ(title_for("es-AR,es;q=0.9,en;q=0.8"), spanish);
    EXPECT_EQ(title_for("en;q=0.5, ES;q=0.8"), spanish);
    EXPECT_EQ(title_for("en-GB,en;q=0.9,es;q=0.8"), english);
    EXPECT_EQ(title_for("de"), english);
    EXPECT_EQ(title_for(""), english);
    EXPECT_EQ(title_for("est"), english);
    EXPECT_EQ(title_for("es;q=0"), english);
    EXPECT_EQ(title_for(";;;,,,q=,es;q=x"), english);
}

TEST(Problem, HasAStatusAndATypeForEveryCode)
{
    for (int code = 0; code <= static_cast<int>(ErrorCode::internal); code++) {
        const Error error{static_cast<ErrorCode>(code), "m", {}, 0};
        const auto response = problem(error, "r");
        std::string name = to_string(error.code);
        for (char &c : name)
            c = c == '_' ? '-' : c;
        EXPECT_EQ(response.status, status_of(error.code));
        EXPECT_EQ(document_of(response)["type"].string(), "/problems/" + name);
    }
    EXPECT_TRUE(problem(Error{ErrorCode::unauthenticated, "m", {}, 0}, "r").headers.get("WWW-Authenticate"));
}
