// SPDX-License-Identifier: LGPL-2.1-or-later
// Files, environment and command line over each other, and errors that name the place.
#include <cstdlib>

#include <gtest/gtest.h>

#include "src/base/config.h"
#include "src/base/files.h"
#include "tests/base/temporary_directory.h"

using namespace butaca;
using namespace std::string_literals;

namespace {

Result<Config> config_of(std::string_view text)
{
    test::TemporaryDirectory directory;
    EXPECT_TRUE(write_file_atomically(directory.at("butaca.conf"), text));
    return Config::load(directory.at("butaca.conf"));
}

class Variable {
public:
    Variable(const char *name, const char *value) : name_(name) { ::setenv(name, value, 1); }
    ~Variable() { ::unsetenv(name_); }
    Variable(const Variable &) = delete;
    Variable &operator=(const Variable &) = delete;

private:
    const char *name_;
};

} // namespace

TEST(Config, IsEmptyWithoutAFile)
{
    auto config = Config::load("/does/not/exist");
    ASSERT_TRUE(config);
    EXPECT_FALSE(config->text("a", "b"));
    EXPECT_EQ(config->integer("a", "b", 5, 0, 1), 5);
    EXPECT_TRUE(config->unused().empty());
    EXPECT_TRUE(config_of(""));
}

TEST(Config, ReadsEveryKindOfValue)
{
    auto config = config_of(
        "# comment\r\n[cache]\r\nquota_bytes = 10 GiB \r\nname=C:\\new x\n[a]\nn=-3\nyes=on\nno=false\n"
        "list= a ; b;;c d;\nsmall=7\nempty=\n");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->size_bytes("cache", "quota_bytes", 1), std::uint64_t{10} << 30);
    EXPECT_EQ(config->text("cache", "name"), "C:\\new x");
    EXPECT_EQ(config->integer("a", "n", 0, -3, 3), -3);
    EXPECT_EQ(config->boolean("a", "yes", false), true);
    EXPECT_EQ(config->boolean("a", "no", true), false);
    EXPECT_EQ(config->list("a", "list"), (std::vector<std::string>{"a", "b", "c d"}));
    EXPECT_EQ(config->size_bytes("a", "small", 1), 7u);
    EXPECT_EQ(config->text("a", "empty"), "");
    EXPECT_TRUE(config->list("a", "empty").empty());
    EXPECT_TRUE(config->list("a", "missing").empty());
}

TEST(Config, LetsTheEnvironmentWinOverTheFileAndTheCommandLineOverBoth)
{
    auto config = config_of("[cache]\nquota_bytes=1\nother=1\nthird=1\n");
    ASSERT_TRUE(config);
    Variable quota("BUTACA_CACHE_QUOTA_BYTES", "2");
    Variable other("BUTACA_CACHE_OTHER", " 2 ");
    Variable third("BUTACA_CACHE_THIRD", "");
    ASSERT_TRUE(config->set("cache.quota_bytes=3=3"));
    EXPECT_EQ(config->text("cache", "quota_bytes"), "3=3");
    EXPECT_EQ(config->text("cache", "other"), "2");
    EXPECT_EQ(config->text("cache", "third"), "1");
    for (const char *text : {"", "x", "x=1", ".x=1", "x.=1", "=1", "x.y"})
        EXPECT_EQ(config->set(text).error().code, ErrorCode::invalid_argument) << text;
}

TEST(Config, NamesTheLineThatDoesNotParseButDoesNotQuoteIt)
{
    for (const std::string &text :
         {"[a]\nx=1\nsecret words\n[b]\ny=1\n"s, "# a\n\nsecret=1\n[a]\n"s, "[a]\n\nb=secret\xff"s}) {
        auto config = config_of(text);
        ASSERT_FALSE(config) << text;
        EXPECT_EQ(config.error().code, ErrorCode::invalid_argument);
        EXPECT_NE(config.error().message.find("butaca.conf:3:"), std::string::npos) << config.error().message;
        EXPECT_EQ(config.error().message.find("secret"), std::string::npos);
    }
}

TEST(Config, NamesTheSettingThatHasABadValue)
{
    auto config = config_of("[a]\nn=12x\nsize=17179869184GiB\nunit=5 GB\nsign=-5\nflag=maybe\nempty=\n");
    ASSERT_TRUE(config);
    auto bad = config->integer("a", "n", 1, 0, 9);
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().code, ErrorCode::invalid_argument);
    EXPECT_EQ(bad.error().message, "the setting a.n must be a whole number from 0 to 9");
    EXPECT_FALSE(config->integer("a", "sign", 1, 0, 9));
    EXPECT_FALSE(config->integer("a", "empty", 1, 0, 9));
    for (const char *key : {"size", "unit", "sign", "empty"})
        EXPECT_FALSE(config->size_bytes("a", key, 1)) << key;
    EXPECT_FALSE(config->boolean("a", "flag", true));
}

TEST(Config, ListsWhatNobodyAskedFor)
{
    auto config = config_of("[a]\nused=1\nmisspelt=1\n");
    ASSERT_TRUE(config);
    ASSERT_TRUE(config->set("b.wrong=1"));
    EXPECT_EQ(config->text_or("a", "used", ""), "1");
    EXPECT_EQ(config->unused(), (std::vector<std::string>{"a.misspelt", "b.wrong"}));
}
