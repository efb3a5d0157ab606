// SPDX-License-Identifier: LGPL-2.1-or-later
// Accounts: signing up, what is one's own, and passwords.
#pragma once

#include <memory>

#include "src/gateway/services.h"

namespace butaca::gateway {

// POST /api/v1/accounts {email, password, name}: 201 {id, email, name}; 409 when the address is taken; 403
// where the administrator makes the accounts.
void sign_up(Services &services, const std::shared_ptr<const http::Request> &request,
             const http::Responder &responder);
// GET, PATCH {name}, DELETE {password} of /api/v1/me
void show_me(Services &services, const std::shared_ptr<const http::Request> &request,
             const http::Responder &responder);
void change_me(Services &services, const std::shared_ptr<const http::Request> &request,
               const http::Responder &responder);
void delete_me(Services &services, const std::shared_ptr<const http::Request> &request,
               const http::Responder &responder);
// GET /api/v1/me/export: all that is stored about the account.
void export_me(Services &services, const std::shared_ptr<const http::Request> &request,
               const http::Responder &responder);
// PUT /api/v1/me/password {password, new_password}: 204, and all other sessions end.
void change_password(Services &services, const std::shared_ptr<const http::Request> &request,
                     const http::Responder &responder);
// PUT /api/v1/password-resets {token, password}: 204, and all sessions end.
void use_password_reset(Services &services, const std::shared_ptr<const http::Request> &request,
                        const http::Responder &responder);

} // namespace butaca::gateway
