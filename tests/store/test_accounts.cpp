// SPDX-License-Identifier: LGPL-2.1-or-later
#include <array>

#include "src/base/encoding.h"
#include "store/accounts.h"
#include "store/migrate.h"
#include "store/sessions.h"
#include "tests/support/postgres.h"

using namespace butaca;
using store::Account;
using store::Role;

namespace {

constexpr std::int64_t day_s = 24LL * 3600;
constexpr const char *hash = "$argon2id$v=19$one", *other_hash = "$argon2id$v=19$two";

class Accounts : public test::WithPostgres {
protected:
    void SetUp() override
    {
        WithPostgres::SetUp();
        connection.emplace(server->connect());
        ASSERT_TRUE(store::migrate(*connection));
    }

    Account make(const std::string &email, Role role = Role::viewer)
    {
        auto made = store::create_account(*connection, {email, "Ana", hash, role});
        EXPECT_TRUE(made) << made.error().detail;
        return made ? *made : Account();
    }

    // Opens a session and returns its id.
    std::string open(const Account &account, const std::string &token, std::int64_t life_s = day_s)
    {
        auto session = store::open_session(*connection, account.id, sha256_hex(token), "a telephone", life_s);
        EXPECT_TRUE(session) << session.error().detail;
        return session ? session->id : "";
    }

    Result<store::Holder> holder(const std::string &token)
    {
        return store::authenticate(*connection, sha256_hex(token), day_s);
    }

    ErrorCode refusal(const std::string &token)
    {
        auto found = holder(token);
        return found ? ErrorCode::internal : found.error().code;
    }

    void run(const char *sql) { ASSERT_TRUE(connection->run_script(sql)); }

    std::optional<pg::Connection> connection;
};

} // namespace

TEST_F(Accounts, AreReadAsTheyWereMade)
{
    const Account made = make("Ana@Example.com", Role::administrator);
    auto read = store::get_account(*connection, made.id);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->email, "Ana@Example.com");
    EXPECT_EQ(read->name, "Ana");
    EXPECT_EQ(read->role, Role::administrator);
    EXPECT_EQ(read->created_at, made.created_at);
    EXPECT_EQ(made.created_at.size(), sizeof("2026-01-31T00:00:00Z") - 1);
    EXPECT_EQ(store::get_account(*connection, "0000000000000000").error().code, ErrorCode::not_found);
}

TEST_F(Accounts, HaveOneAddressEachWhateverItsCapitals)
{
    make("José@example.com");
    auto second = store::create_account(*connection, {"JOSÉ@EXAMPLE.COM", "Pepe", hash, Role::viewer});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    make("jose@example.com");
    auto found = store::find_credentials(*connection, "josé@EXAMPLE.com");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->password_hash, hash);
    EXPECT_EQ(store::find_credentials(*connection, "nobody@example.com").error().code, ErrorCode::not_found);
}

TEST_F(Accounts, GetTheirAdministratorOnce)
{
    EXPECT_FALSE(*store::has_administrator(*connection));
    const store::NewAccount wanted{"admin@example.com", "Admin", hash, Role::administrator};
    EXPECT_TRUE(*store::ensure_administrator(*connection, wanted));
    EXPECT_TRUE(*store::has_administrator(*connection));
    store::NewAccount again = wanted;
    again.password_hash = other_hash;
    EXPECT_FALSE(*store::ensure_administrator(*connection, again));
    EXPECT_EQ(store::find_credentials(*connection, wanted.email)->password_hash, hash);
    make("viewer@example.com");
    again.email = "viewer@example.com";
    auto taken = store::ensure_administrator(*connection, again);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, ErrorCode::conflict);
}

TEST_F(Accounts, AreKnownByTheirSessionsToken)
{
    const Account ana = make("ana@example.com", Role::administrator);
    const std::string session = open(ana, "token");
    auto found = holder("token");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->account_id, ana.id);
    EXPECT_EQ(found->session_id, session);
    EXPECT_EQ(found->role, Role::administrator);
    EXPECT_EQ(refusal("tokem"), ErrorCode::unauthenticated);
}

TEST_F(Accounts, LoseASessionThatIsNotUsed)
{
    const Account ana = make("ana@example.com");
    open(ana, "short", 0);
    open(ana, "long");
    EXPECT_EQ(refusal("short"), ErrorCode::unauthenticated);
    EXPECT_EQ(store::list_sessions(*connection, ana.id)->size(), 1U);
    EXPECT_EQ(*store::forget_expired_sessions(*connection), 1);
    EXPECT_TRUE(holder("long"));
}

TEST_F(Accounts, KeepASessionThatIsUsed)
{
    const Account ana = make("ana@example.com");
    open(ana, "token", 3600);
    const std::string before = store::list_sessions(*connection, ana.id)->at(0).expires_at;
    EXPECT_TRUE(holder("token"));
    EXPECT_EQ(store::list_sessions(*connection, ana.id)->at(0).expires_at, before)
        << "noted within the minute";
    run("update sessions set seen_at = now() - interval '2 minutes'");
    EXPECT_TRUE(holder("token"));
    EXPECT_GT(store::list_sessions(*connection, ana.id)->at(0).expires_at, before);
}

TEST_F(Accounts, EndTheirOwnSessionsOnly)
{
    const Account ana = make("ana@example.com");
    const Account eve = make("eve@example.com");
    const std::string first = open(ana, "first");
    open(ana, "second");
    EXPECT_EQ(store::end_session(*connection, eve.id, first).error().code, ErrorCode::not_found);
    EXPECT_TRUE(holder("first"));
    EXPECT_TRUE(store::end_session(*connection, ana.id, first));
    EXPECT_EQ(refusal("first"), ErrorCode::unauthenticated);
    const std::string third = open(ana, "third");
    EXPECT_TRUE(store::end_other_sessions(*connection, ana.id, third));
    EXPECT_EQ(refusal("second"), ErrorCode::unauthenticated);
    EXPECT_TRUE(holder("third"));
}

TEST_F(Accounts, EndAllOtherSessionsWithANewPassword)
{
    const Account ana = make("ana@example.com");
    const std::string kept = open(ana, "kept");
    open(ana, "other");
    ASSERT_TRUE(store::open_reset(*connection, ana.id, sha256_hex("reset"), day_s));
    ASSERT_TRUE(store::set_password(*connection, ana.id, other_hash, kept));
    EXPECT_TRUE(holder("kept"));
    EXPECT_EQ(refusal("other"), ErrorCode::unauthenticated);
    EXPECT_EQ(store::use_reset(*connection, sha256_hex("reset"), hash).error().code,
              ErrorCode::unauthenticated);
    EXPECT_EQ(store::get_credentials(*connection, ana.id)->password_hash, other_hash);
}

TEST_F(Accounts, AreNotHashedAgainOverANewPassword)
{
    const Account ana = make("ana@example.com");
    auto old = store::get_credentials(*connection, ana.id);
    ASSERT_TRUE(store::rehash_password(*connection, *old, other_hash));
    ASSERT_TRUE(store::rehash_password(*connection, *old, "$argon2id$v=19$late"));
    EXPECT_EQ(store::get_credentials(*connection, ana.id)->password_hash, other_hash);
}

TEST_F(Accounts, TakeANewPasswordForAResetOnce)
{
    const Account ana = make("ana@example.com");
    open(ana, "token");
    ASSERT_TRUE(store::open_reset(*connection, ana.id, sha256_hex("reset"), day_s));
    ASSERT_TRUE(store::open_reset(*connection, ana.id, sha256_hex("late"), 0));
    EXPECT_EQ(store::use_reset(*connection, sha256_hex("late"), other_hash).error().code,
              ErrorCode::unauthenticated);
    ASSERT_TRUE(store::use_reset(*connection, sha256_hex("reset"), other_hash));
    EXPECT_EQ(store::use_reset(*connection, sha256_hex("reset"), hash).error().code,
              ErrorCode::unauthenticated);
    EXPECT_EQ(refusal("token"), ErrorCode::unauthenticated);
    EXPECT_EQ(store::open_reset(*connection, "0000000000000000", sha256_hex("x"), day_s).error().code,
              ErrorCode::not_found);
}

TEST_F(Accounts, OpenNothingOnceTheyAreDisabledOrGone)
{
    const Account ana = make("ana@example.com");
    open(ana, "token");
    run("update accounts set disabled = true");
    EXPECT_EQ(refusal("token"), ErrorCode::unauthenticated);
    EXPECT_EQ(store::find_credentials(*connection, ana.email).error().code, ErrorCode::not_found);
    EXPECT_EQ(store::open_session(*connection, ana.id, sha256_hex("more"), "", day_s).error().code,
              ErrorCode::not_found);
    run("update accounts set disabled = false");
    EXPECT_TRUE(holder("token"));
    ASSERT_TRUE(store::delete_account(*connection, ana.id));
    EXPECT_EQ(refusal("token"), ErrorCode::unauthenticated);
    EXPECT_EQ(store::delete_account(*connection, ana.id).error().code, ErrorCode::not_found);
}

TEST_F(Accounts, ChangeWhatIsGivenOnly)
{
    const Account ana = make("ana@example.com");
    make("admin@example.com", Role::administrator);
    open(ana, "token");
    auto changed = store::change_account(*connection, ana.id, {"Ana María", std::nullopt, std::nullopt});
    ASSERT_TRUE(changed) << changed.error().detail;
    EXPECT_EQ(changed->name, "Ana María");
    EXPECT_EQ(changed->role, Role::viewer);
    EXPECT_TRUE(holder("token"));
    changed = store::change_account(*connection, ana.id, {std::nullopt, Role::administrator, true});
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->name, "Ana María");
    EXPECT_EQ(changed->role, Role::administrator);
    EXPECT_TRUE(changed->disabled);
    EXPECT_TRUE(store::list_sessions(*connection, ana.id)->empty());
    EXPECT_EQ(store::change_account(*connection, "0000000000000000", {}).error().code, ErrorCode::not_found);
}

TEST_F(Accounts, AreNeverLeftWithoutAnAdministrator)
{
    const Account only = make("admin@example.com", Role::administrator);
    const Account ana = make("ana@example.com");
    EXPECT_EQ(store::change_account(*connection, only.id, {{}, Role::viewer, {}}).error().code,
              ErrorCode::conflict);
    EXPECT_EQ(store::change_account(*connection, only.id, {{}, {}, true}).error().code, ErrorCode::conflict);
    EXPECT_EQ(store::delete_account(*connection, only.id).error().code, ErrorCode::conflict);
    EXPECT_FALSE(store::get_account(*connection, only.id)->disabled);
    ASSERT_TRUE(store::change_account(*connection, ana.id, {{}, Role::administrator, {}}));
    EXPECT_TRUE(store::delete_account(*connection, only.id));
}

TEST_F(Accounts, AreListedByAddressInPages)
{
    for (const char *email : {"bea@example.com", "Álex@example.com", "carla@example.org", "dani@example.com"})
        make(email);
    std::vector<std::string> seen;
    store::AccountQuery query{"example.com", 2, ""};
    do {
        auto page = store::list_accounts(*connection, query);
        ASSERT_TRUE(page) << page.error().detail;
        EXPECT_LE(page->accounts.size(), 2U);
        for (const Account &account : page->accounts)
            seen.push_back(account.email);
        query.cursor = page->next;
    } while (!query.cursor.empty());
    EXPECT_EQ(seen, (std::vector<std::string>{"Álex@example.com", "bea@example.com", "dani@example.com"}));
    EXPECT_EQ(store::list_accounts(*connection, {"alex", 10, ""})->accounts.size(), 1U);
    EXPECT_EQ(store::list_accounts(*connection, {"", 10, "nonsense"}).error().code,
              ErrorCode::invalid_argument);
}
