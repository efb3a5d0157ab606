// SPDX-License-Identifier: LGPL-2.1-or-later
// Who asks? A session's token comes as a bearer, or as the cookie of the web page, which scripts cannot read.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/gateway/services.h"
#include "store/sessions.h"

namespace butaca::gateway {

inline constexpr const char *session_cookie = "butaca_session";

// Does it come from our own page, and not from another site? Browsers say where a request comes from; one
// that says nothing is not believed.
bool comes_from_our_page(const http::Request &request, const std::string &public_url);

// What a request's token is stored under. `unauthenticated` without one. `forbidden` when a cookie would
// change something and the request does not come from our own page: browsers add cookies to whatever another
// site sends.
Result<std::string> token_hash_of(const http::Request &request, const std::string &public_url);

// Stands for no value.
struct Nothing {};

// Runs `work` on the database for the holder of the request's token, and `done` on the loop with what it
// gave. Every failure is answered here: 401 without a session that holds.
template <typename T>
void as_viewer(Services &services, const std::shared_ptr<const http::Request> &request,
               const http::Responder &responder,
               std::function<Result<T>(pg::Connection &, const store::Holder &)> work,
               std::function<void(T)> done)
{
    auto hash = token_hash_of(*request, services.public_url);
    if (!hash)
        return responder.respond(hash.error());
    auto queued = services.database.call<T>(
        [hash = *hash, life_s = services.accounts.settings.session_life_s,
         work = std::move(work)](pg::Connection &connection) -> Result<T> {
            auto holder = store::authenticate(connection, hash, life_s);
            if (!holder)
                return fail(std::move(holder).error());
            return work(connection, *holder);
        },
        [responder, done = std::move(done)](Result<T> given) {
            given ? done(std::move(*given)) : responder.respond(given.error());
        });
    if (!queued)
        responder.respond(queued.error());
}

// The same for administrators; 403 for others.
template <typename T>
void as_administrator(Services &services, const std::shared_ptr<const http::Request> &request,
                      const http::Responder &responder,
                      std::function<Result<T>(pg::Connection &, const store::Holder &)> work,
                      std::function<void(T)> done)
{
    as_viewer<T>(
        services, request, responder,
        [work = std::move(work)](pg::Connection &connection, const store::Holder &holder) -> Result<T> {
            if (holder.role != store::Role::administrator)
                return fail(ErrorCode::forbidden, "only an administrator may do this");
            return work(connection, holder);
        },
        std::move(done));
}

} // namespace butaca::gateway
