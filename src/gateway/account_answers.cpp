// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/account_answers.h"

namespace butaca::gateway {

http::Response private_json(int status, json::Writer &writer)
{
    http::Response response = http::Response::json(status, writer.take());
    response.headers.set("Cache-Control", "no-store");
    return response;
}

http::Response no_content()
{
    http::Response response = http::Response::empty(204);
    response.headers.set("Cache-Control", "no-store");
    return response;
}

void write_money(json::Writer &writer, std::int64_t amount_minor, const std::string &currency)
{
    writer.begin_object().member("amount", amount_minor).member("currency", currency).end_object();
}

void write_account(json::Writer &writer, const store::Account &account)
{
    writer.begin_object();
    write_account_members(writer, account);
    writer.end_object();
}

void write_account_members(json::Writer &writer, const store::Account &account)
{
    writer.member("id", account.id).member("email", account.email);
    writer.member("name", account.name).member("role", store::to_string(account.role));
    writer.member("created_at", account.created_at).member("disabled", account.disabled);
}

void write_session_members(json::Writer &writer, const store::Session &session)
{
    writer.member("id", session.id).member("device", session.device);
    writer.member("created_at", session.created_at).member("seen_at", session.seen_at);
    writer.member("expires_at", session.expires_at);
}

std::function<void(store::Account)> answer_with_account(const http::Responder &responder, int status)
{
    return [responder, status](const store::Account &account) {
        json::Writer writer;
        write_account(writer, account);
        responder.respond(private_json(status, writer));
    };
}

} // namespace butaca::gateway
