// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/admin_accounts.h"

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/gateway/access.h"
#include "src/gateway/account_answers.h"
#include "src/gateway/account_fields.h"
#include "src/gateway/items.h"

namespace butaca::gateway {

namespace {

using RequestPtr = std::shared_ptr<const http::Request>;
using store::Account;
using store::Holder;

constexpr std::size_t token_bytes = 32;

// Nothing when the body says nothing of it.
Result<std::optional<store::Role>> role_of(const json::Value &body)
{
    const auto role = body["role"];
    if (role.is_null())
        return std::optional<store::Role>();
    const std::string text = role.string_or("");
    if (text != "viewer" && text != "administrator")
        return fail(ErrorCode::invalid_argument, "\"role\" must be viewer or administrator");
    return std::optional(text == "viewer" ? store::Role::viewer : store::Role::administrator);
}

} // namespace

void create_account(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto email = email_of(*body);
    auto name = name_of(*body);
    for (const auto *field : {&email, &name})
        if (!*field)
            return responder.respond(field->error());
    auto role = role_of(*body);
    if (!role)
        return responder.respond(role.error());
    const store::NewAccount account{*email, *name, store::no_password, role->value_or(store::Role::viewer)};
    as_administrator<Account>(
        services, request, responder,
        [account](pg::Connection &connection, const Holder &holder) {
            auto made = store::create_account(connection, account);
            if (made)
                log::info("account.created", {{"account", made->id}, {"by", holder.account_id}});
            return made;
        },
        answer_with_account(responder, 201));
}

void list_accounts(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto paging = paging_from(*request);
    if (!paging)
        return responder.respond(paging.error());
    as_administrator<store::AccountPage>(
        services, request, responder,
        [query = store::AccountQuery{query_parameter(*request, "q"), paging->limit, paging->cursor}](
            pg::Connection &connection, const Holder &) { return store::list_accounts(connection, query); },
        [responder](const store::AccountPage &page) {
            json::Writer writer;
            writer.begin_object().key("items").begin_array();
            for (const auto &account : page.accounts)
                write_account(writer, account);
            http::Response response = end_page(writer, page.next);
            response.headers.set("Cache-Control", "no-store");
            responder.respond(std::move(response));
        });
}

void change_account(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    store::AccountChange change;
    if (!(*body)["name"].is_null()) {
        auto name = name_of(*body);
        if (!name)
            return responder.respond(name.error());
        change.name = *name;
    }
    auto role = role_of(*body);
    if (!role)
        return responder.respond(role.error());
    change.role = *role;
    if (const auto disabled = (*body)["disabled"]; !disabled.is_null()) {
        change.disabled = disabled.boolean();
        if (!change.disabled)
            return responder.respond(
                Error{ErrorCode::invalid_argument, "\"disabled\" must be true or false", {}, 0});
    }
    as_administrator<Account>(
        services, request, responder,
        [change, id = request->params.find("id")->second](pg::Connection &connection, const Holder &holder) {
            log::info("account.changed", {{"account", id}, {"by", holder.account_id}});
            return store::change_account(connection, id, change);
        },
        answer_with_account(responder, 200));
}

void create_password_reset(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    const std::string token = random_hex(token_bytes);
    const std::int64_t life_s = services.accounts.settings.reset_life_s;
    as_administrator<std::string>(
        services, request, responder,
        [hash = sha256_hex(token), life_s, id = request->params.find("id")->second](
            pg::Connection &connection, const Holder &holder) -> Result<std::string> {
            log::info("account.reset_offered", {{"account", id}, {"by", holder.account_id}});
            return store::open_reset(connection, id, hash, life_s);
        },
        [responder, token](const std::string &expires_at) {
            json::Writer writer;
            writer.begin_object().member("token", token).member("expires_at", expires_at).end_object();
            responder.respond(private_json(201, writer));
        });
}

} // namespace butaca::gateway
