// SPDX-License-Identifier: LGPL-2.1-or-later
// What an administrator does with accounts.
#pragma once

#include <memory>

#include "src/gateway/services.h"

namespace butaca::gateway {

// POST /api/v1/admin/accounts {email, name, role?}: 201, without a password: a reset gives it one.
void create_account(Services &services, const std::shared_ptr<const http::Request> &request,
                    const http::Responder &responder);
// GET /api/v1/admin/accounts, PATCH /api/v1/admin/accounts/{id} {name, role, disabled}
void list_accounts(Services &services, const std::shared_ptr<const http::Request> &request,
                   const http::Responder &responder);
void change_account(Services &services, const std::shared_ptr<const http::Request> &request,
                    const http::Responder &responder);
// POST /api/v1/admin/accounts/{id}/password-reset: 201 {token, expires_at}
void create_password_reset(Services &services, const std::shared_ptr<const http::Request> &request,
                           const http::Responder &responder);

} // namespace butaca::gateway
