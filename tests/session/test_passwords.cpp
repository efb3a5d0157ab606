// SPDX-License-Identifier: LGPL-2.1-or-later
#include <optional>

#include <gtest/gtest.h>

#include "src/session/passwords.h"

using namespace butaca;
using session::HashCost;
using session::Passwords;

namespace {

constexpr HashCost cheap{1, session::least_hash_memory_bytes};

template <typename T, typename Ask> T wait_for(Ask ask)
{
    std::optional<T> answer;
    ask([&answer](T given) { answer = std::move(given); });
    while (!answer)
        g_main_context_iteration(nullptr, TRUE);
    return *answer;
}

Result<Passwords::Verdict> verify(Passwords &passwords, const std::optional<std::string> &hash,
                                  const std::string &password)
{
    return wait_for<Result<Passwords::Verdict>>(
        [&](auto done) { passwords.verify(hash, password, std::move(done)); });
}

} // namespace

TEST(PasswordsTest, MatchTheirOwnHashOnly)
{
    Passwords passwords(cheap, 1);
    auto hash = wait_for<Result<std::string>>(
        [&](auto done) { passwords.hash("contraseña larga", std::move(done)); });
    ASSERT_TRUE(hash);
    EXPECT_TRUE(hash->starts_with("$argon2id$")) << *hash;
    EXPECT_TRUE(verify(passwords, *hash, "contraseña larga")->matches);
    EXPECT_FALSE(verify(passwords, *hash, "contraseña Larga")->matches);
    EXPECT_FALSE(verify(passwords, *hash, "")->matches);
    EXPECT_FALSE(verify(passwords, "no hash at all", "contraseña larga")->matches);
    EXPECT_FALSE(verify(passwords, std::nullopt, "contraseña larga")->matches);
}

TEST(PasswordsTest, MayHoldAnyBytes)
{
    Passwords passwords(cheap, 1);
    const std::string with_nul("before\0after", 12);
    auto hash = session::hash_password(with_nul, cheap);
    ASSERT_TRUE(hash);
    EXPECT_TRUE(verify(passwords, *hash, with_nul)->matches);
    EXPECT_FALSE(verify(passwords, *hash, "before")->matches);
}

TEST(PasswordsTest, AreSaltedAndOutdatedOnceTheCostRises)
{
    auto one = session::hash_password("the same again", cheap);
    auto two = session::hash_password("the same again", cheap);
    ASSERT_TRUE(one && two);
    EXPECT_NE(*one, *two);
    Passwords today(cheap, 1);
    EXPECT_FALSE(verify(today, *one, "the same again")->outdated);
    Passwords tomorrow({2, session::least_hash_memory_bytes}, 1);
    auto verdict = verify(tomorrow, *one, "the same again");
    EXPECT_TRUE(verdict->matches);
    EXPECT_TRUE(verdict->outdated);
}

TEST(PasswordsTest, HaveAtLeastEightCharactersAndNotTooManyBytes)
{
    EXPECT_FALSE(session::check_password("1234567"));
    EXPECT_FALSE(session::check_password("ñandúes")); // nine bytes
    EXPECT_TRUE(session::check_password("ñandúes!"));
    EXPECT_TRUE(session::check_password(std::string(1024, 'x')));
    EXPECT_FALSE(session::check_password(std::string(1025, 'x')));
}
