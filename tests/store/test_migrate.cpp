// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>
#include <thread>

#include "store/migrate.h"
#include "tests/support/postgres.h"

using namespace butaca;
using store::Migration;

namespace {

class Migrate : public test::WithPostgres {};

constexpr std::array steps{
    Migration{1, "first", "create table a (x int8)"},
    Migration{2, "second", "alter table a add column y int8; create table b (z int8)"}};
constexpr pg::Statement count{"test.count", "select count(*) from migrations"};

std::int64_t count_steps(pg::Connection &connection) { return (*connection.exec(count))[0].integer(0); }

} // namespace

TEST_F(Migrate, AppliesWhatIsMissingAndOnlyThat)
{
    auto connection = server->connect();
    ASSERT_TRUE(store::migrate(connection, std::span(steps).first(1)));
    EXPECT_EQ(count_steps(connection), 1);
    ASSERT_TRUE(store::migrate(connection, steps));
    ASSERT_TRUE(store::migrate(connection, steps));
    EXPECT_EQ(count_steps(connection), 2);
    EXPECT_TRUE(connection.run_script("select y from a; select z from b"));
}

TEST_F(Migrate, LeavesNothingOfAStepThatFails)
{
    constexpr std::array broken{steps[0],
                                Migration{2, "second", "create table b (z int8); create table a ()"}};
    auto connection = server->connect();
    EXPECT_FALSE(store::migrate(connection, broken));
    EXPECT_EQ(count_steps(connection), 1);
    EXPECT_FALSE(connection.run_script("select z from b"));
}

TEST_F(Migrate, RefusesADatabaseOfANewerProgram)
{
    auto connection = server->connect();
    ASSERT_TRUE(store::migrate(connection, steps));
    Status done = store::migrate(connection, std::span(steps).first(1));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unsupported);
    EXPECT_NE(done.error().message.find("newer"), std::string::npos);
}

TEST_F(Migrate, RefusesAStepThatWasChangedLater)
{
    constexpr std::array changed{Migration{1, "first", "create table a (x int4)"}};
    auto connection = server->connect();
    ASSERT_TRUE(store::migrate(connection, std::span(steps).first(1)));
    Status done = store::migrate(connection, changed);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::conflict);
    EXPECT_NE(done.error().message.find("migration 1 (first)"), std::string::npos);
}

TEST_F(Migrate, LetsSeveralProgramsStartAtOnce)
{
    std::vector<std::thread> programs;
    std::array<bool, 4> fine{};
    for (bool &outcome : fine)
        programs.emplace_back([&outcome] {
            auto connection = server->connect();
            outcome = store::migrate(connection).has_value();
        });
    for (std::thread &program : programs)
        program.join();
    EXPECT_EQ(fine, (std::array{true, true, true, true}));
    auto connection = server->connect();
    EXPECT_EQ(count_steps(connection), static_cast<std::int64_t>(store::migrations().size()));
}
