// SPDX-License-Identifier: LGPL-2.1-or-later
// Logging in and out, and the sessions of an account.
#pragma once

#include <memory>

#include "src/gateway/services.h"

namespace butaca::gateway {

// POST /api/v1/sessions {email, password, device?, cookie?}: 201 {token, expires_at}. A wrong password and an
// unknown address get the same answer after the same time. With "cookie": true the token comes as a cookie as
// well.
void log_in(Services &services, const std::shared_ptr<const http::Request> &request,
            const http::Responder &responder);
// DELETE /api/v1/sessions/current
void log_out(Services &services, const std::shared_ptr<const http::Request> &request,
             const http::Responder &responder);
// GET /api/v1/sessions
void list_sessions(Services &services, const std::shared_ptr<const http::Request> &request,
                   const http::Responder &responder);
// DELETE /api/v1/sessions/{id}
void end_session(Services &services, const std::shared_ptr<const http::Request> &request,
                 const http::Responder &responder);
// DELETE /api/v1/sessions: all but the one that asks.
void end_other_sessions(Services &services, const std::shared_ptr<const http::Request> &request,
                        const http::Responder &responder);

} // namespace butaca::gateway
