// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/gateway/access.h"

#include <optional>

#include "src/base/encoding.h"

namespace butaca::gateway {

namespace {

constexpr std::size_t token_digits = 64;

// The value of our cookie in "a=b; butaca_session=c" (RFC 6265, 5.4).
std::optional<std::string_view> cookie_in(std::string_view header)
{
    while (!header.empty()) {
        const std::size_t end = std::min(header.find(';'), header.size());
        std::string_view pair = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        while (pair.starts_with(' '))
            pair.remove_prefix(1);
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == session_cookie)
            return pair.substr(equals + 1);
    }
    return std::nullopt;
}

bool changes_something(const http::Request &request)
{
    return request.method != "GET" && request.method != "HEAD";
}

} // namespace

bool comes_from_our_page(const http::Request &request, const std::string &public_url)
{
    if (auto site = request.headers.get("Sec-Fetch-Site"))
        return *site == "same-origin";
    const auto origin = request.headers.get("Origin");
    if (!origin)
        return false;
    if (!public_url.empty())
        return *origin == public_url;
    return *origin == "http://" + request.host || *origin == "https://" + request.host;
}

Result<std::string> token_hash_of(const http::Request &request, const std::string &public_url)
{
    constexpr std::string_view scheme = "bearer ";
    const std::string_view said = request.headers.get("Authorization").value_or("");
    if (said.size() > scheme.size() && g_ascii_strncasecmp(said.data(), scheme.data(), scheme.size()) == 0)
        return sha256_hex(said.substr(scheme.size()));
    const auto cookie = cookie_in(request.headers.get("Cookie").value_or(""));
    if (!cookie || cookie->size() != token_digits)
        return fail(ErrorCode::unauthenticated, "this needs an account: log in first");
    if (changes_something(request) && !comes_from_our_page(request, public_url))
        return fail(ErrorCode::forbidden, "this does not come from our own page");
    return sha256_hex(*cookie);
}

} // namespace butaca::gateway
