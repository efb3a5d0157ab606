// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/sessions.h"

#include "src/base/encoding.h"
#include "src/base/log.h"
#include "src/gateway/access.h"
#include "src/gateway/account_answers.h"
#include "src/gateway/account_fields.h"

namespace butaca::gateway {

namespace {

using RequestPtr = std::shared_ptr<const http::Request>;
using store::Holder;

constexpr std::size_t token_bytes = 32;

// One log-in on its way through the database and the hashing threads.
struct LogIn {
    Services &services;
    RequestPtr request;
    http::Responder responder;
    std::string email;
    std::string password;
    std::string device;
    bool wants_cookie = false;

    std::string account_key() const
    {
        auto folded = adopt(g_utf8_casefold(email.data(), static_cast<gssize>(email.size())));
        return std::string("account ") + folded.get();
    }
    std::string client_key() const { return "client " + session::client_of(request->peer); }
};
using LogInPtr = std::shared_ptr<const LogIn>;

std::string cookie(const Services &services, const std::string &token, std::int64_t life_s)
{
    std::string text = std::string(session_cookie) + "=" + token +
                       "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(life_s);
    return services.public_url.starts_with("https:") ? text + "; Secure" : text;
}

void opened(const LogIn &log_in, const std::string &token, const store::Session &session)
{
    json::Writer writer;
    writer.begin_object().member("token", token).member("expires_at", session.expires_at);
    writer.member("id", session.id).end_object();
    http::Response response = private_json(201, writer);
    if (log_in.wants_cookie)
        response.headers.set(
            "Set-Cookie", cookie(log_in.services, token, log_in.services.accounts.settings.session_life_s));
    log_in.responder.respond(std::move(response));
}

// `hashed_anew`: the password at today's cost, "" when it is so already.
void open(const LogInPtr &log_in, const store::Credentials &credentials, const std::string &hashed_anew)
{
    const std::string token = random_hex(token_bytes);
    auto queued = log_in->services.database.call<store::Session>(
        [hash = sha256_hex(token), credentials, hashed_anew, device = log_in->device,
         life_s = log_in->services.accounts.settings.session_life_s](
            pg::Connection &connection) -> Result<store::Session> {
            if (!hashed_anew.empty())
                if (auto stored = store::rehash_password(connection, credentials, hashed_anew); !stored)
                    return fail(std::move(stored).error());
            return store::open_session(connection, credentials.account_id, hash, device, life_s);
        },
        [log_in, token](Result<store::Session> session) {
            session ? opened(*log_in, token, *session) : log_in->responder.respond(session.error());
        });
    if (!queued)
        log_in->responder.respond(queued.error());
}

void judged(const LogInPtr &log_in, const std::optional<store::Credentials> &credentials,
            const Result<session::Passwords::Verdict> &verdict)
{
    if (!verdict)
        return log_in->responder.respond(verdict.error());
    if (!verdict->matches || !credentials) {
        log::info("session.refused", {{"client", log_in->request->peer}, {"known", credentials.has_value()}});
        return log_in->responder.respond(
            Error{ErrorCode::unauthenticated, "the e-mail address or the password is wrong", {}, 0});
    }
    Services &services = log_in->services;
    services.accounts.attempts.succeeded(log_in->account_key());
    services.accounts.client_attempts.forgive(log_in->client_key());
    if (!verdict->outdated)
        return open(log_in, *credentials, "");
    services.accounts.passwords.hash(log_in->password,
                                     [log_in, credentials](const Result<std::string> &hash) {
                                         open(log_in, *credentials, hash ? *hash : "");
                                     });
}

void found(const LogInPtr &log_in, const Result<store::Credentials> &credentials)
{
    if (!credentials && credentials.error().code != ErrorCode::not_found)
        return log_in->responder.respond(credentials.error());
    std::optional<store::Credentials> known;
    std::optional<std::string> hash;
    if (credentials) {
        known = *credentials;
        // Without one it takes as long as with one.
        if (credentials->password_hash != store::no_password)
            hash = credentials->password_hash;
    }
    log_in->services.accounts.passwords.verify(
        hash, log_in->password, [log_in, known](const Result<session::Passwords::Verdict> &verdict) {
            judged(log_in, known, verdict);
        });
}

// What needs a session and answers nothing but that it was done.
void do_for_viewer(Services &services, const RequestPtr &request, const http::Responder &responder,
                   const std::function<Status(pg::Connection &, const Holder &)> &work,
                   const http::Response &response)
{
    as_viewer<Nothing>(
        services, request, responder,
        [work](pg::Connection &connection, const Holder &holder) -> Result<Nothing> {
            auto done = work(connection, holder);
            return done ? Result<Nothing>(Nothing()) : fail(std::move(done).error());
        },
        [responder, response](Nothing) { responder.respond(response); });
}

} // namespace

void log_in(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    auto body = object_of(*request);
    if (!body)
        return responder.respond(body.error());
    auto email = email_of(*body);
    if (!email)
        return responder.respond(email.error());
    auto password = text_of(*body, "password", account_body_limit_bytes);
    if (!password)
        return responder.respond(password.error());
    const bool wants_cookie = (*body)["cookie"].boolean_or(false);
    // Another site could put a visitor into an account of its own, and read what is done there.
    if (wants_cookie && !comes_from_our_page(*request, services.public_url))
        return responder.respond(
            Error{ErrorCode::forbidden, "a cookie is given to our own page only", {}, 0});
    auto log_in = std::make_shared<const LogIn>(
        LogIn{services, request, responder, *email, *password, device_of(*body, *request), wants_cookie});
    for (auto [attempts, key] : {std::pair{&services.accounts.client_attempts, log_in->client_key()},
                                 std::pair{&services.accounts.attempts, log_in->account_key()}})
        if (auto begun = attempts->begin(key); !begun)
            return responder.respond(begun.error());
    auto queued = services.database.call<store::Credentials>(
        [email = *email](pg::Connection &connection) { return store::find_credentials(connection, email); },
        [log_in](const Result<store::Credentials> &credentials) { found(log_in, credentials); });
    if (!queued)
        responder.respond(queued.error());
}

void log_out(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    http::Response response = no_content();
    if (request->headers.get("Cookie"))
        response.headers.set("Set-Cookie", cookie(services, "", 0));
    do_for_viewer(
        services, request, responder,
        [](pg::Connection &connection, const Holder &holder) {
            return store::end_session(connection, holder.account_id, holder.session_id);
        },
        response);
}

void list_sessions(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    struct Own {
        std::vector<store::Session> sessions;
        std::string current;
    };
    as_viewer<Own>(
        services, request, responder,
        [](pg::Connection &connection, const Holder &holder) -> Result<Own> {
            auto sessions = store::list_sessions(connection, holder.account_id);
            return sessions ? Result<Own>(Own{std::move(*sessions), holder.session_id})
                            : fail(std::move(sessions).error());
        },
        [responder](const Own &own) {
            json::Writer writer;
            writer.begin_object().key("items").begin_array();
            for (const auto &session : own.sessions) {
                writer.begin_object();
                write_session_members(writer, session);
                writer.member("current", session.id == own.current).end_object();
            }
            writer.end_array().end_object();
            responder.respond(private_json(200, writer));
        });
}

void end_session(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    do_for_viewer(
        services, request, responder,
        [id = request->params.find("id")->second](pg::Connection &connection, const Holder &holder) {
            return store::end_session(connection, holder.account_id, id);
        },
        no_content());
}

void end_other_sessions(Services &services, const RequestPtr &request, const http::Responder &responder)
{
    do_for_viewer(
        services, request, responder,
        [](pg::Connection &connection, const Holder &holder) {
            return store::end_other_sessions(connection, holder.account_id, holder.session_id);
        },
        no_content());
}

} // namespace butaca::gateway
