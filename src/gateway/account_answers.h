// SPDX-License-Identifier: LGPL-2.1-or-later
// Answers about people: for one person's eyes, so nobody may keep them.
#pragma once

#include <functional>

#include "src/base/json.h"
#include "src/http/message.h"
#include "store/accounts.h"

namespace butaca::gateway {

http::Response private_json(int status, json::Writer &writer);
http::Response no_content();

// The account as an object.
void write_account(json::Writer &writer, const store::Account &account);
// What answers a request with an account.
std::function<void(store::Account)> answer_with_account(const http::Responder &responder, int status);

} // namespace butaca::gateway
