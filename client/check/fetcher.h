// SPDX-License-Identifier: LGPL-2.1-or-later
// Fetches for a check: follows redirects and says so, undoes gzip, bounds size and time. Belongs to the loop.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/check/playlist.h"
#include "src/http/client.h"

namespace butaca::client::check {

struct Wish {
    std::string method = "GET";
    std::string url;
    Range range; // size 0: all
    bool gzip = false;
    std::size_t limit_bytes = 0;
};

struct Fetched {
    int status = 0; // 0: no answer came, see trouble
    std::string trouble;
    http::Headers headers;
    std::string body; // gzip undone
    bool was_gzip = false;
    std::string url;         // where it came from in the end
    std::string redirect_to; // the first one's Location; empty without redirects

    bool is_whole() const { return status == 200; }
    // Without parameters, in lower case: "video/mp4". Empty when there is none.
    std::string media_type() const;
};

class Fetcher {
public:
    Fetcher(http::Headers headers, std::chrono::milliseconds timeout);
    // Calls back once, not from within. Nothing is called any more after destruction.
    void fetch(Wish wish, std::function<void(Fetched)> done);
    std::size_t running() const { return running_.size(); }

private:
    struct Running;
    void send(const std::shared_ptr<Running> &one);
    void answered(const std::shared_ptr<Running> &one, Result<http::Reply> reply);
    void end(const std::shared_ptr<Running> &one);

    http::Headers headers_;
    std::chrono::milliseconds timeout_;
    http::Client client_;
    std::map<Running *, std::shared_ptr<Running>> running_;
};

// RFC 3986, 5.2. Nothing unless the result is a URL of HTTP or HTTPS.
std::optional<std::string> resolve(const std::string &base, const std::string &reference);

// The bytes behind gzip (RFC 1952); nothing when they are none, or more than the limit.
std::optional<std::string> gunzip(std::string_view bytes, std::size_t limit_bytes);

// Is the host of this URL the machine itself?
bool is_loopback(const std::string &url);

} // namespace butaca::client::check
