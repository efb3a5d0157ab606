// SPDX-License-Identifier: LGPL-2.1-or-later
// Routes as one table: method, pattern, limits, handler. A pattern's `{name}` matches one non-empty path
// segment.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/http/message.h"

namespace butaca::http {

// Answers at once, on the loop; must not block.
using Handler = std::function<Result<Response>(const Request &)>;
// Answers later through the Responder, on the loop.
using AsyncHandler = std::function<void(std::shared_ptr<const Request>, Responder)>;

struct Route {
    std::string method;  // GET answers HEAD as well
    std::string pattern; // "/s/{token}/{rendition}/{file}"
    std::variant<Handler, AsyncHandler> handler;
    std::size_t body_limit_bytes = 0;
    bool log_path = true; // false where the path carries a ticket: the log then holds the pattern
};

// Finds the row for a request. 404 `not_found` where no pattern fits; 405 with Allow where the method does
// not; OPTIONS is answered by the server (CORS preflight) for every pattern that exists.
class Router {
public:
    explicit Router(std::vector<Route> routes);

    struct Match {
        const Route *route = nullptr; // null: nothing fits
        std::map<std::string, std::string, std::less<>> params;
        std::vector<std::string> allowed; // methods of the patterns that fit the path
    };
    Match match(std::string_view method, std::string_view path) const;
    const std::vector<Route> &routes() const { return routes_; }

private:
    std::vector<Route> routes_;
};

} // namespace butaca::http
