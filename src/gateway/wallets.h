// SPDX-License-Identifier: LGPL-2.1-or-later
// What accounts have to spend.
#pragma once

#include <memory>

#include "src/base/json.h"
#include "src/gateway/services.h"
#include "store/ledger.h"

namespace butaca::gateway {

void write_wallet_entry(json::Writer &writer, const store::WalletEntry &entry);

// GET /api/v1/me/wallet: the balance, and what moved it, the last first.
void show_wallet(Services &services, const std::shared_ptr<const http::Request> &request,
                 const http::Responder &responder);
// POST /api/v1/admin/accounts/{id}/credit {amount, currency, note?}: 201 {balance}
void give_credit(Services &services, const std::shared_ptr<const http::Request> &request,
                 const http::Responder &responder);

} // namespace butaca::gateway
