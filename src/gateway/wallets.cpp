// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/wallets.h"

#include "src/base/log.h"
#include "src/gateway/access.h"
#include "src/gateway/account_answers.h"
#include "src/gateway/account_fields.h"
#include "src/gateway/items.h"

namespace butaca::gateway {

namespace {

using RequestPtr = std::shared_ptr<const http::Request>;
using store::Holder;

constexpr std::size_t note_most_bytes = 1000;

// What to give; without the accounts.
Result<store::Credit> credit_of(const json::Value &body, const std::string &currency)
{
    store::Credit credit;
    credit.amount_minor = body["amount"].integer_or(0);
    if (credit.amount_minor < 1 || credit.amount_minor > store::most_money_minor)
        return fail(ErrorCode::invalid_argument,
                    "\"amount\" must be a whole number of minor units (cents), 1 or more");
    auto said = text_of(body, "currency", 3);
    if (!said)
        return fail(std::move(said).error());
    if (*said != currency)
        return fail(ErrorCode::unprocessable, "wallets hold " + currency + " here");
    credit.currency = currency;
    if (const auto note = body["note"]; !note.is_null()) {
        auto text = text_of(body, "note", note_most_bytes);
        if (!text)
            return fail(std::move(text).error());
        credit.note = *text;
    }
    return credit;
}

} // namespace

void write_wallet_entry(json::Writer &writer, const store::WalletEntry &entry)
{
    writer.begin_object().member("id", entry.id).member("kind", entry.kind).key("amount");
    write_money(writer, entry.amount_minor, entry.currency);
    writer.member("note", entry.note).member("created_at", entry.created_at).end_object();
}

void show_wallet(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    struct Wallet {
        std::int64_t balance_minor = 0;
        store::WalletPage page;
    };
    auto paging = paging_from(*request);
    if (!paging)
        return responder.respond(paging.error());
    const std::string currency = services.accounts.settings.currency;
    as_viewer<Wallet>(
        services, request, responder,
        [currency, paging = *paging](pg::Connection &connection, const Holder &holder) -> Result<Wallet> {
            auto balance = store::get_balance(connection, holder.account_id, currency);
            if (!balance)
                return fail(std::move(balance).error());
            auto page = store::list_wallet(connection, holder.account_id, paging.limit, paging.cursor);
            if (!page)
                return fail(std::move(page).error());
            return Wallet{*balance, std::move(*page)};
        },
        [responder, currency](const Wallet &wallet) {
            json::Writer writer;
            writer.begin_object().key("balance");
            write_money(writer, wallet.balance_minor, currency);
            writer.key("items").begin_array();
            for (const auto &entry : wallet.page.entries)
                write_wallet_entry(writer, entry);
            http::Response response = end_page(writer, wallet.page.next);
            response.headers.set("Cache-Control", "no-store");
            responder.respond(std::move(response));
        });
}

void give_credit(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto credit = credit_of(*body, services.accounts.settings.currency);
    if (!credit)
        return responder.respond(credit.error());
    credit->account_id = request->params.find("id")->second;
    as_administrator<std::int64_t>(
        services, request, responder,
        [credit = *credit](pg::Connection &connection, const Holder &holder) mutable {
            credit.made_by = holder.account_id;
            return store::give_credit(connection, credit);
        },
        [responder, credit = *credit](std::int64_t balance_minor) {
            log::info("money.credit", {{"account", credit.account_id}, {"amount", credit.amount_minor}});
            json::Writer writer;
            writer.begin_object().key("balance");
            write_money(writer, balance_minor, credit.currency);
            writer.end_object();
            responder.respond(private_json(201, writer));
        });
}

} // namespace butaca::gateway
