// SPDX-License-Identifier: LGPL-2.1-or-later
#include "src/http/router.h"

#include <algorithm>

namespace butaca::http {

namespace {

using Params = std::map<std::string, std::string, std::less<>>;

std::string_view next_segment(std::string_view &path)
{
    path.remove_prefix(1); // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    return segment;
}

bool fits(std::string_view pattern, std::string_view path, Params &params)
{
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = next_segment(pattern);
        const std::string_view given = next_segment(path);
        const bool is_name = wanted.size() > 2 && wanted.front() == '{' && wanted.back() == '}';
        if (is_name && !given.empty())
            params.emplace(wanted.substr(1, wanted.size() - 2), given);
        else if (is_name || wanted != given)
            return false;
    }
    return pattern.empty() && path.empty();
}

void allow(std::vector<std::string> &allowed, std::string_view method)
{
    if (std::find(allowed.begin(), allowed.end(), method) == allowed.end())
        allowed.emplace_back(method);
}

} // namespace

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {}

Router::Match Router::match(std::string_view method, std::string_view path) const
{
    Match match;
    if (!path.starts_with('/'))
        return match;
    for (const Route &route : routes_) {
        Params params;
        if (!fits(route.pattern, path, params))
            continue;
        allow(match.allowed, route.method);
        if (route.method == "GET")
            allow(match.allowed, "HEAD");
        if (!match.route && (method == route.method || (method == "HEAD" && route.method == "GET"))) {
            match.route = &route;
            match.params = std::move(params);
        }
    }
    if (!match.allowed.empty())
        allow(match.allowed, "OPTIONS");
    return match;
}

} // namespace butaca::http
