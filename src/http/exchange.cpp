// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/exchange.h"

#include "src/base/log.h"
#include "src/http/problem.h"

namespace butaca::http {

namespace {

std::string joined(const std::vector<std::string> &words)
{
    std::string text;
    for (const std::string &word : words)
        text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

// A path that no route knows may still be a mistyped ticket: only its first segment is shown.
std::string shown_path(const Exchange &exchange)
{
    const Route *route = exchange.match.route;
    const std::string &path = exchange.request->path;
    if (route)
        return route->log_path ? path : route->pattern;
    const std::size_t second = path.find('/', 1);
    return second == std::string::npos ? path.substr(0, 32)
                                       : path.substr(0, std::min<std::size_t>(second, 32)) + "/…";
}

} // namespace

void Exchange::note_error(const Error &cause)
{
    error = to_string(cause.code);
    error_detail = cause.detail;
}

void open_exchange(Exchange &exchange, Core &core, RequestHead head)
{
    Request &request = *exchange.request;
    request.method = std::move(head.method);
    request.path = std::move(head.target.path);
    request.query = std::move(head.target.query);
    request.headers = std::move(head.headers);
    request.host = head.host.empty() ? core.authority : std::move(head.host);
    exchange.form = {request.method == "HEAD", head.http_1_0, head.keep_alive && !core.draining};
    exchange.match = core.router.match(request.method, request.path);
    request.params = std::move(exchange.match.params);
}

std::optional<Response> answer_without_handler(const Exchange &exchange, const Core &core,
                                               std::uint64_t content_length)
{
    const Request &request = *exchange.request;
    const Router::Match &match = exchange.match;
    if (!match.route && request.method == "OPTIONS" && request.path == "*")
        return options_answer("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", core.settings.cross_origin);
    if (match.allowed.empty())
        return problem(Error{ErrorCode::not_found, "there is nothing at this address", {}, 0}, request.id,
                       exchange.language());
    if (!match.route && request.method == "OPTIONS")
        return options_answer(joined(match.allowed), core.settings.cross_origin);
    if (!match.route) {
        auto response =
            problem(405, "this address does not know the method", request.id, exchange.language());
        response.headers.set("Allow", joined(match.allowed));
        return response;
    }
    if (content_length > match.route->body_limit_bytes)
        return problem(Error{ErrorCode::too_large, "the body of the request is too large", {}, 0}, request.id,
                       exchange.language());
    return std::nullopt;
}

void log_exchange(const Exchange &exchange, std::string_view cut)
{
    const Request &request = *exchange.request;
    const auto took = std::chrono::steady_clock::now() - exchange.began;
    const auto took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
    const std::string path = request.path.empty() ? "-" : shown_path(exchange);
    const std::string method = request.method.empty() ? "-" : request.method;
    if (cut.empty() && exchange.error.empty()) {
        log::info("http.request", {{"id", request.id},
                                   {"peer", request.peer},
                                   {"method", method},
                                   {"path", path},
                                   {"status", exchange.status},
                                   {"sent_bytes", exchange.sent_bytes},
                                   {"took_ms", took_ms}});
        return;
    }
    log::info("http.request", {{"id", request.id},
                               {"peer", request.peer},
                               {"method", method},
                               {"path", path},
                               {"status", exchange.status},
                               {"sent_bytes", exchange.sent_bytes},
                               {"took_ms", took_ms},
                               {"cut", cut},
                               {"error", exchange.error},
                               {"detail", exchange.error_detail}});
}

} // namespace butaca::http
