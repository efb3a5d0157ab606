// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/accounts.h"

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/gateway/access.h"
#include "src/gateway/account_answers.h"
#include "src/gateway/account_fields.h"
#include "src/gateway/wallets.h"

namespace butaca::gateway {

namespace {

using RequestPtr = std::shared_ptr<const http::Request>;
using store::Account;
using store::Holder;

// A request that changes something, once the password of its account was checked.
struct Checked {
    Services &services;
    http::Responder responder;
    Holder holder;
};
using CheckedPtr = std::shared_ptr<const Checked>;

// Goes on with `then` when `password` is that of the account that asks: a session left open somewhere is not
// enough for what cannot be taken back. Attempts count as those of a log-in.
void with_password(Services &services, const RequestPtr &request, const http::Responder &responder,
                   const std::string &password, std::function<void(const CheckedPtr &)> then)
{
    struct Found {
        Holder holder;
        store::Credentials credentials;
    };
    auto found = [&services, responder, password, then = std::move(then)](const Found &own) {
        const std::string key = "password of " + own.holder.account_id;
        if (auto begun = services.accounts.attempts.begin(key); !begun)
            return responder.respond(begun.error());
        services.accounts.passwords.verify(
            own.credentials.password_hash, password,
            [&services, responder, then, key,
             holder = own.holder](const Result<session::Passwords::Verdict> &verdict) {
                if (!verdict)
                    return responder.respond(verdict.error());
                if (!verdict->matches)
                    return responder.respond(Error{ErrorCode::forbidden, "the password is wrong", {}, 0});
                services.accounts.attempts.succeeded(key);
                then(std::make_shared<const Checked>(Checked{services, responder, holder}));
            });
    };
    as_viewer<Found>(
        services, request, responder,
        [](pg::Connection &connection, const Holder &holder) -> Result<Found> {
            auto credentials = store::get_credentials(connection, holder.account_id);
            return credentials ? Result<Found>(Found{holder, *credentials}) : fail(credentials.error());
        },
        std::move(found));
}

// On the database, then 204.
void finish(Services &services, const http::Responder &responder,
            std::function<Status(pg::Connection &)> work, std::function<void()> done)
{
    auto queued = services.database.call<Nothing>(
        [work = std::move(work)](pg::Connection &connection) -> Result<Nothing> {
            auto worked = work(connection);
            return worked ? Result<Nothing>(Nothing()) : fail(std::move(worked).error());
        },
        [responder, done = std::move(done)](const Result<Nothing> &worked) {
            if (!worked)
                return responder.respond(worked.error());
            done();
            responder.respond(no_content());
        });
    if (!queued)
        responder.respond(queued.error());
}

void make_account(Services &services, const http::Responder &responder, const store::NewAccount &account)
{
    auto queued = services.database.call<Account>(
        [account](pg::Connection &connection) { return store::create_account(connection, account); },
        [responder](Result<Account> made) {
            if (!made)
                return responder.respond(made.error());
            log::info("account.created", {{"account", made->id}});
            answer_with_account(responder, 201)(*made);
        });
    if (!queued)
        responder.respond(queued.error());
}

// All that is stored about an account.
struct Everything {
    Account account;
    std::vector<store::Session> sessions;
    std::vector<store::WalletEntry> wallet;
};

Result<Everything> everything_of(pg::Connection &connection, const std::string &id)
{
    constexpr unsigned at_a_time = 200;
    Everything all;
    auto account = store::get_account(connection, id);
    if (!account)
        return fail(std::move(account).error());
    all.account = std::move(*account);
    auto sessions = store::list_sessions(connection, id);
    if (!sessions)
        return fail(std::move(sessions).error());
    all.sessions = std::move(*sessions);
    std::string cursor;
    do {
        auto page = store::list_wallet(connection, id, at_a_time, cursor);
        if (!page)
            return fail(std::move(page).error());
        all.wallet.insert(all.wallet.end(), page->entries.begin(), page->entries.end());
        cursor = page->next;
    } while (!cursor.empty());
    return all;
}

} // namespace

void sign_up(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    if (!services.accounts.settings.sign_up)
        return responder.respond(
            Error{ErrorCode::forbidden, "accounts are made by the administrator here", {}, 0});
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto email = email_of(*body);
    auto name = name_of(*body);
    auto password = new_password_of(*body, "password");
    for (const auto *field : {&email, &name, &password})
        if (!*field)
            return responder.respond(field->error());
    if (auto begun = services.accounts.sign_ups.begin(session::client_of(request->peer)); !begun)
        return responder.respond(begun.error());
    services.accounts.passwords.hash(
        *password, [&services, responder, email = *email, name = *name](const Result<std::string> &hash) {
            hash ? make_account(services, responder, {email, name, *hash, store::Role::viewer})
                 : responder.respond(hash.error());
        });
}

void show_me(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    struct Me {
        Account account;
        std::int64_t balance_minor = 0;
    };
    const std::string currency = services.accounts.settings.currency;
    as_viewer<Me>(
        services, request, responder,
        [currency](pg::Connection &connection, const Holder &holder) -> Result<Me> {
            auto account = store::get_account(connection, holder.account_id);
            if (!account)
                return fail(std::move(account).error());
            auto balance = store::get_balance(connection, holder.account_id, currency);
            if (!balance)
                return fail(std::move(balance).error());
            return Me{std::move(*account), *balance};
        },
        [responder, currency](const Me &me) {
            json::Writer writer;
            writer.begin_object();
            write_account_members(writer, me.account);
            writer.key("balance");
            write_money(writer, me.balance_minor, currency);
            writer.end_object();
            responder.respond(private_json(200, writer));
        });
}

void change_me(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto name = name_of(*body);
    if (!name)
        return responder.respond(name.error());
    as_viewer<Account>(
        services, request, responder,
        [name = *name](pg::Connection &connection, const Holder &holder) {
            return store::change_account(connection, holder.account_id, {name, std::nullopt, std::nullopt});
        },
        answer_with_account(responder, 200));
}

void delete_me(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto password = text_of(*body, "password", account_body_limit_bytes);
    if (!password)
        return responder.respond(password.error());
    with_password(services, request, responder, *password, [](const CheckedPtr &checked) {
        const std::string id = checked->holder.account_id;
        finish(
            checked->services, checked->responder,
            [id](pg::Connection &connection) { return store::delete_account(connection, id); },
            [id] {
                log::info("account.deleted", {{"account", id}});
            });
    });
}

void export_me(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    as_viewer<Everything>(
        services, request, responder,
        [](pg::Connection &connection, const Holder &holder) {
            return everything_of(connection, holder.account_id);
        },
        [responder](const Everything &all) {
            json::Writer writer;
            writer.begin_object().key("account");
            write_account(writer, all.account);
            writer.key("sessions").begin_array();
            for (const auto &session : all.sessions) {
                writer.begin_object();
                write_session_members(writer, session);
                writer.end_object();
            }
            writer.end_array().key("wallet").begin_array();
            for (const auto &entry : all.wallet)
                write_wallet_entry(writer, entry);
            writer.end_array().end_object();
            http::Response response = private_json(200, writer);
            response.headers.set("Content-Disposition", "attachment; filename=\"butaca.json\"");
            responder.respond(std::move(response));
        });
}

void change_password(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto old_one = text_of(*body, "password", account_body_limit_bytes);
    auto new_one = new_password_of(*body, "new_password");
    for (const auto *field : {&old_one, &new_one})
        if (!*field)
            return responder.respond(field->error());
    with_password(services, request, responder, *old_one, [new_one = *new_one](const CheckedPtr &checked) {
        checked->services.accounts.passwords.hash(new_one, [checked](const Result<std::string> &hash) {
            if (!hash)
                return checked->responder.respond(hash.error());
            finish(
                checked->services, checked->responder,
                [holder = checked->holder, hash = *hash](pg::Connection &connection) {
                    return store::set_password(connection, holder.account_id, hash, holder.session_id);
                },
                [id = checked->holder.account_id] {
                    log::info("account.new_password", {{"account", id}});
                });
        });
    });
}

void use_password_reset(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto token = text_of(*body, "token", account_body_limit_bytes);
    auto password = new_password_of(*body, "password");
    for (const auto *field : {&token, &password})
        if (!*field)
            return responder.respond(field->error());
    // Each costs a hash, whether the token holds or not.
    if (auto begun = services.accounts.sign_ups.begin(session::client_of(request->peer)); !begun)
        return responder.respond(begun.error());
    services.accounts.passwords.hash(
        *password, [&services, responder, token_hash = sha256_hex(*token)](const Result<std::string> &hash) {
            if (!hash)
                return responder.respond(hash.error());
            finish(
                services, responder,
                [token_hash, hash = *hash](pg::Connection &connection) {
                    return store::use_reset(connection, token_hash, hash);
                },
                [] { log::info("account.password_reset"); });
        });
}

} // namespace butaca::gateway
