// SPDX-License-Identifier: LGPL-2.1-or-later
#include <atomic>
#include <random>
#include <thread>

#include "store/accounts.h"
#include "store/ledger.h"
#include "store/migrate.h"
#include "tests/support/postgres.h"

using namespace butaca;

namespace {

constexpr pg::Statement sum_sql{"test.sum",
                                "select coalesce(sum(amount_minor), 0)::bigint from ledger_entries"};
constexpr pg::Statement wrong_wallets_sql{"test.wrong_wallets", R"(
    select count(*) from wallets
    where balance_minor <> (select coalesce(sum(amount_minor), 0) from ledger_entries
                            where ledger_entries.account_id = wallets.account_id
                              and ledger_entries.currency = wallets.currency))"};

class Ledger : public test::WithPostgres {
protected:
    void SetUp() override
    {
        WithPostgres::SetUp();
        connection.emplace(server->connect());
        ASSERT_TRUE(store::migrate(*connection));
        admin = make("admin@example.com");
        ana = make("ana@example.com");
    }

    std::string make(const std::string &email)
    {
        auto made =
            store::create_account(*connection, {email, "Name", "$argon2id$v=19$x", store::Role::viewer});
        EXPECT_TRUE(made) << made.error().detail;
        return made ? made->id : "";
    }

    Result<std::int64_t> give(std::int64_t amount, const std::string &currency = "EUR")
    {
        return store::give_credit(*connection, {ana, amount, currency, admin, "for testing"});
    }

    std::int64_t balance(const std::string &currency = "EUR")
    {
        auto found = store::get_balance(*connection, ana, currency);
        EXPECT_TRUE(found) << found.error().message << ": " << found.error().detail;
        return found.value_or(-1);
    }

    std::int64_t number(const pg::Statement &statement)
    {
        return (*connection->exec(statement))[0].integer(0);
    }

    void expect_sound()
    {
        EXPECT_EQ(number(sum_sql), 0);
        EXPECT_EQ(number(wrong_wallets_sql), 0);
    }

    std::optional<pg::Connection> connection;
    std::string admin, ana;
};

} // namespace

TEST_F(Ledger, FillsAWalletInEachCurrency)
{
    EXPECT_EQ(balance(), 0);
    EXPECT_EQ(*give(500), 500);
    EXPECT_EQ(*give(250), 750);
    EXPECT_EQ(*give(70, "USD"), 70);
    EXPECT_EQ(balance(), 750);
    EXPECT_EQ(balance("USD"), 70);
    expect_sound();
}

TEST_F(Ledger, GivesNothingToNobody)
{
    auto given = store::give_credit(*connection, {"0000000000000000", 500, "EUR", admin, ""});
    ASSERT_FALSE(given);
    EXPECT_EQ(given.error().code, ErrorCode::not_found);
    EXPECT_EQ(number({"test.count", "select count(*) from ledger_transactions"}), 0);
    EXPECT_FALSE(give(0));
    EXPECT_FALSE(give(1, "euro"));
    expect_sound();
}

TEST_F(Ledger, OnlyGrows)
{
    ASSERT_TRUE(give(500));
    for (const char *change : {"update ledger_entries set amount_minor = 7", "delete from ledger_entries",
                               "truncate ledger_entries", "update ledger_transactions set note = 'other'",
                               "delete from ledger_transactions"})
        EXPECT_FALSE(connection->run_script(change)) << change;
    expect_sound();
}

TEST_F(Ledger, TakesNoTransactionThatDoesNotAddUpToNothing)
{
    ASSERT_TRUE(give(500));
    EXPECT_FALSE(connection->run_script("insert into ledger_entries select id, 'credit', null, 5, 'EUR' from "
                                        "ledger_transactions"));
    EXPECT_FALSE(connection->run_script(
        "insert into ledger_entries select id, book, null, amount, currency from ledger_transactions, "
        "(values ('credit', 5, 'EUR'), ('credit', -5, 'USD')) as sides (book, amount, currency)"));
    expect_sound();
}

TEST_F(Ledger, TakesNoMoreFromAWalletThanItHolds)
{
    ASSERT_TRUE(give(500));
    auto take = [&](std::int64_t amount) {
        const std::string sql =
            "insert into ledger_entries select 1, book, account, amount, 'EUR' from (values "
            "('wallet', '" +
            ana + "', -" + std::to_string(amount) + "), ('credit', null, " + std::to_string(amount) +
            ")) as sides (book, account, amount)";
        return connection->run_script(sql.c_str());
    };
    EXPECT_TRUE(take(300));
    EXPECT_EQ(balance(), 200);
    EXPECT_FALSE(take(201));
    EXPECT_EQ(connection->last_failure().constraint, "wallets_cover");
    EXPECT_TRUE(take(200));
    EXPECT_EQ(balance(), 0);
    expect_sound();
}

TEST_F(Ledger, ListsAWalletInPagesTheLastFirst)
{
    for (std::int64_t amount = 1; amount <= 5; ++amount)
        ASSERT_TRUE(give(amount));
    std::vector<std::int64_t> seen;
    std::string cursor;
    do {
        auto page = store::list_wallet(*connection, ana, 2, cursor);
        ASSERT_TRUE(page) << page.error().detail;
        for (const auto &entry : page->entries) {
            seen.push_back(entry.amount_minor);
            EXPECT_EQ(entry.kind, "credit");
            EXPECT_EQ(entry.note, "for testing");
        }
        cursor = page->next;
    } while (!cursor.empty());
    EXPECT_EQ(seen, (std::vector<std::int64_t>{5, 4, 3, 2, 1}));
    EXPECT_TRUE(store::list_wallet(*connection, admin, 10, "")->entries.empty());
}

TEST_F(Ledger, StaysSoundWhenManyGiveAtOnceAndTheServerIsKilled)
{
    test::Postgres durable(test::Durable::yes);
    connection.emplace(durable.connect());
    ASSERT_TRUE(store::migrate(*connection));
    ana = make("ana@example.com");
    std::atomic<std::int64_t> told{0};
    std::atomic<bool> enough{false};
    auto give_on = [&](unsigned seed) {
        std::minstd_rand chance(seed);
        std::optional<pg::Connection> own;
        while (!enough) {
            if (!own || !own->usable())
                if (auto fresh = pg::Connection::connect(durable.dsn()); fresh)
                    own.emplace(std::move(*fresh));
            const auto amount = static_cast<std::int64_t>(chance() % 1000 + 1);
            if (own && store::give_credit(*own, {ana, amount, "EUR", "", ""}))
                told += amount;
        }
    };
    std::vector<std::thread> givers;
    for (unsigned seed = 1; seed <= 4; ++seed)
        givers.emplace_back(give_on, seed);
    for (int crash = 0; crash < 3; ++crash) {
        const std::int64_t before = told;
        while (told < before + 5000)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        durable.crash();
    }
    enough = true;
    for (std::thread &giver : givers)
        giver.join();
    connection.emplace(durable.connect());
    // What was told to be given is there. What was cut off may be there too.
    EXPECT_GE(balance(), told.load());
    expect_sound();
}
