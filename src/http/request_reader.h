// SPDX-License-Identifier: LGPL-2.1-or-later
// Takes requests off the bytes of a connection, one after another, in whatever pieces they arrive. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/http/head.h"

namespace butaca::http {

class RequestReader {
public:
    void feed(std::string_view bytes) { input_.append(bytes); }
    void clear();
    std::size_t size_bytes() const { return input_.size(); }

    // Is there any byte of a further request? Empty lines do not count (RFC 9112, 2.2) and are dropped.
    bool has_begun();
    // The next head, nothing while it is incomplete, or why it is refused (see head.h).
    Parsed<std::optional<RequestHead>> take_head(std::size_t limit_bytes);
    // The body that follows it; nothing while it is incomplete.
    std::optional<std::string> take_body(std::size_t body_bytes);

private:
    std::string input_;
    std::size_t scanned_ = 0;
};

} // namespace butaca::http
