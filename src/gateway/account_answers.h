// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers about people: for one person's eyes, so nobody may keep them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/base/json.h"
#include "src/http/message.h"
#include "store/accounts.h"
#include "store/sessions.h"

namespace butaca::gateway {

http::Response private_json(int status, json::Writer &writer);
http::Response no_content();

// The account as an object, and what is in it.
void write_account(json::Writer &writer, const store::Account &account);
void write_account_members(json::Writer &writer, const store::Account &account);
// What is in the object of a session.
void write_session_members(json::Writer &writer, const store::Session &session);
// {amount, currency}, in minor units.
void write_money(json::Writer &writer, std::int64_t amount_minor, const std::string &currency);
// What answers a request with an account.
std::function<void(store::Account)> answer_with_account(const http::Responder &responder, int status);

} // namespace butaca::gateway
