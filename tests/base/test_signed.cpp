// SPDX-License-Identifier: LGPL-2.1-or-later
// Every way to bend a signed string, and the life of the key file.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "src/base/files.h"
#include "src/base/signed.h"
#include "tests/base/temporary_directory.h"

using namespace butaca;
using namespace std::string_literals;

TEST(Signed, GivesThePayloadBackUntilItExpires)
{
    SigningKey key = SigningKey::random();
    std::string payload = "item/7\0\xff?&."s;
    std::string text = key.sign("media", payload, 1000);
    EXPECT_EQ(key.verify("media", text, 999), payload);
    EXPECT_EQ(key.verify("media", text, 1000), payload);
    auto late = key.verify("media", text, 1001);
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code, ErrorCode::unauthenticated);
    EXPECT_NE(late.error().message.find("expired"), std::string::npos);
    EXPECT_EQ(key.verify("p", key.sign("p", "", 5), 5), "");
}

TEST(Signed, FitsOnePathSegment)
{
    std::string text = SigningKey::random().sign("media", std::string(100, '\xfe'), 1);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."),
              std::string::npos);
}

TEST(Signed, HoldsForItsPurposeAndItsKeyOnly)
{
    SigningKey key = SigningKey::random();
    std::string text = key.sign("media", "x", 1000);
    EXPECT_FALSE(key.verify("medi", text, 1));
    EXPECT_FALSE(key.verify("media1", text, 1));
    EXPECT_FALSE(key.verify("", text, 1));
    EXPECT_FALSE(SigningKey::random().verify("media", text, 1));
    // The border between purpose and payload cannot be moved: "YQ" is base64url of "a".
    EXPECT_FALSE(key.verify("p", "YQ" + key.sign("pYQ", "", 9), 1));
}

TEST(Signed, NoticesEveryChangedCharacter)
{
    SigningKey key = SigningKey::random();
    std::string text = key.sign("media", "some payload", 1000);
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (char other : {'A', 'b', '0', '.', '-', ' ', '\0'}) {
            std::string bent = text;
            if (bent[i] == other)
                continue;
            bent[i] = other;
            auto seen = key.verify("media", bent, 1);
            ASSERT_FALSE(seen) << bent;
            EXPECT_EQ(seen.error().message, "the signature does not hold");
        }
        EXPECT_FALSE(key.verify("media", text.substr(0, i), 1));
    }
    for (const std::string &bent :
         {text + "A", text + ".", "." + text, text + "\n", ""s, "."s, ".."s, "..."s})
        EXPECT_FALSE(key.verify("media", bent, 1)) << bent;
}

TEST(SigningKey, IsMadeOnceAndThenRead)
{
    test::TemporaryDirectory directory;
    std::string path = directory.at("key");
    EXPECT_EQ(SigningKey::load(path).error().code, ErrorCode::not_found);
    auto first = SigningKey::load_or_create(path);
    ASSERT_TRUE(first);
    struct stat facts = {};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    auto second = SigningKey::load_or_create(path);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->verify("p", first->sign("p", "x", 1), 1), "x");
    EXPECT_TRUE(SigningKey::load(path));
}

TEST(SigningKey, RefusesAFileThatHoldsSomethingElse)
{
    test::TemporaryDirectory directory;
    std::string path = directory.at("key");
    std::string digits(64, 'a');
    for (const std::string &text : {""s, "\n"s, digits.substr(1), digits + "a", digits + "\n\n", digits + " ",
                                    digits.substr(1) + "g", std::string(5000, 'a')}) {
        ASSERT_TRUE(write_file_atomically(path, text));
        auto key = SigningKey::load_or_create(path);
        ASSERT_FALSE(key) << text;
        EXPECT_EQ(key.error().code, ErrorCode::invalid_argument);
        EXPECT_EQ(read_file(path, 5000), text);
    }
    EXPECT_EQ(SigningKey::load_or_create(directory.at("no/key")).error().code, ErrorCode::internal);
}
